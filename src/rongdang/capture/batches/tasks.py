"""Jobs of intake: take a file apart, read a page. Run twice = run once."""

from __future__ import annotations

from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django_tasks import task

from rongdang.base.errors import DomainError
from rongdang.capture.batches import quarantine, reading_services, rereading, secret_services
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.page_reading import PageReading, read_page
from rongdang.capture.batches.states import UNOPENED, ScanState
from rongdang.capture.ocr.ports import shared_engine
from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.values import End, PageFound, Trouble
from rongdang.capture.reading.secrets import secret_marks
from rongdang.keep.objects import services as objects


@task()
def split_upload(upload_id: str) -> None:
    """Take the pages out of a stored file, each to an object of its own."""
    upload = Upload.objects.select_related("stored", "batch").get(pk=upload_id)
    if upload.state not in UNOPENED or upload.stored is None:
        return
    if not quarantine.passes(upload, split_upload):
        return
    expected, found = 0, 0
    troubles: list[Trouble] = []
    try:
        with objects.open_object(upload.stored) as file:
            for message in read_pages(cast("BinaryIO", file), upload.name):
                if isinstance(message, End):
                    expected = message.expected
                elif isinstance(message, Trouble):
                    troubles.append(message)
                else:
                    _keep_page(upload, message)
                    found += 1
    except DomainError as error:
        if error.code != "shredded":
            raise
        troubles.append(Trouble(error.code, error.zh, error.en, fatal=True))
    reading_services.finish_split(upload, expected=expected, found=found, troubles=troubles)


def _keep_page(upload: Upload, page: PageFound) -> None:
    """A file that is one page is its original as it came; one that says it is secret is stopped."""
    assert upload.stored is not None
    original = upload.stored if page.whole else objects.put(page.data, page.media_type)
    with transaction.atomic():  # nobody reads a marked page in between
        scan = reading_services.keep_page(
            upload, number=page.number, original=original, dpi=page.dpi
        )
        objects.tell_type(original, page.media_type)
        if page.marked and not secret_services.is_cleared(scan):
            secret_services.stop_secret(scan, secret_services.said_of_itself(page.marked))


@task()
def read_scan(scan_id: str) -> None:
    """Clean and read one page; slow work outside any transaction, then one write."""
    scan = Scan.objects.select_related("original", "batch", "upload").get(pk=scan_id)
    if scan.state != ScanState.WAITING or scan.original is None:
        return
    try:
        readings = _readings(scan)
    except DomainError as error:
        if error.code in ("disk-full", "read-only", "storage"):
            raise  # the machine is in trouble, not the page: the job waits and tries again
        reading_services.fail_scan(scan, zh=error.message(), en=error.message("en"))
        return
    if not secret_services.is_cleared(scan):
        for reading in readings:
            hit = secret_marks(reading.layer)
            if hit is not None and secret_services.stop_secret(scan, hit):
                return
    kept = objects.put_many([(reading.jpeg, "image/jpeg") for reading in readings])
    reading_services.keep_reading(scan, list(zip(readings, kept, strict=True)))


def _readings(scan: Scan) -> list[PageReading]:
    assert scan.original is not None
    engine = shared_engine(settings.OCR_ENGINE)
    dpi = int(scan.quality.get("dpi") or 0)
    return read_page(objects.read(scan.original), engine, dpi=dpi, turn=scan.turn)


@task()
def reread_page(page_id: str) -> None:
    """Read a filed page's image with the engine of today; the text of before is kept."""
    rereading.reread(page_id, shared_engine(settings.OCR_ENGINE))
