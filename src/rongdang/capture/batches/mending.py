"""A person mends what went wrong with pages and files: scan anew, read again, open again."""

from __future__ import annotations

from typing import BinaryIO

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError
from rongdang.base.ledger.services import record
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.batches.services import receive_file
from rongdang.capture.batches.states import ScanState, UploadState

REPLACEABLE = (ScanState.FAILED, ScanState.RESCAN, ScanState.READ, ScanState.BLANK)


def replace_page(scan: Scan, *, name: str, data: BinaryIO, size: int, acting_user: User) -> Upload:
    """A sheet was scanned anew: the new page is read, then takes the old one's place.

    Until then the old page stays to be seen. A page stopped as secret may be scanned anew only
    once the security officer has cleared it.
    """
    cleared = scan.state == ScanState.SECRET and scan.cleared
    if scan.state not in REPLACEABLE and not cleared:
        raise ConflictError(
            f"这一页现在是“{ScanState(scan.state).label}”，不能换成新扫的页。没有改动。",
            f"This page is “{scan.state}” and cannot be scanned anew. Nothing changed.",
            hint_zh="涉密标志请先由安全保密员处置；已归卷的请在档案里更正。",
            hint_en="Marks of secrets are settled by the security officer first; filed pages are "
            "corrected in the file.",
            code="not-replaceable",
        )
    return receive_file(
        scan.batch, name=name, data=data, size=size, acting_user=acting_user, replaces=scan
    )


@transaction.atomic
def read_again(scan: Scan, *, acting_user: User) -> Scan:
    """Let the machine try once more on a page it could not read."""
    require(acting_user, Permission.BATCH_UPLOAD, scan.batch.scope)
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state != ScanState.FAILED or scan.original_id is None:
        raise ConflictError(
            "这一页没有可以再读的图像，没有改动。",
            "There is no image of this page to read again; nothing changed.",
            hint_zh="请重新扫描这一页。",
            hint_en="Scan the page again.",
        )
    scan.state, scan.reason_zh, scan.reason_en = ScanState.WAITING, "", ""
    scan.save(update_fields=["state", "reason_zh", "reason_en"])
    record("scan:retry", actor=acting_user, subject=scan)
    return scan


@transaction.atomic
def read_all_again(batch: Batch, *, acting_user: User) -> int:
    """Once more on every page of the batch the machine could not read; how many there are.

    For the day the engine was out of order: nobody should have to ask page by page.
    """
    require(acting_user, Permission.BATCH_UPLOAD, batch.scope)
    failed = batch.scans.filter(state=ScanState.FAILED, original__isnull=False)
    return len([read_again(scan, acting_user=acting_user) for scan in failed.order_by("pk")])


@transaction.atomic
def open_again(upload: Upload, *, acting_user: User) -> Upload:
    """Let the machine try once more on a file whose opening broke off."""
    require(acting_user, Permission.BATCH_UPLOAD, upload.batch.scope)
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    whole = upload.stored is not None and upload.stored.shredded_at is None
    if upload.state != UploadState.REFUSED or not whole or upload.batch.state == "done":
        raise ConflictError(
            "这个文件没有留存，或不用再开，没有改动。",
            "This file was not kept, or need not be opened again; nothing changed.",
            hint_zh="请重新交这个文件。",
            hint_en="Hand the file in again.",
        )
    upload.state, upload.reason_zh, upload.reason_en = UploadState.STORED, "", ""
    upload.save(update_fields=["state", "reason_zh", "reason_en"])
    record("upload:retry", actor=acting_user, subject=upload)
    return upload
