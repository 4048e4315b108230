"""What a newer engine reads differently on filed pages: shown line by line, and marked as seen."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.services import record
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles import rereading
from rongdang.describe.casefiles.models import EarlierText
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import named_id

SHOWN = 30


@require_http_methods(["GET", "POST"])
@holding(Permission.CASEFILE_EDIT)
def text_changes(request: SignedInRequest) -> HttpResponse:
    """Pages whose text changed, those first on which a fact rests; POST marks one as seen."""
    rows = EarlierText.objects.visible_to(request.user, KEEP).filter(seen_by=None)
    if request.method == "POST":
        rereading.mark_seen(fetch(rows, named_id(request, "text")), acting_user=request.user)
        return redirect("people:changes")
    waiting = rows.exclude(changes=0).select_related(
        "page__item__case_file__person", "page__item__case_file__custodian"
    )
    shown = list(waiting.order_by("-until", "pk")[:SHOWN])
    with transaction.atomic():
        for earlier in shown:
            record("page:see-text", actor=request.user, subject=earlier.page, detail=KEEP.told)
    context = {
        "texts": [
            {
                "earlier": earlier,
                "page": earlier.page,
                "person": earlier.page.item.case_file.person,
                "changes": rereading.changes(bytes(earlier.layer), bytes(earlier.page.layer)),
                "doubted": rereading.unsettled_facts(earlier),
            }
            for earlier in shown
        ],
        "total": waiting.count(),
    }
    return render(request, "people/changes.html", context)
