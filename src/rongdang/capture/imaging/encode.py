"""The optimised image as a file: JPEG with its resolution written in."""

from __future__ import annotations

import cv2

from rongdang.base.errors import DomainError
from rongdang.capture.imaging.values import Image

QUALITY = 85  # GB/T 33870-2017: at least 80


def encode_jpeg(bgr: Image, *, dpi: int = 300, quality: int = QUALITY) -> bytes:
    """JPEG bytes; dpi (dots an inch) goes into the JFIF header, which OpenCV leaves open."""
    done, buffer = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])
    if not done:
        raise DomainError(
            "图像不能写成 JPEG，未保存任何内容。",
            "The image cannot be written as JPEG; nothing was saved.",
            code="encode-failed",
        )
    return _with_dpi(buffer.tobytes(), dpi)


def _with_dpi(jpeg: bytes, dpi: int) -> bytes:
    """JFIF (ISO/IEC 10918-5): unit at byte 13, then density across and down, two bytes each."""
    if jpeg[6:11] != b"JFIF\0":
        return jpeg
    density = max(1, min(65535, dpi)).to_bytes(2, "big")
    return jpeg[:13] + b"\x01" + density + density + jpeg[18:]
