"""Images of pages, decrypted for one reader at a time, sized for his screen; every look is noted."""

from __future__ import annotations

import uuid
from functools import lru_cache

from django.http import Http404, HttpResponse
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.capture.batches.models import Scan
from rongdang.capture.imaging.shown import shown_jpeg
from rongdang.describe.casefiles.models import Page
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.web.desk.access import SignedInRequest, fetch, holding

WIDTHS = (160, 400, 900, 1600, 2480)


@require_safe
@holding(Permission.BATCH_SEE)
def scan_image(request: SignedInRequest, scan_id: uuid.UUID, width: int) -> HttpResponse:
    """The cleaned image of a page still on its way (the master, until it is cleaned)."""
    scans = (
        Scan.objects.visible_to(request.user).select_related("optimised", "original").defer("layer")
    )
    scan = fetch(scans, scan_id)
    stored = scan.optimised or scan.original
    if stored is None or scan.state == "secret":
        raise Http404
    if width > 400:
        record_read("scan:see", actor=request.user, subject=scan)
    return _answer(stored, width)


@require_safe
@holding(Permission.CASEFILE_SEE)
def page_image(request: SignedInRequest, page_id: uuid.UUID, width: int) -> HttpResponse:
    """The image of a filed page for reading."""
    pages = Page.objects.visible_to(request.user).select_related("optimised").defer("layer")
    page = fetch(pages, page_id)
    if width > 400:
        record_read("page:see", actor=request.user, subject=page)
    return _answer(page.optimised, width)


@require_safe
@holding(Permission.CASEFILE_SEE)
def page_original(request: SignedInRequest, page_id: uuid.UUID) -> HttpResponse:
    """The master as it was scanned."""
    pages = Page.objects.visible_to(request.user).select_related("original").defer("layer")
    page = fetch(pages, page_id)
    record_read("page:see-original", actor=request.user, subject=page)
    return _answer(page.original, WIDTHS[-1])


def _answer(stored: StoredObject, width: int) -> HttpResponse:
    fitting = next((known for known in WIDTHS if known >= width), WIDTHS[-1])
    response = HttpResponse(sized(str(stored.pk), fitting), content_type="image/jpeg")
    response["Cache-Control"] = "no-store"
    return response


@lru_cache(maxsize=64)
def sized(stored_id: str, width: int) -> bytes:
    """JPEG of a stored image, at most `width` pixels wide; in memory only, never on disk."""
    data = objects.read(StoredObject.objects.get(pk=stored_id))
    return shown_jpeg(data, width=width)
