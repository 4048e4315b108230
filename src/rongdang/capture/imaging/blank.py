"""Pages without writing: blank backs with their punch holes, shade, folds and show-through."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.crop import page_mask
from rongdang.capture.imaging.values import Image, grey, ink_contrast, shrunk

LONGEST = 1100  # about 95 dpi for A4: a character of 3 mm is 11 pixels
WEAK, STRONG = 28, 42  # ink against the paper around it; show-through stays below STRONG
# Of 116 blank backs of train stacks nothing as compact as a character was darker than 33; of 143
# with a few words in pale pencil nine have nothing above STRONG and some of it above FAINT.
FAINT = 35
SMALLEST_MARK = 7  # pixels, 2 mm: a figure of a page number is writing, a speck is not
THINNEST, SLIM = 3, 12  # pixels; times its breadth: longer is a fold or a rule, no character
FOLD, PALE = 0.5, 60  # of the side of the sheet: so long a line that is paler than PALE is a fold
COARSE = 440  # pixels: where the sheet ends is seen well enough
EDGE = (
    7  # coarse pixels, 4.7 mm: so wide is the edge's own shadow, and the mask may be off a little
)
FRAME = 8
SOLID = 7  # pixels: strokes of a pen are thinner than this, punch holes are not
Mask = npt.NDArray[np.uint8]


def is_blank(bgr: Image, bed: tuple[int, int, int] | None = None) -> bool:
    """True only when nothing looks like writing: a blank page is not read, so doubt says no.

    `bed` is the colour of the scanner's bed where it is seen round the page; where the sheet lies
    askew or a corner is torn off it reaches far into the picture.
    """
    contrast = _contrast(bgr, bed)
    height, width = contrast.shape
    ink = _without_holes((contrast > WEAK).astype(np.uint8))
    margin_y, margin_x = round(height * 0.03), round(width * 0.03)
    ink[:margin_y] = ink[-margin_y:] = 0
    ink[:, :margin_x] = ink[:, -margin_x:] = 0
    count, labels, stats, _ = cv2.connectedComponentsWithStats(ink)
    inked = ink.astype(bool)
    peaks = np.zeros(count, np.uint8)
    np.maximum.at(peaks, labels[inked], contrast[inked])
    marks = weak_area = 0
    for (_, _, w, h, area), peak in zip(stats[1:].tolist(), peaks[1:].tolist(), strict=True):
        if area < 6 or max(w, h) < 4:
            continue
        weak_area += area
        marks += _is_mark((w, h), peak) and not _is_fold((w, h), area, peak, (width, height))
    return bool(marks == 0 and weak_area < 0.004 * height * width)


def _is_mark(size: tuple[int, int], peak: int) -> bool:
    """Dark enough for ink, or paler and as compact as a character."""
    long, short = max(size), min(size)
    compact = short >= THINNEST and long <= SLIM * short
    return long >= SMALLEST_MARK and peak >= (FAINT if compact else STRONG)


def _is_fold(size: tuple[int, int], area: int, peak: int, page: tuple[int, int]) -> bool:
    """A pale thin line across half the sheet or more."""
    spans = size[0] >= FOLD * page[0] or size[1] >= FOLD * page[1]
    return spans and area <= THINNEST * max(size) and peak < PALE


def _contrast(bgr: Image, bed: tuple[int, int, int] | None) -> Image:
    """How dark each pixel of the paper is; 0 on the bed and along the edge of the sheet."""
    luminance = grey(bgr, LONGEST)
    paper = None if bed is None else _paper(bgr, bed)
    if paper is None:
        return ink_contrast(luminance, 61)
    size = (luminance.shape[1], luminance.shape[0])
    outside = cv2.resize(paper, size, interpolation=cv2.INTER_NEAREST) == 0
    luminance[outside] = np.median(luminance[~outside])
    contrast = ink_contrast(luminance, 61)
    contrast[outside] = 0
    return contrast


def _paper(bgr: Image, bed: tuple[int, int, int]) -> Mask | None:
    """The sheet without its edge, small: 1 where the bed does not reach. None where nothing is left."""
    small = shrunk(bgr, COARSE / max(bgr.shape[:2]))
    sides = (FRAME, FRAME, FRAME, FRAME)
    framed = cv2.copyMakeBorder(small, *sides, cv2.BORDER_CONSTANT, value=bed)
    paper = page_mask(np.asarray(framed, np.uint8), bed)
    inner = cv2.erode(paper, np.ones((2 * EDGE - 1, 2 * EDGE - 1), np.uint8))
    cut = np.asarray(inner[FRAME:-FRAME, FRAME:-FRAME], np.uint8)
    return cut if cut.mean() > 0.5 else None


def _without_holes(ink: Mask) -> Mask:
    """The ink without punch holes; the fold, stain or margin that runs through one stays as it is."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (SOLID, SOLID))
    solid = cv2.morphologyEx(ink, cv2.MORPH_OPEN, disc)
    height, width = ink.shape
    _, _, stats, centres = cv2.connectedComponentsWithStats(solid)
    for (x, y, w, h, area), centre in zip(stats[1:].tolist(), centres[1:], strict=True):
        if _is_hole(w, h, area, centre, (width, height)):
            ink[max(0, y - 4) : y + h + 4, max(0, x - 4) : x + w + 4] = 0
    return ink


def _is_hole(width: int, height: int, area: int, centre: np.ndarray, page: tuple[int, int]) -> bool:
    """A round solid (or ringed) spot of 3-12 mm near an edge."""
    size = max(width, height)
    if not 0.01 * max(page) <= size <= 0.042 * max(page) or min(width, height) < 0.75 * size:
        return False
    x, y = centre[0] / page[0], centre[1] / page[1]
    near = min(x, y, 1 - x, 1 - y) < 0.13
    return bool(near and area > 0.62 * width * height)
