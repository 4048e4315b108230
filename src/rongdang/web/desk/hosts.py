"""Machines outside the house on the officers' desk: proposed by one, allowed by another, ended by either."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.roles import Permission
from rongdang.base.hosts import services as hosts
from rongdang.base.hosts.models import AllowedHost, HostState
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.entering import require_recent_factor
from rongdang.web.desk.forms import named_id

SHOWN = 50


@require_http_methods(["GET", "POST"])
@holding(Permission.HOST_ALLOW)
@require_recent_factor
def hosts_desk(request: SignedInRequest) -> HttpResponse:
    """What may be connected to, what waits for the other officer, what is over."""
    if request.method == "POST":
        _act(request)
        messages.success(request, gettext("已经办好。"))
        return redirect("officers:hosts")
    rows = AllowedHost.objects.visible_to(request.user).select_related(
        "proposed_by", "decided_by", "ended_by"
    )
    over = (HostState.REFUSED, HostState.ENDED)
    context = {
        "waiting": rows.filter(state=HostState.PROPOSED),
        "allowed": rows.in_force(),
        "past": rows.filter(state__in=over)[:SHOWN],
        "least": hosts.LEAST_REASON,
    }
    return render(request, "hosts/desk.html", context)


def _act(request: SignedInRequest) -> None:
    what, user = request.POST.get("what", ""), request.user
    if what in ("approve", "refuse"):
        hosts.decide(_named(request), agreed=what == "approve", acting_user=user)
    elif what == "end":
        hosts.end(_named(request), acting_user=user)
    else:
        port = request.POST.get("port", "")
        hosts.propose(
            request.POST.get("host", ""),
            int(port) if port.isdecimal() and len(port) < 6 else 0,
            reason=request.POST.get("reason", ""),
            acting_user=user,
        )


def _named(request: SignedInRequest) -> AllowedHost:
    return fetch(AllowedHost.objects.visible_to(request.user), named_id(request, "host_id"))
