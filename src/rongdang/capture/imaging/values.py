"""What the parts of imaging hand to each other."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

Image = npt.NDArray[np.uint8]
Box = tuple[float, float, float, float]  # x0, y0, x1, y1 in 0..1, origin top left

cv2.setNumThreads(1)  # pages run side by side in processes; threads inside one only get in the way


@dataclass(frozen=True, slots=True)
class Decoded:
    """A page image as it lies in the file, upright by its EXIF; dpi is None when not believable."""

    bgr: Image
    dpi: int | None


@dataclass(frozen=True, slots=True)
class Reject:
    """Why a page should be scanned again, in words for the person at the scanner."""

    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one page: blur 0 (sharp) to 1, skew in degrees, show_through as share of paper."""

    dpi: int
    blur: float
    skew: float
    clipped_edges: tuple[str, ...]
    show_through: float
    rejects: tuple[Reject, ...]


@dataclass(frozen=True, slots=True)
class CleanedPage:
    """Both images of a page and what was done between them.

    `rotation` is the clockwise turn in degrees, `skew` the angle then taken out, `crop` the part
    of the turned and straightened image that was kept.
    """

    original: Image
    optimised: Image
    rotation: int
    skew: float
    blank: bool
    quality: Quality
    crop: Box


def grey(bgr: Image, longest: int) -> Image:
    """Luminance, made smaller (never larger) so that the longest side is at most `longest`."""
    scale = longest / max(bgr.shape[:2])
    flat = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    if scale < 1:
        flat = cv2.resize(flat, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(flat, np.uint8)


def ink_contrast(luminance: Image, window: int) -> Image:
    """How far each pixel is darker than the median of its surroundings; window is an odd size."""
    half = cv2.resize(luminance, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    background = cv2.medianBlur(half, max(3, window // 4 | 1))
    background = cv2.resize(background, (luminance.shape[1], luminance.shape[0]))
    return np.asarray(cv2.subtract(background, luminance), np.uint8)
