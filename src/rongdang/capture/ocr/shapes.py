"""Small squares and drawn rings in the ink of a page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.base.textlayer import Box
from rongdang.capture.ocr.boxes import covered

Mask = npt.NDArray[np.uint8]
Runs = npt.NDArray[np.int64]

# Sizes are shares of the longest side of the page; A4 is 297 mm long.
SMALLEST_SQUARE, LARGEST_SQUARE = 0.0068, 0.024  # 2 to 7 mm
FEWEST = 11  # pixels of a side: smaller ones cannot be told from parts of characters
CROWDED = 0.12  # share of ink close around it: a square inside a character has neighbours
FLAT = 4  # pixels: a side of a square is thinner
WALL = 0.86  # share of a side that must be ink
FILLED = 0.055  # share of the inside that is ink once somebody ticked it
INSIDE = 0.86  # of a ring seen from outside is within its stroke
RING_SIZES = ((0.014, 0.16), (0.013, 0.06))  # width and height of a ring
ROUND = (0.70, 0.87)  # share of its box an ellipse fills is 0.785


def find_squares(ink: Mask) -> list[tuple[Box, bool]]:
    """Squares with four thin sides, and whether there is ink inside."""
    longest = max(ink.shape)
    least, most = max(FEWEST, SMALLEST_SQUARE * longest), LARGEST_SQUARE * longest
    runs = _flat_runs(ink, max(5, round(least * 0.8)), 1.25 * most)
    found: list[tuple[int, int, int, int]] = []
    for x, y, w, _h in runs.tolist():
        below = runs[
            (np.abs(runs[:, 0] - x) <= 2)
            & (np.abs(runs[:, 2] - w) <= max(2, 0.25 * w))  # a tick lengthens the upper side
            & (np.abs(runs[:, 1] - y - w) <= 0.28 * w + 1)
        ]
        for _x, y2, w2, h2 in below.tolist():
            side = min(w, w2)
            square = (x, y, x + side, y2 + h2)
            if least <= side <= most and _has_walls(ink, square) and not _repeats(square, found):
                found.append(square)
    height, width = ink.shape
    return [
        (
            (x0 / width, y0 / height, x1 / width, y1 / height),
            _inside(ink, (x0, y0, x1, y1)) > FILLED,
        )
        for x0, y0, x1, y1 in found
    ]


def _flat_runs(ink: Mask, length: int, most: float) -> Runs:
    """Short thin strokes that run across: x, y, width, height in pixels."""
    opened = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    # So long and apart they are fewer than 65,535; labels of two bytes cost half of four.
    stats = cv2.connectedComponentsWithStats(opened, ltype=cv2.CV_16U)[2][1:].astype(np.int64)
    flat = (stats[:, 3] <= FLAT) & (stats[:, 2] <= most)
    return np.asarray(stats[flat][:, :4], np.int64)


def _has_walls(ink: Mask, square: tuple[int, int, int, int]) -> bool:
    """Ink down both sides, and little of it close around."""
    x0, y0, x1, y1 = square
    left = ink[y0:y1, max(0, x0 - 1) : x0 + 3]
    right = ink[y0:y1, max(0, x1 - 3) : x1 + 1]
    if left.max(axis=1).mean() < WALL or right.max(axis=1).mean() < WALL:
        return False
    around = ink[max(0, y0 - 4) : y1 + 4, max(0, x0 - 4) : x1 + 4]
    within = ink[max(0, y0 - 2) : y1 + 2, max(0, x0 - 2) : x1 + 2]
    band = around.size - within.size
    return bool(band > 0 and (int(around.sum()) - int(within.sum())) / band <= CROWDED)


def _repeats(square: tuple[int, int, int, int], found: list[tuple[int, int, int, int]]) -> bool:
    return any(max(abs(a - b) for a, b in zip(square, other, strict=True)) <= 4 for other in found)


def _inside(ink: Mask, square: tuple[int, int, int, int]) -> float:
    x0, y0, x1, y1 = square
    inset = max(3, round((x1 - x0) * 0.2))
    core = ink[y0 + inset : y1 - inset, x0 + inset : x1 - inset]
    return float(core.mean()) if core.size else 0.0


@dataclass(frozen=True, slots=True)
class Ring:
    """A drawn ring: its box, and its inside as a polygon, both in 0..1 of the page."""

    box: Box
    inside: npt.NDArray[np.float32]
    whole: bool  # its outer edge was seen: no character has such a one


def find_rings(ink: Mask, rules: Mask) -> list[Ring]:
    """Closed rounded outlines large enough to hold a word, ruled lines taken away first."""
    free = cv2.subtract(ink, cv2.dilate(rules, np.ones((3, 3), np.uint8)))
    found: list[Ring] = []
    # A ring may touch a rule or cross it, have a small break, or nearly touch its word.
    for mask, gap in ((ink, 1), (free, 1), (free, 3), (free, 5)):
        closed = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
        for ring in _round_holes(np.asarray(closed, np.uint8)):
            if not any(_same(ring.box, other.box) for other in found):
                found.append(ring)
    return found


def _same(a: Box, b: Box) -> bool:
    return covered(a, b) > 0.8 or covered(b, a) > 0.8


def _round_holes(ink: Mask) -> Iterator[Ring]:
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    if tree is None:
        return
    longest = max(ink.shape)
    (narrow, broad), (low, high) = RING_SIZES
    height, width = ink.shape
    for outline, links in zip(outlines, tree[0], strict=True):
        x, y, w, h = cv2.boundingRect(outline)
        if not (narrow * longest <= w <= broad * longest and low * longest <= h <= high * longest):
            continue
        points = np.asarray(outline, np.int32)
        outer = links[3] < 0  # a stroke from outside: its word may touch it; else what it encloses
        if len(outline) < 8 or not _is_round(points, w, h, solid=0.93 if outer else 0.6):
            continue
        hull = np.asarray(cv2.convexHull(points)[:, 0], np.float32)
        if outer:
            hull = hull.mean(axis=0) + (hull - hull.mean(axis=0)) * INSIDE
        inside = np.asarray(hull / np.array([width, height], np.float32), np.float32)
        yield Ring((x / width, y / height, (x + w) / width, (y + h) / height), inside, outer)


def _is_round(outline: npt.NDArray[np.int32], width: int, height: int, *, solid: float) -> bool:
    hull = cv2.convexHull(outline)
    full = cv2.contourArea(hull)
    if not ROUND[0] <= full / (width * height) <= ROUND[1]:
        return False
    if cv2.contourArea(outline) < solid * full or width / height < 0.6:
        return False
    corners = cv2.approxPolyDP(hull, 0.03 * cv2.arcLength(hull, closed=True), closed=True)
    return len(corners) >= 6
