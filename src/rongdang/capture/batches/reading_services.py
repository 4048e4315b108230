"""What the machine writes down of pages: split, read, stopped. Each is safe to repeat."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction

from rongdang.base.ledger.services import record
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.page_reading import PageReading, pack
from rongdang.capture.batches.services import announce_if_read
from rongdang.capture.batches.states import ScanState, UploadState
from rongdang.capture.opening.values import Trouble
from rongdang.capture.reading.values import SecretHit
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject


@transaction.atomic
def keep_page(upload: Upload, *, number: int, original: StoredObject, dpi: int) -> Scan:
    """A page was taken out of its file; the flow reads it next."""
    scan, made = Scan.objects.get_or_create(
        upload=upload,
        number=number,
        half=0,
        defaults={"batch_id": upload.batch_id, "original": original, "quality": {"dpi": dpi}},
    )
    if made:
        record("scan:receive", actor=None, subject=scan, detail={"digest": original.digest})
    return scan


@transaction.atomic
def finish_split(
    upload: Upload, *, expected: int, found: int, troubles: Sequence[Trouble]
) -> Upload:
    """Say in words what became of the file: pages announced against pages found."""
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if upload.state != UploadState.STORED:
        return upload
    upload.pages_expected, upload.pages_found = expected, found
    if found == 0:
        upload.state = UploadState.REFUSED
    elif found < expected or any(trouble.lost for trouble in troubles):
        upload.state = UploadState.PARTIAL
    else:
        upload.state = UploadState.SPLIT
    upload.reason_zh = " ".join(trouble.zh for trouble in troubles)[:400]
    upload.reason_en = " ".join(trouble.en for trouble in troubles)[:400]
    upload.save(update_fields=["state", "pages_expected", "pages_found", "reason_zh", "reason_en"])
    record(
        "upload:split" if found else "upload:refuse",
        actor=None,
        subject=upload,
        detail={"expected": expected, "found": found, "codes": [t.code for t in troubles]},
    )
    announce_if_read(upload.batch)
    return upload


@transaction.atomic
def keep_reading(scan: Scan, readings: Sequence[tuple[PageReading, StoredObject]]) -> list[Scan]:
    """Write down image, quality and text of a page, or of both halves of a spread."""
    scan = Scan.objects.select_for_update(of=("self",)).get(pk=scan.pk)
    if scan.state != ScanState.WAITING:
        return [scan]
    kept = []
    for reading, optimised in readings:
        side = (
            scan
            if reading is readings[0][0]
            else Scan(
                batch_id=scan.batch_id,
                upload_id=scan.upload_id,
                number=scan.number,
                original_id=scan.original_id,
                turn=scan.turn,
            )
        )
        side.half = reading.half
        side.optimised = optimised
        side.width, side.height, side.rotation = reading.width, reading.height, reading.rotation
        side.quality, side.separator = reading.quality, reading.separator
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
        kept.append(side)
    record(
        "scan:read",
        actor=None,
        subject=scan,
        detail={"engine": scan.engine, "halves": [side.half for side in kept]},
    )
    announce_if_read(scan.batch)
    return kept


@transaction.atomic
def fail_scan(scan: Scan, *, zh: str, en: str) -> None:
    """The machine cannot read this page; its master is kept and a person is told."""
    scan.state, scan.reason_zh, scan.reason_en = ScanState.FAILED, zh[:400], en[:400]
    scan.save(update_fields=["state", "reason_zh", "reason_en"])
    record("scan:fail", actor=None, subject=scan, detail={"reason": en})
    announce_if_read(scan.batch)


@transaction.atomic
def stop_secret(scan: Scan, hit: SecretHit) -> None:
    """A mark of state secrets: the page's bytes are destroyed, digest and place remain.

    保密法 (2024) 31: no storing on a system without graded protection; domain.md 5.4 (3).
    """
    upload = scan.upload
    digests = [stored.digest for stored in (scan.original, upload.stored) if stored]
    for stored in filter(None, {scan.original, upload.stored}):
        objects.shred(stored, reason="secret-mark")
    scan.state, scan.layer = ScanState.SECRET, b""
    scan.reason_zh = f"页上有涉密标志（{hit.kind}）。这一页没有留存，请按涉密载体线下处理。"
    scan.reason_en = (
        f"The page bears a mark of state secrets ({hit.kind}). It was not kept; "
        "handle the sheet off-line as a classified carrier."
    )
    scan.save(update_fields=["state", "layer", "reason_zh", "reason_en"])
    record(
        "scan:stop-secret",
        actor=None,
        subject=scan,
        detail={"digests": digests, "kind": hit.kind, "upload": upload.name},
    )
    announce_if_read(scan.batch)
