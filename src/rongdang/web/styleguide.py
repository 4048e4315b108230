"""Every part of the interface on one page, with real words: for eyes and for the axe tests."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

COLOURS = (
    "page",
    "surface",
    "sunken",
    "ink",
    "ink2",
    "ink3",
    "line",
    "edge",
    "pine",
    "pine-soft",
    "cinnabar",
    "cinnabar-soft",
    "ochre",
    "ochre-soft",
    "indigo",
    "indigo-soft",
    "g1",
    "g2",
    "g3",
    "g4",
    "g5",
)
ICONS = (
    "home",
    "in",
    "scan",
    "list",
    "box",
    "search",
    "loan",
    "move",
    "chat",
    "chart",
    "shield",
    "settings",
    "go",
    "back",
    "pen",
    "users",
    "folder",
    "clock",
    "warn",
    "ok",
    "print",
    "plus",
    "minus",
    "turn",
    "fit",
    "eye",
    "qr",
    "bars",
    "down",
    "up",
    "retry",
    "split",
    "merge",
    "dot",
    "lock",
    "text",
    "key",
    "unit",
)


ASKS = (
    ("sure", 0.98, ""),
    ("check", 0.74, "“三”字像“五”"),
    ("unsure", 0.31, "压在印章下"),
)


@require_safe
def show(request: HttpRequest) -> HttpResponse:
    return render(request, "styleguide.html", {"colours": COLOURS, "icons": ICONS, "asks": ASKS})
