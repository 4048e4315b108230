"""Coming in and going out: password, then what `entering` still asks for; every try is on record."""

from __future__ import annotations

import unicodedata

from django.conf import settings
from django.contrib.auth import authenticate, logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from rongdang.base.accounts import lockout, sessions
from rongdang.base.accounts.models import User
from rongdang.web.desk import entering


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def enter(request: HttpRequest) -> HttpResponse:
    """Five failures shut the door for a quarter of an hour (`lockout`)."""
    if request.user.is_authenticated:
        return redirect("home")
    onward = request.POST.get("next", request.GET.get("next", ""))
    context = {"next": onward, "elsewhere": settings.OIDC[0]["name"] if settings.OIDC else ""}
    if request.method != "POST":
        return render(request, "registration/login.html", context)
    name = unicodedata.normalize("NFKC", request.POST.get("username", "")).strip()[:64]
    address = entering.address_of(request)
    user = None
    if not lockout.shut(name, address):
        user = authenticate(request, username=name, password=request.POST.get("password", ""))
    if isinstance(user, User):
        return entering.begin(request, user, by="password", onward=onward)
    return refused(request, name, {**context, "failed": True, "username": name})


def refused(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    """The same words and the same work, whatever was wrong."""
    if sessions.refuse(name, address=entering.address_of(request)):
        return locked(request)
    return render(request, "registration/login.html", context)


def locked(request: HttpRequest) -> HttpResponse:
    context = {"minutes": settings.LOCK_MINUTES}
    return render(request, "registration/locked.html", context, status=429)


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Only by POST; says who went."""
    if isinstance(request.user, User):
        sessions.note_logout(request.user)
    logout(request)
    return redirect("login")
