"""Jobs of intake: take a file apart, read a page. Run twice = run once."""

from __future__ import annotations

import io

from django.conf import settings
from django_tasks import task

from rongdang.base.errors import DomainError
from rongdang.capture.batches import reading_services
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.page_reading import read_page
from rongdang.capture.batches.states import ScanState, UploadState
from rongdang.capture.ocr.ports import shared_engine
from rongdang.capture.opening.reader import read_pages
from rongdang.capture.opening.values import End, PageFound, Trouble
from rongdang.capture.reading.secrets import secret_marks
from rongdang.keep.objects import services as objects


@task()
def split_upload(upload_id: str) -> None:
    """Take the pages out of a stored file, each to an object of its own."""
    upload = Upload.objects.select_related("stored", "batch").get(pk=upload_id)
    if upload.state != UploadState.STORED or upload.stored is None:
        return
    data = objects.read(upload.stored)
    expected, found = 0, 0
    troubles: list[Trouble] = []
    for message in read_pages(data, upload.name):
        if isinstance(message, End):
            expected = message.expected
        elif isinstance(message, Trouble):
            troubles.append(message)
        elif isinstance(message, PageFound):
            page = data if message.whole else message.data
            original = objects.put(io.BytesIO(page), message.media_type)
            reading_services.keep_page(
                upload, number=message.number, original=original, dpi=message.dpi
            )
            found += 1
    reading_services.finish_split(upload, expected=expected, found=found, troubles=troubles)


@task()
def read_scan(scan_id: str) -> None:
    """Clean and read one page; slow work outside any transaction, then one write."""
    scan = Scan.objects.select_related("original", "batch", "upload__stored").get(pk=scan_id)
    if scan.state != ScanState.WAITING or scan.original is None:
        return
    engine = shared_engine(settings.OCR_ENGINE)
    try:
        dpi = int(scan.quality.get("dpi") or 0)
        readings = read_page(objects.read(scan.original), engine, dpi=dpi, turn=scan.turn)
    except DomainError as error:
        reading_services.fail_scan(scan, zh=error.message(), en=error.message("en"))
        return
    for reading in readings:
        hit = secret_marks(reading.layer)
        if hit is not None:
            reading_services.stop_secret(scan, hit)
            return
    kept = [(reading, objects.put(io.BytesIO(reading.jpeg), "image/jpeg")) for reading in readings]
    reading_services.keep_reading(scan, kept)
