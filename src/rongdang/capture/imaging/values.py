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


def shrunk(image: Image, scale: float) -> Image:
    """The picture made smaller by averaging, as one that fits already when `scale` is 1 or more.

    Halved as often as it goes, the odd rest at the end: averaging two by two costs a tenth.
    """
    if scale >= 1:
        return image
    height, width = image.shape[:2]
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    while image.shape[0] >= 2 * size[1] and image.shape[1] >= 2 * size[0]:
        rows, columns = image.shape[0] // 2, image.shape[1] // 2
        even = image[: 2 * rows, : 2 * columns]
        image = np.asarray(
            cv2.resize(even, (columns, rows), interpolation=cv2.INTER_AREA), np.uint8
        )
    if (image.shape[1], image.shape[0]) != size:
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return image


def grey(bgr: Image, longest: int) -> Image:
    """Luminance, made smaller (never larger) so that the longest side is at most `longest`."""
    flat = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY), np.uint8)
    return shrunk(flat, longest / max(bgr.shape[:2]))


def ink_contrast(luminance: Image, window: int) -> Image:
    """How far each pixel is darker than the median of its surroundings; window is an odd size."""
    background = cv2.medianBlur(shrunk(luminance, 0.25), max(3, window // 4 | 1))
    background = cv2.resize(background, (luminance.shape[1], luminance.shape[0]))
    return np.asarray(cv2.subtract(background, luminance), np.uint8)
