"""Theme, size and language, kept in cookies; the plain form works without script."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.views.decorators.http import require_POST

from rongdang.web.context import SIZES, THEMES

YEAR = 365 * 24 * 3600


@require_POST
def keep(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back to the page."""
    goal = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(goal, {request.get_host()}):
        goal = "/"
    response = HttpResponseRedirect(goal)
    chosen = {
        "theme": (request.POST.get("theme"), lambda value: value in THEMES),
        "size": (request.POST.get("size"), lambda value: value in SIZES),
        settings.LANGUAGE_COOKIE_NAME: (request.POST.get("language"), check_for_language),
    }
    for name, (value, allowed) in chosen.items():
        if value is not None and allowed(value):
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax")
    return response
