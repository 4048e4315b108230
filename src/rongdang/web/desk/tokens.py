"""One's own access tokens: for programmes that work in one's name."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts import tokens
from rongdang.base.accounts.models import AccessToken
from rongdang.web.desk import entering
from rongdang.web.desk.access import SignedInRequest, fetch
from rongdang.web.desk.forms import named_id

DAYS = (7, 30, 90, 366)


@require_http_methods(["GET", "POST"])
@entering.require_recent_factor
def own(request: SignedInRequest) -> HttpResponse:
    """Make one, see it this once, withdraw one; only after proving who one is."""
    shown = ""
    if request.method == "POST" and request.POST.get("what") == "withdraw":
        rows = AccessToken.objects.visible_to(request.user).live().select_related("user")
        tokens.withdraw(fetch(rows, named_id(request, "token")), acting_user=request.user)
        messages.success(request, gettext("令牌已收回，马上失效。"))
        return redirect("tokens")
    if request.method == "POST":
        days = request.POST.get("days", "")
        _token, shown = tokens.make(
            request.user,
            name=request.POST.get("name", ""),
            scopes=request.POST.getlist("scopes"),
            days=int(days) if days.isdecimal() and len(days) < 5 else 0,
            acting_user=request.user,
        )
    context = {
        "shown": shown,
        "held": AccessToken.objects.visible_to(request.user).live(),
        "scopes": tokens.SCOPES,
        "days": DAYS,
    }
    return render(request, "registration/tokens.html", context)
