"""Theme, size and language, kept in cookies; the plain form works without script."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
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
    languages = tuple(code for code, _name in settings.LANGUAGES)
    chosen = {
        "theme": (request.POST.get("theme"), THEMES),
        "size": (request.POST.get("size"), SIZES),
        settings.LANGUAGE_COOKIE_NAME: (request.POST.get("language"), languages),
    }
    for name, (value, allowed) in chosen.items():
        if value is not None and value in allowed:
            response.set_cookie(name, value, max_age=YEAR, samesite="Lax")
    return response
