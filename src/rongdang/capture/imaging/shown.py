"""A stored page image as a reader's screen wants it: smaller, upright, marked, JPEG."""

from __future__ import annotations

import io

import cv2
import numpy as np
from PIL import Image as Pillow

from rongdang.base.pagemark import Mark, marked
from rongdang.capture.imaging.decode import decode_image
from rongdang.capture.imaging.encode import encode_jpeg
from rongdang.capture.imaging.values import Image

QUALITY = 82
# A JPEG can be decoded at a half, a quarter or an eighth of its size for a part of the work.
REDUCED = {
    8: cv2.IMREAD_REDUCED_COLOR_8,
    4: cv2.IMREAD_REDUCED_COLOR_4,
    2: cv2.IMREAD_REDUCED_COLOR_2,
    1: cv2.IMREAD_COLOR,
}


def shown_jpeg(image: Image, mark: Mark, *, dpi: int = 300) -> bytes:
    """A sized page with its mark burnt in; nothing of a page leaves otherwise."""
    return encode_jpeg(marked(image, mark), dpi=dpi, quality=QUALITY)


def sized_image(data: bytes, *, width: int) -> Image:
    """BGR, at most `width` pixels wide and three times as high; never larger than the image is.

    Without a mark, so it may be kept in memory for the next reader, and goes to nobody as it is.
    Raises UnreadableImageError, ImageTooLargeError.
    """
    image = _decoded(data, width)
    high, wide = image.shape[:2]
    scale = min(1.0, width / wide, 3 * width / high)
    if scale < 1:
        size = (max(1, round(wide * scale)), max(1, round(high * scale)))
        # Averaging the area keeps thin strokes; near full size it costs much and gains nothing.
        way = cv2.INTER_AREA if scale < 0.5 else cv2.INTER_LINEAR
        image = np.asarray(cv2.resize(image, size, interpolation=way), np.uint8)
    return image


def _decoded(data: bytes, width: int) -> Image:
    """BGR, as small as the decoder can give it and still at least `width` wide."""
    factor = _reducible(data, width)
    small = cv2.imdecode(np.frombuffer(data, np.uint8), REDUCED[factor]) if factor else None
    return decode_image(data).bgr if small is None else np.asarray(small, np.uint8)


def _reducible(data: bytes, width: int) -> int:
    """By how much the quick decoder may reduce; 0 where the careful one must look.

    The quick one fills what is missing with grey and does not say so, and takes inks for light.
    """
    if not (data.startswith(b"\xff\xd8") and data.rstrip(b"\0").endswith(b"\xff\xd9")):
        return 0
    try:
        with Pillow.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            narrow = min(picture.size)  # whichever side EXIF turns across
            plain = picture.mode in ("RGB", "L")
    except OSError:
        return 0
    return next((times for times in REDUCED if plain and narrow >= times * width), 0)
