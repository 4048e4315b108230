"""An A3 spread into its two pages, only when the fold is sure."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.values import Image, grey, ink_contrast

LONGEST = 1200
A3_WIDTH_MM = 360.0  # wider than any A4 lying on its side


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
    start, length = _longest_clear(_ignore_fold_line(contrast[:, left:right]))
    if length < (0.012 if wide else 0.03) * width:
        return None
    start += left
    shade = _fold_shade(luminance, start, start + length)
    if shade is None and not wide:
        return None
    return (start + length / 2 if shade is None else shade) / float(width)


def _ignore_fold_line(ink: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """Ink of each column, a straight line down the whole sheet (the fold itself) left out."""
    share = np.asarray(ink.mean(axis=0), np.float64)
    share[share > 0.6] = 0.0
    return share


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
