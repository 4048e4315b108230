"""A newer engine reads filed pages again; what it reads differently is shown to a person."""

from __future__ import annotations

import cv2
import numpy as np

from rongdang.base.errors import DomainError
from rongdang.capture.ocr.ports import OcrEngine
from rongdang.capture.reading.secrets import secret_marks
from rongdang.describe.casefiles import rereading
from rongdang.describe.casefiles.models import EarlierText, Page
from rongdang.describe.casefiles.secret_pages import stop_page
from rongdang.keep.objects import services as objects


def reread(page_id: str, engine: OcrEngine) -> EarlierText | None:
    """Read the page's image as it is shown, so that every box drawn on it stays where it is."""
    page = Page.objects.select_related("optimised").get(pk=page_id)
    if page.engine == engine.identity or (page.blank and page.layer):
        return None  # that a page is blank is believed of whoever looked, not of who sent it
    data = np.frombuffer(objects.read(page.optimised), np.uint8)
    image = cv2.imdecode(data, cv2.IMREAD_COLOR)
    if image is None:
        raise DomainError(
            "这一页的图像解不开，没有重读，原来的文字还在。",
            "The image of this page cannot be decoded; it was not read again, its text stands.",
            code="image-damaged",
            status=500,
        )
    layer = engine.read(np.asarray(image, np.uint8))
    hit = secret_marks(layer)
    # A page that came without text, or whose mark nobody could read before.
    if hit is not None and stop_page(page, hit.kind):
        return None
    return rereading.replace_text(page, layer)
