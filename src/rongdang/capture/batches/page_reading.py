"""One page image → cleaned image, quality and text. Pure: no database, no server."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.base.errors import DomainError
from rongdang.base.textlayer import TextLayer
from rongdang.capture.batches import separators
from rongdang.capture.imaging import page as imaging
from rongdang.capture.imaging.decode import decode_image
from rongdang.capture.imaging.encode import encode_jpeg
from rongdang.capture.imaging.spread import split_spread
from rongdang.capture.ocr.ports import OcrEngine

TURNS = {90: cv2.ROTATE_90_CLOCKWISE, 180: cv2.ROTATE_180, 270: cv2.ROTATE_90_COUNTERCLOCKWISE}


@dataclass(frozen=True, slots=True)
class PageReading:
    """What the machine made of one side of a sheet; `half` as in `Scan.half`."""

    half: int
    jpeg: bytes
    width: int
    height: int
    rotation: int
    blank: bool
    separator: str
    quality: dict[str, object]
    rejects: tuple[tuple[str, str, str], ...]  # (code, zh, en)
    layer: TextLayer


def read_page(data: bytes, engine: OcrEngine, *, dpi: int = 0, turn: int = 0) -> list[PageReading]:
    """All sides found on one page image: one, or two for an A3 spread. Raises DomainError."""
    decoded = decode_image(data)
    sides = split_spread(decoded.bgr)
    halves = [0] if len(sides) == 1 else [1, 2]
    dpi = dpi or decoded.dpi or 0
    return [
        _read_side(side, half, engine, dpi=dpi, turn=turn)
        for half, side in zip(halves, sides, strict=True)
    ]


def _read_side(
    bgr: npt.NDArray[np.uint8], half: int, engine: OcrEngine, *, dpi: int, turn: int
) -> PageReading:
    separator = separators.find_payload(bgr)
    cleaned = imaging.clean_page(bgr, dpi or None)
    image, rotation = cleaned.optimised, cleaned.rotation
    if turn:  # a person asked for another direction: his word counts over the machine's
        image, rotation = (
            np.asarray(cv2.rotate(image, TURNS[turn]), np.uint8),
            (rotation + turn) % 360,
        )
    height, width = image.shape[:2]
    silent = cleaned.blank or bool(separator)
    layer = TextLayer(engine.identity, width, height, (), (), ()) if silent else engine.read(image)
    quality = cleaned.quality
    return PageReading(
        half=half,
        jpeg=encode_jpeg(image, dpi=dpi or quality.dpi or 300),
        width=width,
        height=height,
        rotation=rotation,
        blank=cleaned.blank and not separator,
        separator=separator,
        quality={
            "dpi": quality.dpi,
            "blur": round(float(quality.blur), 3),
            "skew": round(float(cleaned.skew), 2),
            "clipped": list(quality.clipped_edges),
            "show_through": round(float(quality.show_through), 3),
        },
        rejects=tuple((reject.code, reject.zh, reject.en) for reject in quality.rejects),
        layer=layer,
    )


def pack(layer: TextLayer) -> bytes:
    """A text layer as it is kept: compact JSON, deflated."""
    return zlib.compress(layer.to_json().encode(), 6)


def unpack(data: bytes) -> TextLayer:
    if not data:
        raise DomainError("这一页还没有文字。", "This page has no text yet.", code="no-text")
    return TextLayer.from_json(zlib.decompress(data).decode())
