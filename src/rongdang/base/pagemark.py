"""The visible mark of a page shown or given out: who, when, for what; part of the pixels, not a layer.

A faint slanting line of words is repeated over the whole page, so that no corner of a photograph is
without it, and stands once more, darker, at the foot. It is mixed in (never painted over): what is
written beneath stays readable. Whoever shows a page must bring a mark: there is no image without.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image as Pillow
from PIL import ImageDraw, ImageFont

from rongdang.base import typefaces

Image: TypeAlias = npt.NDArray[np.uint8]  # BGR
Mask: TypeAlias = npt.NDArray[np.uint8]  # coverage

FACE = "hei"
# Grey-blue, between ink and paper: darker than paper, lighter than a black cover.
INK = (150, 96, 72)  # BGR
FAINT, FOOT = 44, 150  # of 255: how much of the ink is mixed in
SLANT = 24.0  # degrees; straight lines of forms run along none of it
LEAST_SIZE = 9  # pixels of a letter; below nobody reads it
PARTS = 46  # letters of the mark that fit across a page


@dataclass(frozen=True, slots=True)
class Mark:
    """Who looks, when and for what. ValueError when one of them is not said."""

    who: str
    when: dt.datetime  # in local time
    purpose: str

    def __post_init__(self) -> None:
        if not (self.who.strip() and self.purpose.strip()):
            raise ValueError("a mark says who and for what")

    @property
    def words(self) -> str:
        """The line as it stands on the page."""
        return f"{self.who}　{self.when:%Y-%m-%d %H:%M}　{self.purpose}"


def marked(image: Image, mark: Mark) -> Image:
    """A copy of the page (BGR) with the mark in its pixels."""
    high, wide = image.shape[:2]
    mask = _mask(mark.words, wide, high)
    paper = cv2.multiply(image, cv2.merge([255 - mask] * 3), scale=1 / 255)
    ink = cv2.merge([cv2.convertScaleAbs(mask, alpha=part / 255) for part in INK])
    return np.asarray(cv2.add(paper, ink), np.uint8)


def marked_jpeg(data: bytes, mark: Mark, *, quality: int = 85) -> bytes:
    """A JPEG that leaves the house: the same picture with the mark in it. ValueError for none."""
    image = cv2.imdecode(
        np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION
    )
    if image is None:
        raise ValueError("no picture")
    _done, buffer = cv2.imencode(
        ".jpg", marked(np.asarray(image, np.uint8), mark), [cv2.IMWRITE_JPEG_QUALITY, quality]
    )
    return buffer.tobytes()


@lru_cache(maxsize=8)
def _mask(words: str, wide: int, high: int) -> Mask:
    """How much of the ink is mixed into each pixel of a page of this size."""
    size = max(LEAST_SIZE, wide // PARTS)
    tile = _tile(words, size)
    down, across = -(-high // tile.shape[0]), -(-wide // tile.shape[1])
    mask = np.ascontiguousarray(np.tile(tile, (down, across))[:high, :wide])
    _lay_foot(mask, words, size)
    return mask


def _lay_foot(mask: Mask, words: str, size: int) -> None:
    """The same words once more along the lower edge, as small as it takes to fit."""
    high, wide = mask.shape
    line = _line(words, size)
    room = wide - size
    if line.shape[1] > room:
        scale = max(1, room) / line.shape[1]
        fitting = (max(1, room), max(1, round(line.shape[0] * scale)))
        line = np.asarray(cv2.resize(line, fitting, interpolation=cv2.INTER_AREA), np.uint8)
    line = line[:high]
    top, left = high - line.shape[0], wide - line.shape[1] - size // 2
    part = mask[top:, max(0, left) : max(0, left) + line.shape[1]]
    strong = (line[:, : part.shape[1]].astype(np.uint16) * FOOT // 255).astype(np.uint8)
    np.maximum(part, strong, out=part)


@lru_cache(maxsize=32)
def _tile(words: str, size: int) -> Mask:
    """The slanting line with room round it; laid side by side it covers any page."""
    line = _line(words, size)
    gap = size * 5
    row = np.zeros((line.shape[0] + gap, line.shape[1] + gap), np.uint8)
    row[gap // 2 : gap // 2 + line.shape[0], gap // 2 : gap // 2 + line.shape[1]] = line
    high, wide = row.shape
    turn = cv2.getRotationMatrix2D((wide / 2, high / 2), SLANT, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new_wide, new_high = int(high * sin + wide * cos), int(high * cos + wide * sin)
    turn[:, 2] += ((new_wide - wide) / 2, (new_high - high) / 2)
    turned = cv2.warpAffine(row, turn, (new_wide, new_high), flags=cv2.INTER_LINEAR)
    # A second one half a step on, or a long name would leave empty triangles.
    both = np.maximum(turned, np.roll(turned, (new_high // 2, new_wide // 2), (0, 1)))
    return (both.astype(np.uint16) * FAINT // 255).astype(np.uint8)


@lru_cache(maxsize=32)
def _line(words: str, size: int) -> Mask:
    """The words as coverage 0…255, one line high; a character no face knows stands as its code."""
    face = typefaces.face(FACE)
    lacking = set(face.missing(words))
    drawable = "".join(f"[U+{ord(c):04X}]" if c in lacking else c for c in words)
    pieces = [(_font(path, size), text) for path, text in face.runs(drawable)]
    wide = sum(font.getlength(text) for font, text in pieces)
    picture = Pillow.new("L", (int(wide) + size, round(size * 1.4)), 0)
    draw, at = ImageDraw.Draw(picture), size / 4
    for font, text in pieces:
        draw.text((at, size * 1.1), text, fill=255, font=font, anchor="ls")
        at += font.getlength(text)
    return np.asarray(picture, np.uint8)


@lru_cache(maxsize=256)
def _font(path: Path, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(path), size)
