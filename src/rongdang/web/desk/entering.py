"""The steps between a right password and an open session: second factor, password that is due.

Until the last step nobody is signed in: what has been proved waits in the session, five minutes.
"""

from __future__ import annotations

import time
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from rongdang.base.accounts import factors, passwords, sessions
from rongdang.base.accounts.models import User
from rongdang.base.accounts.session_store import BEGAN
from rongdang.web.desk.access import SignedInRequest, View, signed_in

ENTRY, FACTOR_AT = "entry", "factor_at"
WAITS_SECONDS = 300
Entry = dict[str, Any]


def address_of(request: HttpRequest) -> str:
    return str(request.META.get("REMOTE_ADDR", ""))


def begin(request: HttpRequest, user: User, *, by: str, onward: str = "") -> HttpResponse:
    """The first proof is given; `user.backend` says by whom.

    An account changed behind the system is refused here: the steps to come would seal the change.
    """
    if not sessions.is_intact(user):
        sessions.refuse_forged(user, address_of(request))
    entry: Entry = {
        "user": str(user.pk),
        "backend": getattr(user, "backend", "django.contrib.auth.backends.ModelBackend"),
        "by": [by],
        "next": inside(request, onward),
        "at": now(),
    }
    return go_on(request, user, entry)


def pending(request: HttpRequest) -> tuple[User, Entry] | None:
    """Who is on the way in, unless it took too long."""
    entry = request.session.get(ENTRY)
    if not entry or now() - entry["at"] > WAITS_SECONDS:
        return None
    user = User.objects.filter(pk=entry["user"], is_active=True).first()
    return (user, entry) if user else None


def prove(request: HttpRequest, user: User, entry: Entry, *, by: str) -> HttpResponse:
    """One more proof is given."""
    return go_on(request, user, {**entry, "by": [*entry["by"], by]})


def go_on(request: HttpRequest, user: User, entry: Entry) -> HttpResponse:
    """To the next step that is still missing, or in."""
    step = _step(user, entry["by"])
    if step:
        if ENTRY not in request.session:
            request.session.cycle_key()
        request.session[ENTRY] = entry
        return redirect(step)
    return _open(request, user, entry)


def _step(user: User, by: list[str]) -> str:
    if not set(by) & {"code", "passkey", "later"}:
        if factors.has_one(user):
            return "login-code"
        if factors.is_asked_of(user):
            return "login-factor"
    if by[0] == "password" and passwords.is_due(user):
        return "login-password"
    return ""


def _open(request: HttpRequest, user: User, entry: Entry) -> HttpResponse:
    sessions.open_session(user, address=address_of(request), by=entry["by"])
    request.session.flush()
    login(request, user, backend=entry["backend"])
    request.session[BEGAN] = request.session[FACTOR_AT] = now()
    return redirect(entry["next"])


def require_recent_factor(view: View) -> View:
    """Only for people who have proved who they are in the last minutes; others do so first.

    Guards both the form and what it posts: whoever lets the time pass over a form proves himself
    and fills it in again.
    """

    @wraps(view)
    def guarded(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if now() - request.session.get(FACTOR_AT, 0) <= settings.RECENT_FACTOR_SECONDS:
            return view(request, *args, **kwargs)
        place = request.get_full_path()
        address = f"{reverse('confirm')}?{urlencode({'next': place})}"
        answer = HttpResponse(status=204) if getattr(request, "htmx", False) else redirect(address)
        if getattr(request, "htmx", False):
            answer["HX-Redirect"] = address
        return answer

    return signed_in(guarded)


def inside(request: HttpRequest, address: str) -> str:
    """The address if it is one of ours, else home."""
    ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if ours else reverse("home")


def now() -> float:
    return time.time()
