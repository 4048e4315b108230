"""The small angle at which a page lies, by the sharpness of its projection profiles."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.values import Image, grey, ink_contrast

LIMIT = 18.0  # degrees each way
LONGEST = 1500  # pixels of the long side in the last step
STEPS = ((4, 1.0, 4), (2, 0.25, 2), (1, 0.06, 1))  # pixels a bin, degrees a step, one point in n
MOST_POINTS = 120_000
INK = 28

Points = npt.NDArray[np.float32]


def find_skew(bgr: Image) -> float:
    """Degrees (counter-clockwise positive) by which the page must be turned to lie level."""
    points = _ink_points(bgr)
    if points.shape[1] < 200:
        return 0.0
    angle, reach = 0.0, LIMIT
    for pixels, step, thin in STEPS:
        used = np.ascontiguousarray(points[:, ::thin])
        tried = np.arange(angle - reach, angle + reach + step / 2, step)
        scores = np.array([_sharpness(used, float(degrees), pixels) for degrees in tried])
        best = int(scores.argmax())
        angle, reach = _peak(tried, scores, best), 2 * step
    return float(angle) if abs(angle) <= LIMIT else 0.0


def rotate(bgr: Image, degrees: float, fill: tuple[int, int, int]) -> Image:
    """The page turned counter-clockwise about its middle, the canvas grown to hold it, corners in `fill`."""
    matrix, size = turning((bgr.shape[1], bgr.shape[0]), degrees)
    turned = cv2.warpAffine(bgr, matrix, size, flags=cv2.INTER_LINEAR, borderValue=fill)
    return np.asarray(turned, np.uint8)


def turning(
    size: tuple[int, int], degrees: float
) -> tuple[npt.NDArray[np.float64], tuple[int, int]]:
    """The 2 x 3 matrix `rotate` moves pixels by, and the width and height of what it makes."""
    width, height = size
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    cos, sin = abs(matrix[0, 0]), abs(matrix[0, 1])
    grown = (round(width * cos + height * sin), round(height * cos + width * sin))
    matrix[0, 2] += (grown[0] - width) / 2
    matrix[1, 2] += (grown[1] - height) / 2
    return np.asarray(matrix, np.float64), grown


def _ink_points(bgr: Image) -> Points:
    """Edges of ink from above and from the side: 2 x n, jittered so that no grid favours 0."""
    luminance = grey(bgr, LONGEST)
    ink = ink_contrast(luminance, 61) > INK
    margin_y, margin_x = luminance.shape[0] // 50, luminance.shape[1] // 50
    ink[:margin_y] = ink[-margin_y:] = False
    ink[:, :margin_x] = ink[:, -margin_x:] = False
    rows, columns = np.nonzero(ink)
    chance = np.random.default_rng(7)
    if rows.size > MOST_POINTS:
        kept = chance.choice(rows.size, MOST_POINTS, replace=False)
        rows, columns = rows[kept], columns[kept]
    points = np.stack([columns, rows]).astype(np.float32)
    points += chance.uniform(-0.5, 0.5, points.shape).astype(np.float32)
    return points - np.array([[luminance.shape[1] / 2], [luminance.shape[0] / 2]], np.float32)


def _sharpness(points: Points, degrees: float, pixels: int) -> float:
    """Sum of squared steps of the row and the column profile once turned by `degrees`."""
    angle = np.deg2rad(degrees)
    cos, sin = np.float32(np.cos(angle) / pixels), np.float32(np.sin(angle) / pixels)
    x, y = points
    return _profile(y * cos - x * sin) + _profile(x * cos + y * sin)


def _profile(position: Points) -> float:
    steps = np.diff(np.bincount((position - position.min()).astype(np.int32)).astype(np.float64))
    return float((steps * steps).sum())


def _peak(tried: npt.NDArray[np.float64], scores: npt.NDArray[np.float64], best: int) -> float:
    """Top of the parabola through the best score and its neighbours."""
    if not 0 < best < len(tried) - 1:
        return float(tried[best])
    left, top, right = scores[best - 1 : best + 2]
    bend = left - 2 * top + right
    shift = 0.5 * (left - right) / bend if bend else 0.0
    return float(tried[best] + shift * (tried[1] - tried[0]))
