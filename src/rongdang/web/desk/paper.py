"""A drawn PDF as the answer: shown in the browser, saved under a name every system takes."""

from __future__ import annotations

from django.http import HttpResponse


def pdf(data: bytes, name: str) -> HttpResponse:
    ascii_name = name.replace("·", "-")
    return HttpResponse(
        data,
        content_type="application/pdf",
        headers={"Content-Disposition": f'inline; filename="{ascii_name}.pdf"'},
    )
