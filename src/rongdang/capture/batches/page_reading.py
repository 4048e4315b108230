"""One page image → cleaned image, quality and text. Pure: no database, no server."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import cv2
import numpy as np

from rongdang.base.errors import DomainError
from rongdang.base.textlayer import TextLayer
from rongdang.capture.batches import separators
from rongdang.capture.imaging import page as imaging
from rongdang.capture.imaging.decode import decode_image
from rongdang.capture.imaging.direction import find_rotation
from rongdang.capture.imaging.direction import turn as turned
from rongdang.capture.imaging.encode import encode_jpeg
from rongdang.capture.imaging.spread import A3_WIDTH_MM, split_spread
from rongdang.capture.imaging.values import Image
from rongdang.capture.ocr.ports import OcrEngine

A3_PIXELS = 4400  # of the long side where no resolution is known: A3 at 270 dpi, no A4 has so many


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
    """All sides found on one page image: one, or two for an A3 spread. Raises DomainError.

    `dpi` is what the file around the image says (0: nothing); `turn` is the clockwise turn a
    person asked for on top of the machine's own.
    """
    decoded = decode_image(data)
    dpi = dpi or decoded.dpi or 0
    sheet, laid = _as_it_opens(decoded.bgr, dpi)
    sides = split_spread(sheet, dpi or None)
    if len(sides) == 1:
        sides, laid = [decoded.bgr], 0
    halves = [0] if len(sides) == 1 else [1, 2]
    return [
        _read_side(side, half, engine, dpi=dpi, turn=turn, laid=laid)
        for half, side in zip(halves, sides, strict=True)
    ]


def _as_it_opens(bgr: Image, dpi: int) -> tuple[Image, int]:
    """A sheet as long as A3 that was scanned on its side, turned so that its fold stands upright."""
    height, width = bgr.shape[:2]
    long = height / dpi * 25.4 >= A3_WIDTH_MM if dpi else height >= A3_PIXELS
    if not long or height < 1.2 * width:
        return bgr, 0
    small = cv2.resize(bgr, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    rotation = find_rotation(np.asarray(small, np.uint8))
    return (turned(bgr, rotation), rotation) if rotation in (90, 270) else (bgr, 0)


def _read_side(
    bgr: Image, half: int, engine: OcrEngine, *, dpi: int, turn: int, laid: int
) -> PageReading:
    separator = separators.find_payload(bgr)
    cleaned = imaging.clean_page(bgr, dpi or None)
    image = turned(cleaned.optimised, turn)  # his word counts over the machine's
    rotation = (laid + cleaned.rotation + turn) % 360
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
