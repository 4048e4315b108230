"""Nothing is opened before the virus scanner has passed it; where it cannot, the file waits."""

from __future__ import annotations

import datetime as dt
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django_tasks.base import Task

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.ledger.services import record
from rongdang.base.virus import ScannerDownError
from rongdang.capture.batches.models import Upload
from rongdang.capture.batches.services import announce_if_read
from rongdang.capture.batches.states import UNOPENED, UploadState
from rongdang.keep.objects import services as objects

AGAIN = dt.timedelta(minutes=2)


def passes(upload: Upload, again: Task[[str], None]) -> bool:
    """May the file be opened? If not, its state says so and, for want of a scanner, `again` is due."""
    if not settings.VIRUS_SCANNER:
        return True
    assert upload.stored is not None
    try:
        with objects.open_object(upload.stored) as file:
            found = settings.VIRUS_SCANNER.examine(cast("BinaryIO", file))
    except ScannerDownError as error:
        _wait(upload, error, again)
        return False
    if found:
        _refuse(upload, found)
        return False
    _release(upload)
    return True


@transaction.atomic
def _wait(upload: Upload, error: ScannerDownError, again: Task[[str], None]) -> None:
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if upload.state not in UNOPENED:
        return
    first = upload.state != UploadState.QUARANTINE
    upload.state = UploadState.QUARANTINE
    upload.reason_zh, upload.reason_en = error.zh[:400], error.en[:400]
    upload.save(update_fields=["state", "reason_zh", "reason_en"])
    if first:
        record("upload:quarantine", actor=None, subject=upload, detail={"reason": error.en})
        raise_alarm(kind="scanner-down", detail={"reason": error.en})
    again.using(run_after=timezone.now() + AGAIN).enqueue(str(upload.pk))


@transaction.atomic
def _refuse(upload: Upload, found: str) -> None:
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if upload.state not in UNOPENED:
        return
    upload.state = UploadState.REFUSED
    upload.reason_zh = f"带有病毒（{found[:80]}），已隔离，没有打开。请查来源介质，换干净的再交。"
    upload.reason_en = (
        f"It carries a virus ({found[:80]}); it is quarantined and was not opened. "
        "Look at the medium it came on and hand in a clean file."
    )
    upload.save(update_fields=["state", "reason_zh", "reason_en"])
    record("upload:virus", actor=None, subject=upload, detail={"found": found[:80]})
    raise_alarm(
        kind="virus-found",
        scope=upload.batch.scope,
        subject=upload,
        detail={"found": found[:80], "batch": upload.batch.number},
    )
    announce_if_read(upload.batch)


def _release(upload: Upload) -> None:
    """Out of quarantine: the words of before are taken back."""
    if upload.state == UploadState.QUARANTINE:
        upload.state, upload.reason_zh, upload.reason_en = UploadState.STORED, "", ""
        Upload.objects.filter(pk=upload.pk, state=UploadState.QUARANTINE).update(
            state=UploadState.STORED, reason_zh="", reason_en=""
        )
