"""Images of pages, decrypted for one reader at a time, sized and marked for him; every look is noted."""

from __future__ import annotations

import uuid

from django.http import HttpResponse
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.capture.batches.models import Scan
from rongdang.describe.access.marking import mark_for
from rongdang.describe.access.predicate import BY_ROLE, KEEP
from rongdang.describe.casefiles.models import Page
from rongdang.web.desk import opened
from rongdang.web.desk.access import NotSeenError, SignedInRequest, fetch, holding
from rongdang.web.shown import WIDTHS, page_answer

SMALL = 400  # a thumbnail
BEHIND_A_HIT = 900  # the page whose band a search shows


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
        raise NotSeenError(scan._meta.label_lower, scan_id)
    if width > SMALL:
        record_read("scan:see", actor=request.user, subject=scan)
    return page_answer(stored, width=width, mark=mark_for(request.user, KEEP))


@require_safe
@holding(Permission.CASEFILE_SEE)
def page_image(request: SignedInRequest, page_id: uuid.UUID, width: int) -> HttpResponse:
    """The image of a filed page for reading; one of middle size also behind what a search found."""
    return shown_page(request, page_id, width)


def shown_page(request: SignedInRequest, page_id: uuid.UUID, width: int) -> HttpResponse:
    pages = Page.objects.visible_to(request.user, BY_ROLE).select_related("optimised")
    page = fetch(pages.select_related("item__case_file").defer("layer"), page_id)
    purpose = opened.page_purpose(request, page, behind_a_hit=width <= BEHIND_A_HIT)
    if width > SMALL:
        record_read("page:see", actor=request.user, subject=page, detail=purpose.told)
    return page_answer(page.optimised, width=width, mark=mark_for(request.user, purpose))


@require_safe
@holding(Permission.CASEFILE_SEE)
def page_original(request: SignedInRequest, page_id: uuid.UUID) -> HttpResponse:
    """The master as it was scanned."""
    return shown_original(request, page_id)


def shown_original(request: SignedInRequest, page_id: uuid.UUID) -> HttpResponse:
    pages = Page.objects.visible_to(request.user, BY_ROLE).select_related("original")
    page = fetch(pages.select_related("item__case_file").defer("layer"), page_id)
    purpose = opened.page_purpose(request, page)
    record_read("page:see-original", actor=request.user, subject=page, detail=purpose.told)
    return page_answer(page.original, width=WIDTHS[-1], mark=mark_for(request.user, purpose))
