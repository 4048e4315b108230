"""Headers that keep archive pages inside this browser tab, and one answer for every refusal."""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language

from rongdang.base.alarms.denied import note_forbidden
from rongdang.base.alarms.refusals import AlarmingRefusalError, tell
from rongdang.base.durable import disk_trouble
from rongdang.base.errors import DomainError, NotPermittedError

# No inline script or style anywhere: a planted one does not run.
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
Answer = Callable[[HttpRequest], HttpResponse]
log = logging.getLogger(__name__)


class ArchiveHeaders:
    """Strict policy on every answer; nothing of an archive stays in a cache on the machine."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        if not request.path.startswith(settings.STATIC_URL):
            response.headers["Cache-Control"] = "no-store"
        return response


class SessionEnds:
    """An act of the person puts off the idle end of the session; a page that asks by itself does not.

    Pages that look again by themselves say so in the address (`tick`): someone who has left the
    room must not stay signed in by them.
    """

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = getattr(request, "session", None)
        # Asking whether the session was used does not use it.
        if session is not None and session.accessed and "tick" not in request.GET:
            try:
                session.prolong()
            except DatabaseError as error:  # a full disk: what was answered is answered
                if disk_trouble(error) is None:
                    raise
                log.warning("session not prolonged: %s", error)
        return response


class DomainErrors:
    """A refusal raised anywhere becomes one answer: page, fragment for htmx, or JSON."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(
        self, request: HttpRequest, exception: Exception
    ) -> HttpResponseBase | None:
        if isinstance(exception, AlarmingRefusalError):
            tell(exception)  # the view's transactions are undone by now
        if isinstance(exception, NotPermittedError) and request.user.is_authenticated:
            act = request.resolver_match.view_name if request.resolver_match else ""
            note_forbidden(request.user, act=act, code=exception.code)
        if isinstance(exception, DomainError):
            return answer(request, exception)
        trouble = disk_trouble(exception)
        if trouble is not None:
            log.error("the disk: %s", exception)
            return answer(request, trouble)
        return None


def answer(request: HttpRequest, error: DomainError) -> HttpResponse:
    """What happened, what it means for the data, what to do, in the form the asker reads."""
    if request.path.startswith("/api/"):
        from rongdang.web.api.problems import problem

        return problem(error)
    english = (get_language() or "").startswith("en")
    what, hint = (error.en, error.hint_en) if english else (error.zh, error.hint_zh)
    if "application/json" in request.headers.get("Accept", ""):
        told = {"code": error.code, "message": " ".join(filter(None, (what, hint)))}
        return JsonResponse(told, status=error.status)
    context = {"what": what, "hint": hint, "code": error.code}
    if getattr(request, "htmx", False):
        # htmx leaves 4xx answers aside, so the words go to the notices with a plain 200.
        response = render(request, "_problem.html", context)
        response["HX-Retarget"] = "#notices"
        response["HX-Reswap"] = "innerHTML"
        return response
    return render(request, "problem.html", context, status=error.status)
