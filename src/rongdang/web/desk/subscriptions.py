"""One's own subscriptions: which programmes outside are sent what changed of the files one may see."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.queries import size
from rongdang.provide.changes import delivering, subscribing
from rongdang.provide.changes.kinds import kinds
from rongdang.provide.changes.models import Subscription
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.entering import require_recent_factor
from rongdang.web.desk.forms import named_id

ACTS = {"pause": subscribing.pause, "resume": subscribing.resume, "end": subscribing.end}


@require_http_methods(["GET", "POST"])
@holding(Permission.PERSON_EXPORT)
@require_recent_factor
def own(request: SignedInRequest) -> HttpResponse:
    """Make one and see its secret this once; pause, resume, end one."""
    shown = ""
    act = ACTS.get(request.POST.get("what", ""))
    if act is not None:
        rows = Subscription.objects.visible_to(request.user)
        act(fetch(rows, named_id(request, "subscription")), acting_user=request.user)
        messages.success(request, gettext("已经办好。"))
        return redirect("subscriptions")
    if request.method == "POST":
        _made, shown = subscribing.subscribe(
            name=request.POST.get("name", ""),
            url=request.POST.get("url", ""),
            from_start=request.POST.get("from") == "start",
            acting_user=request.user,
        )
    end = size()
    held = [
        {"row": row, "behind": max(end - row.after, 0)}
        for row in Subscription.objects.visible_to(request.user)
    ]
    context = {
        "shown": shown,
        "held": held,
        "kinds": kinds().values(),
        "header": delivering.SIGNATURE,
    }
    return render(request, "changes/own.html", context)
