"""The gate for state secrets on the officers' desk: shut, or opened by two for some hours."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.roles import Permission
from rongdang.base.gate import services as gate
from rongdang.base.gate.models import GateOpening
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.entering import require_recent_factor
from rongdang.web.desk.forms import named_id

SHOWN = 20


@require_http_methods(["GET", "POST"])
@holding(Permission.SECRET_GATE)
@require_recent_factor
def gate_desk(request: SignedInRequest) -> HttpResponse:
    """One officer proposes, another decides, either shuts it before its end."""
    if request.method == "POST":
        _act(request)
        messages.success(request, gettext("已经办好。"))
        return redirect("officers:gate")
    rows = GateOpening.objects.visible_to(request.user)
    context = {
        "open": gate.in_force(),
        "waiting": rows.filter(state="proposed").select_related("proposed_by").first(),
        "past": rows.exclude(state="proposed").select_related(
            "proposed_by", "decided_by", "shut_by"
        )[:SHOWN],
        "least": gate.LEAST_REASON,
        "most": gate.MOST_HOURS,
    }
    return render(request, "gate/desk.html", context)


def _act(request: SignedInRequest) -> None:
    what, user = request.POST.get("what", ""), request.user
    if what in ("approve", "refuse"):
        gate.decide(_opening(request), agreed=what == "approve", acting_user=user)
    elif what == "shut":
        gate.shut(_opening(request), acting_user=user)
    else:
        hours = request.POST.get("hours", "")
        gate.propose(
            reason=request.POST.get("reason", ""),
            hours=int(hours) if hours.isdecimal() and len(hours) < 4 else 0,
            acting_user=user,
        )


def _opening(request: SignedInRequest) -> GateOpening:
    rows = GateOpening.objects.visible_to(request.user)
    return fetch(rows, named_id(request, "opening"))
