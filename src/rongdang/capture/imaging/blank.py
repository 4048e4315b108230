"""Pages without writing: blank backs with their punch holes, shade, folds and show-through."""

from __future__ import annotations

import cv2
import numpy as np

from rongdang.capture.imaging.values import Image, grey, ink_contrast

LONGEST = 1100  # about 95 dpi for A4: a character of 3 mm is 11 pixels
WEAK, STRONG = 28, 42  # ink against the paper around it; show-through stays below STRONG
SMALLEST_MARK = 7  # pixels, 2 mm: a figure of a page number is writing, a speck is not


def is_blank(bgr: Image) -> bool:
    """True only when nothing looks like writing: a blank page is not read, so doubt says no."""
    luminance = grey(bgr, LONGEST)
    contrast = ink_contrast(luminance, 61)
    height, width = contrast.shape
    margin_y, margin_x = round(height * 0.03), round(width * 0.03)
    contrast[:margin_y] = contrast[-margin_y:] = 0
    contrast[:, :margin_x] = contrast[:, -margin_x:] = 0
    ink = (contrast > WEAK).astype(np.uint8)
    count, labels, stats, centres = cv2.connectedComponentsWithStats(ink)
    if count < 2:
        return True
    peaks = np.zeros(count, np.uint8)
    np.maximum.at(peaks, np.asarray(labels, np.int64).ravel(), contrast.ravel())
    marks = weak_area = 0
    for index in range(1, count):
        _, _, w, h, area = (int(value) for value in stats[index])
        if area < 6 or max(w, h) < 4 or _is_hole(w, h, area, centres[index], (width, height)):
            continue
        weak_area += area
        marks += peaks[index] >= STRONG and max(w, h) >= SMALLEST_MARK
    return bool(marks == 0 and weak_area < 0.004 * height * width)


def _is_hole(width: int, height: int, area: int, centre: np.ndarray, page: tuple[int, int]) -> bool:
    """A round solid (or ringed) spot of 3-12 mm near an edge."""
    size = max(width, height)
    if not 0.01 * max(page) <= size <= 0.042 * max(page) or min(width, height) < 0.75 * size:
        return False
    x, y = centre[0] / page[0], centre[1] / page[1]
    near = min(x, y, 1 - x, 1 - y) < 0.13
    return bool(near and area > 0.62 * width * height)
