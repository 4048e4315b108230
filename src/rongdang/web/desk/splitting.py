"""Two people under one record: choose what is the other's, and he gets a record of his own."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import NotPermittedError
from rongdang.describe.access.predicate import KEEP, sees_whole
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.linkage.splitting import split
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.statements.models import Statement
from rongdang.web.desk import opened
from rongdang.web.desk.access import SignedInRequest, fetch, holding


@require_http_methods(["GET", "POST"])
@holding(Permission.PERSON_EDIT)
def split_person(request: SignedInRequest, person_id: uuid.UUID) -> HttpResponse:
    """Materials, rows of sources and declared facts, each with a box to tick."""
    people = Person.objects.visible_to(request.user).select_related("unit", "case_file")
    person = fetch(people, person_id)
    case_file: CaseFile | None = getattr(person, "case_file", None)
    if case_file is not None and opened.purpose_for(request.user, case_file) is None:
        return opened.ask(request, case_file)
    _must_see_all(request, person)
    if request.method == "POST":
        made = split(
            person,
            facts=_ids(request, "fact"),
            statements=_ids(request, "row"),
            items=_ids(request, "item"),
            reason=request.POST.get("reason", ""),
            acting_user=request.user,
        )
        messages.success(request, gettext("已拆成两条记录，可以在“合并与拆分”里撤回。"))
        return redirect("people:detail", made.other_id)
    items = Item.objects.visible_to(request.user, KEEP).filter(case_file__person=person)
    facts = Fact.objects.visible_to(request.user, KEEP).filter(person=person, page=None)
    rows = Statement.objects.visible_to(request.user).holding().filter(person=person)
    context = {
        "person": person,
        "items": items.order_by("category", "sequence"),
        "rows": rows.select_related("source").order_by("recorded_at"),
        "facts": facts.filter(state=FactState.CONFIRMED).order_by("field"),
    }
    return render(request, "pairs/split.html", context)


def _must_see_all(request: SignedInRequest, person: Person) -> None:
    """Whoever divides a record must see all of it, else something hidden would go the wrong way."""
    if not sees_whole(request.user, person.scope):
        raise NotPermittedError(
            "这个人有内容对您不开放，不能由您拆分；没有改动。",
            "Part of this record is withheld from you, so you cannot divide it; nothing changed.",
            hint_zh="请能看全部内容的同事来办。",
            hint_en="Ask a colleague who sees all of it.",
            code="not-whole",
        )


def _ids(request: SignedInRequest, name: str) -> list[uuid.UUID]:
    found = []
    for text in request.POST.getlist(name):
        try:
            found.append(uuid.UUID(text))
        except ValueError:
            found.append(uuid.UUID(int=0))  # nobody's: the service refuses the whole
    return found
