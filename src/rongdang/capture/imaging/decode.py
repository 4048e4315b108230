"""Bytes of one page image → BGR, whatever the colour model, upright by EXIF."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image as Pillow
from PIL import ImageFile, ImageOps

from rongdang.base.errors import DomainError
from rongdang.capture.imaging.values import Decoded, Image

LONGEST_SIDE = 40_000
MOST_PIXELS = 400_000_000

Pillow.MAX_IMAGE_PIXELS = None  # the limits above are asked before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False


class UnreadableImageError(DomainError):
    """The bytes are no whole picture."""

    status, code = 422, "unreadable-image"


class ImageTooLargeError(DomainError):
    """The picture would need more memory than a page is allowed."""

    status, code = 413, "too-many-pixels"


def decode_image(
    data: bytes, *, longest_side: int = LONGEST_SIDE, most_pixels: int = MOST_PIXELS
) -> Decoded:
    """Decode the first frame. Raises UnreadableImageError, ImageTooLargeError."""
    try:
        with Pillow.open(io.BytesIO(data)) as picture:
            _refuse_too_large(picture.size, longest_side, most_pixels)
            dpi = _believable_dpi(picture)
            orientation = picture.getexif().get(0x0112, 1)
            picture.load()
            bgr = _to_bgr(ImageOps.exif_transpose(picture) if orientation != 1 else picture)
    except (OSError, ValueError, SyntaxError, TypeError, KeyError, EOFError) as cause:
        raise UnreadableImageError(
            "这幅图像损坏、不完整或不是图像，读不出来。原文件未动。",
            "This image is damaged, cut short or no image and cannot be read. The file is untouched.",
            hint_zh="请重新扫描这一页。",
            hint_en="Scan this page again.",
        ) from cause
    return Decoded(bgr, dpi)


def _refuse_too_large(size: tuple[int, int], longest_side: int, most_pixels: int) -> None:
    width, height = size
    if max(size) > longest_side or width * height > most_pixels:
        raise ImageTooLargeError(
            f"图像有 {width}×{height} 点，超出上限，没有展开。原文件未动。",
            f"The image has {width}×{height} pixels, over the limit, and was not decoded. "
            "The file is untouched.",
            hint_zh="请用 300 点重新扫描。",
            hint_en="Scan again at 300 dpi.",
        )


def _believable_dpi(picture: Pillow.Image) -> int | None:
    """Screens and cameras write 72 or 96 into anything: only a size of 2 to 24 inches counts."""
    try:
        dpi = float(picture.info.get("dpi", (0, 0))[0])
    except (TypeError, ValueError, IndexError, ZeroDivisionError):
        return None
    if not 60 <= dpi <= 2400:
        return None
    return round(dpi) if 2 <= max(picture.size) / dpi <= 24 else None


def _to_bgr(picture: Pillow.Image) -> Image:
    mode = picture.mode
    if mode.startswith("I") or mode == "F":
        return _from_deep(np.asarray(picture))
    if mode in ("LA", "PA", "RGBA", "RGBa", "La") or "transparency" in picture.info:
        rgba = picture.convert("RGBA")
        paper = Pillow.new("RGBA", rgba.size, "white")  # what is not painted is paper
        picture = Pillow.alpha_composite(paper, rgba)
    rgb = picture if picture.mode == "RGB" else picture.convert("RGB")
    bgr = np.frombuffer(rgb.tobytes("raw", "BGR"), np.uint8)
    return bgr.reshape(rgb.height, rgb.width, 3)


def _from_deep(values: np.ndarray) -> Image:
    """16-bit and 32-bit grey by its range: twelve-bit scanners fill only part of the width."""
    top = float(values.max()) if values.size else 0.0
    full = next((limit for limit in (1.0, 255.0, 4095.0, 65535.0) if top <= limit), top)
    if values.dtype.kind != "f" and full < 255.0:
        full = 255.0
    small = np.clip(values.astype(np.float32) * (255.0 / full), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.repeat(small[:, :, None], 3, axis=2))
