"""Answers when something is not there or went wrong, in words a person can act on."""

from __future__ import annotations

import logging
import secrets

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import resolve

from rongdang.base.accounts.models import User
from rongdang.base.alarms.denied import note_forbidden

log = logging.getLogger(__name__)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """Not there, or not for this person: the answer is the same."""
    if request.path.startswith("/api/"):
        from rongdang.web.api.problems import not_there

        return not_there()
    return render(request, "404.html", status=404)


def failed(request: HttpRequest) -> HttpResponse:
    """Our fault; a number joins what the person sees and what the log says."""
    number = secrets.token_hex(2).upper()
    log.error("answer 500 number %s for %s", number, request.path)
    return render(request, "500.html", {"number": number}, status=500)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """The form is too old or came from elsewhere; nothing was done, and of whom we know it is on record."""
    if isinstance(request.user, User):
        act = resolve(request.path_info).view_name
        note_forbidden(request.user, act=act, code="csrf")
    return render(request, "403.html", status=403)
