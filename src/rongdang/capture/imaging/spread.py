"""An A3 spread into its two pages, only when the fold is sure."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.values import Image, grey, ink_contrast

LONGEST = 1200
A3_WIDTH_MM = 360.0  # wider than any A4 lying on its side
UPRIGHT = 25  # pixels, 8 mm: no stroke of a character is so tall
CLEAR = 3  # pixels, 1 mm: so far from writing it is cut
WHOLE = 0.6  # of the sheet's height that a fold is seen on
BESIDE = 10  # pixels, 3 mm: its shade and its lean are within that, and so much is clear beside it


def split_spread(bgr: Image, dpi: int | None = None) -> list[Image]:
    """Left and right page, else the scan as it is; dpi settles what A3 is where it is known."""
    height, width = bgr.shape[:2]
    if not 1.2 <= width / height <= 1.7 or width < 600:
        return [bgr]
    wide = dpi is not None and width / dpi * 25.4 >= A3_WIDTH_MM
    if dpi is not None and not wide:
        return [bgr]
    fold = _find_fold(grey(bgr, LONGEST), wide=wide)
    if fold is None:
        return [bgr]
    column = round(fold * width)
    return [bgr[:, :column], bgr[:, column:]]


def _find_fold(luminance: Image, *, wide: bool) -> float | None:
    """Middle of a strip no writing crosses, with a shaded fold in it unless the sheet is A3."""
    height, width = luminance.shape
    contrast = ink_contrast(luminance, 61)[height // 25 : -height // 25] > 28
    inked = contrast.mean(axis=0)
    left, right = round(width * 0.44), round(width * 0.56)
    if min(inked[:left].mean(), inked[right:].mean()) < 0.008:
        return None
    middle = contrast[:, left:right]
    line = _fold_line(middle) if wide else None
    if line is not None:
        middle = middle & ~line
    start, length = _longest_clear(_ignore_fold_line(middle))
    if length < (0.012 if wide else 0.03) * width:
        return None
    if line is not None:
        fold = float(np.nonzero(line)[1].mean())
        if start + BESIDE < fold < start + length - BESIDE:
            return float((fold + left + 0.5) / width)
    start += left
    shade = _fold_shade(luminance, start, start + length)
    if shade is None and not wide:
        return None
    if shade is None:
        # A sheet is folded in its middle: there, or as near to it as no writing is cut.
        shade = min(max(width / 2, start + CLEAR), start + length - CLEAR)
    return float(shade / width)


def _ignore_fold_line(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Ink of each column, a straight line down the whole sheet (the fold itself) left out."""
    share = np.asarray(ink.mean(axis=0), np.float64)
    share[share > 0.6] = 0.0
    return share


def _fold_line(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_] | None:
    """The upright line nearest to the middle that runs down most of the sheet; it may lean a little,
    as a sheet does on the glass. None where there is none.
    """
    tall = np.ones((UPRIGHT, 1), np.uint8)
    lines = cv2.morphologyEx(ink.astype(np.uint8), cv2.MORPH_OPEN, tall)
    lines = cv2.dilate(lines, np.ones((UPRIGHT, 3), np.uint8))
    count, labels, stats, centres = cv2.connectedComponentsWithStats(lines)
    whole = [
        at
        for at in range(1, count)
        if stats[at, cv2.CC_STAT_HEIGHT] >= WHOLE * ink.shape[0]
        and stats[at, cv2.CC_STAT_WIDTH] <= 2 * BESIDE
    ]
    if not whole:
        return None
    best = min(whole, key=lambda at: abs(float(centres[at][0]) - ink.shape[1] / 2))
    return np.asarray(labels == best)


def _longest_clear(share: npt.NDArray[np.float64]) -> tuple[int, int]:
    best, start = (0, 0), None
    for column, clear in enumerate([*(share < 0.004), False]):
        if clear and start is None:
            start = column
        elif not clear and start is not None:
            best = max(best, (column - start, start))
            start = None
    return best[1], best[0]


def _fold_shade(luminance: Image, start: int, end: int) -> float | None:
    """Column of the darkest line down the strip, if it is darker there over most of its height."""
    strip = cv2.blur(luminance[:, start:end], (1, max(3, luminance.shape[0] // 20)))
    profile = np.median(strip, axis=0).astype(np.float64)
    low = int(profile.argmin())
    around = np.percentile(profile, 80)
    if around - profile[low] < 8 or not 0.04 < (low + 0.5) / len(profile) < 0.96:
        return None
    steady = (np.percentile(strip, 80, axis=1) - strip[:, low].astype(np.float64)) > 5
    return float(start + low) if steady.mean() > 0.8 else None
