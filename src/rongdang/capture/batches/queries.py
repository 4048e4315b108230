"""Questions about what was handed in: what must be scanned again, and what was stopped."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Q

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger import queries as ledger
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.models import within
from rongdang.capture.batches.models import Batch, Scan, ScanQuerySet, Tray, Upload
from rongdang.capture.batches.states import TO_MEND, UNOPENED, BatchState, ScanState, UploadState
from rongdang.describe.casefiles.models import Item, Page

BAD_FILES = (UploadState.REFUSED, UploadState.PARTIAL)


def reject_list(user: User, *, unit: str = "") -> ScanQuerySet:
    """Pages to be scanned again, oldest batch first: not read, sent back, or below the standard.

    Each carries its reasons in words; what quality alone asks for is still in review and may be
    confirmed as it is, if a person says so.
    """
    poor = Q(state__in=[ScanState.READ, ScanState.BLANK], batch__state=BatchState.REVIEW) & ~Q(
        reason_zh=""
    )
    rows = Scan.objects.visible_to(user).filter(Q(state__in=TO_MEND) | poor)
    if unit:
        rows = rows.filter(within("batch__scope", [unit]))
    return rows.select_related("batch__unit", "upload").defer("layer").order_by("batch", "pk")


def bad_files(user: User) -> Sequence[Upload]:
    """Files of which nothing, or not all, could be taken: what was refused says why."""
    rows = Upload.objects.visible_to(user).filter(state__in=BAD_FILES)
    return list(rows.select_related("batch").order_by("-pk")[:100])


def secret_stops(user: User) -> ScanQuerySet:
    """Pages stopped for marks of state secrets, for the security officer: never an image."""
    mine = within("batch__scope", user.scopes(Permission.SECRET_SETTLE))
    return (
        Scan.objects.filter(mine, state=ScanState.SECRET)
        .select_related("batch__unit", "batch__declared_by", "upload", "settled_by", "original")
        .defer("layer")
        .order_by("-pk")
    )


def suspected_pages(user: User) -> Sequence[Page]:
    """Filed pages on which a mark was seen later, for the security officer: place, never words."""
    told = Entry.objects.filter(event="page:suspect-secret").values_list("subject_id", flat=True)
    mine = within("item__case_file__scope", user.scopes(Permission.SECRET_SETTLE))
    rows = Page.objects.filter(mine, pk__in=set(told)).defer("layer")
    return list(rows.select_related("item__case_file__custodian").order_by("pk")[:100])


def destroyed_pages(user: User) -> list[tuple[Item, int]]:
    """Materials in files that lost a page to a mark, with the page's number: place, never words."""
    stops = list(Entry.objects.filter(event="item:stop-secret").order_by("-seq")[:100])
    mine = within("case_file__scope", user.scopes(Permission.SECRET_SETTLE))
    items = Item.objects.filter(mine, pk__in={stop.subject_id for stop in stops})
    held = {str(item.pk): item for item in items.select_related("case_file")}
    return [
        (held[stop.subject_id], int(str(ledger.detail_of(stop).get("page", 0))))
        for stop in stops
        if stop.subject_id in held
    ]


def waits_for_mending(batch: Batch) -> bool:
    """Does a page of this batch still have to be read, scanned again or set aside?"""
    return (
        Scan.objects.filter(Q(state__in=TO_MEND) | Q(state=ScanState.WAITING), batch=batch).exists()
        or Upload.objects.filter(batch=batch, state__in=UNOPENED).exists()
    )


def troubled_trays(user: User) -> Sequence[Tray]:
    """Watched trays that take nothing in, with the reason."""
    rows = Tray.objects.visible_to(user).exclude(trouble_zh="").select_related("unit", "opened_by")
    return list(rows.order_by("unit__path"))
