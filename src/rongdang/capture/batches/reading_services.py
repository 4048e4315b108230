"""What the machine writes down of pages: split, read, failed. Each is safe to repeat.

Pages with a mark of state secrets are in `secret_services`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from rongdang.base.ledger.services import record
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.page_reading import PageReading, pack
from rongdang.capture.batches.secret_services import (
    destroy_file_of_secret_page,
    said_of_itself,
    stop_secret,
)
from rongdang.capture.batches.services import announce_if_read
from rongdang.capture.batches.states import BatchState, ScanState, UploadState
from rongdang.capture.opening.values import Trouble
from rongdang.keep.objects.models import StoredObject


@transaction.atomic
def keep_page(upload: Upload, *, number: int, original: StoredObject, dpi: int) -> Scan:
    """A page was taken out of its file; the flow reads it next."""
    scan, made = Scan.objects.get_or_create(
        upload=upload,
        number=number,
        half__in=[0, 1],
        defaults={
            "half": 0,
            "batch_id": upload.batch_id,
            "original": original,
            "quality": {"dpi": dpi},
        },
    )
    if made:
        record("scan:receive", actor=None, subject=scan, detail={"digest": original.digest})
    return scan


@transaction.atomic
def finish_split(
    upload: Upload, *, expected: int, found: int, troubles: Sequence[Trouble]
) -> Upload:
    """Say in words what became of the file: pages announced against pages found.

    A page that could not be taken out keeps its place among the others as a failed one.
    """
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if upload.state != UploadState.STORED:
        return upload
    upload.pages_expected = expected if expected >= found else None
    upload.pages_found = found
    if found == 0:
        upload.state = UploadState.REFUSED
    elif found < expected or any(trouble.lost for trouble in troubles):
        upload.state = UploadState.PARTIAL
    else:
        upload.state = UploadState.SPLIT
    if found:
        _note_lost_pages(upload, troubles)
    upload.reason_zh = " ".join(trouble.zh for trouble in troubles)[:400]
    upload.reason_en = " ".join(trouble.en for trouble in troubles)[:400]
    upload.save(update_fields=["state", "pages_expected", "pages_found", "reason_zh", "reason_en"])
    record(
        "upload:split" if found else "upload:refuse",
        actor=None,
        subject=upload,
        detail={"expected": expected, "found": found, "codes": [t.code for t in troubles]},
    )
    for one in (trouble for trouble in troubles if trouble.marked and trouble.lost):
        stop_secret(lost_page(upload, one), said_of_itself(one.marked))
    destroy_file_of_secret_page(upload)
    announce_if_read(upload.batch)
    return upload


def _note_lost_pages(upload: Upload, troubles: Sequence[Trouble]) -> None:
    for trouble in troubles:
        if trouble.lost and trouble.number is not None:
            lost_page(upload, trouble)


def lost_page(upload: Upload, trouble: Trouble) -> Scan:
    """The place of a page that could not be taken out."""
    said = {"reason_zh": trouble.zh[:400], "reason_en": trouble.en[:400]}
    scan, _made = Scan.objects.get_or_create(
        upload=upload,
        number=trouble.number or 0,
        half=0,
        defaults={"batch_id": upload.batch_id, "state": ScanState.FAILED, **said},
    )
    return scan


@transaction.atomic
def keep_reading(scan: Scan, readings: Sequence[tuple[PageReading, StoredObject]]) -> list[Scan]:
    """Write down image, quality and text of a page, or of both halves of a spread.

    A half that is read again (turned by a person) stays the half it was.
    """
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state != ScanState.WAITING:
        return [scan]
    if scan.half:
        readings = [pair for pair in readings if pair[0].half == scan.half] or readings[:1]
    kept: list[Scan] = []
    for reading, optimised in readings:
        side = _other_half(scan) if kept else scan
        if kept or not scan.half:
            side.half = reading.half
        _fill(side, reading, optimised)
        kept.append(side)
    # In review a page stands in a material already, or takes another's place there.
    event = "scan:reread" if scan.batch.state == BatchState.REVIEW else "scan:read"
    for side in kept:
        record(event, actor=None, subject=side, detail={"engine": side.engine, "half": side.half})
    announce_if_read(scan.batch)
    return kept


def _other_half(scan: Scan) -> Scan:
    return Scan(
        batch_id=scan.batch_id,
        upload_id=scan.upload_id,
        number=scan.number,
        original_id=scan.original_id,
        turn=scan.turn,
    )


def _fill(side: Scan, reading: PageReading, optimised: StoredObject) -> None:
    side.optimised = optimised
    side.width, side.height, side.rotation = reading.width, reading.height, reading.rotation
    side.quality = {**reading.quality, "rejects": [code for code, _zh, _en in reading.rejects]}
    side.separator = reading.separator
    side.engine, side.layer = reading.layer.engine, pack(reading.layer)
    side.reason_zh = " ".join(zh for _code, zh, _en in reading.rejects)[:400]
    side.reason_en = " ".join(en for _code, _zh, en in reading.rejects)[:400]
    if reading.separator:
        side.state = ScanState.SEPARATOR
    elif reading.blank:
        side.state = ScanState.BLANK
    else:
        side.state = ScanState.READ
    side.save()


@transaction.atomic
def fail_scan(scan: Scan, *, zh: str, en: str) -> None:
    """The machine cannot read this page; its master is kept and a person is told."""
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state != ScanState.WAITING:
        return
    scan.state, scan.reason_zh, scan.reason_en = ScanState.FAILED, zh[:400], en[:400]
    scan.save(update_fields=["state", "reason_zh", "reason_en"])
    record("scan:fail", actor=None, subject=scan, detail={"reason": en})
    announce_if_read(scan.batch)
