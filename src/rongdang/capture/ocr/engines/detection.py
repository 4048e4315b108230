"""Where text stands on a page: four-cornered places found by the detecting network."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.values import shrunk
from rongdang.capture.ocr.engines.nets import (
    SMALL_DETECTOR,
    TINY_DETECTOR,
    Floats,
    Run,
    has_tiny,
    open_network,
)

Image = npt.NDArray[np.uint8]
Quad = npt.NDArray[np.float32]  # 4 x 2 pixels: top left, top right, bottom right, bottom left

LONGEST, SHORTEST = 1152, 736  # of the page as the network sees it: about 98 dpi of A4
PART = 768  # of a part of a page, which is seen larger: a seal with its lines at about 150 dpi
GRID = 32  # the network halves its picture five times
STEP = 64  # sizes are rounded up to this: each new size costs the runtime half a second
PEAK, SURE, GROWTH = 0.3, 0.5, 1.6  # of the shrunken text areas the network was taught to draw
SMALLEST = 3


@dataclass(frozen=True, slots=True)
class Place:
    """A run of text, in pixels of the page, and how sure the network is of it."""

    quad: Quad
    score: float

    @property
    def breadth(self) -> float:
        """The shorter side: the size of its characters."""
        return min(_sides(self.quad))


class Detector:
    """Loads its network when made."""

    def __init__(self, runtime: str) -> None:
        network = TINY_DETECTOR if has_tiny() else SMALL_DETECTOR
        self._run: Run = open_network(network, runtime)[0]

    def find(self, bgr: Image, *, part: bool = False) -> list[Place]:
        """Places of text on a whole page or a part of it, in no order."""
        batch, scale = _as_batch(bgr, PART if part else LONGEST, 0 if part else SHORTEST)
        heat = np.asarray(self._run(batch)[0, 0], np.float32)
        height, width = bgr.shape[:2]
        used = heat[: max(1, round(height * scale)), : max(1, round(width * scale))]
        return _places(used, scale, (width, height))


def _as_batch(bgr: Image, longest: int, shortest: int) -> tuple[Floats, float]:
    """The picture scaled and laid on a canvas of paper; -1 to 1, 1 x 3 x H x W."""
    height, width = bgr.shape[:2]
    scale = min(1.0, longest / max(height, width))
    if scale == 1.0 and min(height, width) < shortest:
        scale = min(shortest / min(height, width), max(1.0, longest / max(height, width)))
    size = (max(GRID, round(width * scale)), max(GRID, round(height * scale)))
    small = cv2.resize(shrunk(bgr, scale), size, interpolation=cv2.INTER_LINEAR)
    canvas = np.full((-(-size[1] // STEP) * STEP, -(-size[0] // STEP) * STEP, 3), 255, np.uint8)
    canvas[: size[1], : size[0]] = small
    batch = cv2.dnn.blobFromImage(canvas, 1 / 127.5, mean=(127.5, 127.5, 127.5))
    return np.asarray(batch, np.float32), scale


def _places(heat: Floats, scale: float, size: tuple[int, int]) -> list[Place]:
    mask = cv2.dilate((heat > PEAK).astype(np.uint8), np.ones((2, 2), np.uint8))
    outlines = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)[0]
    found = []
    for outline in outlines:
        centre, sides, angle = cv2.minAreaRect(outline)
        if min(sides) < SMALLEST:
            continue
        score = _mean_inside(heat, np.asarray(cv2.boxPoints((centre, sides, angle)), np.float32))
        if score < SURE:
            continue
        reach = sides[0] * sides[1] * GROWTH / (2 * (sides[0] + sides[1]))
        grown = (sides[0] + 2 * reach, sides[1] + 2 * reach)
        quad = _clockwise(np.asarray(cv2.boxPoints((centre, grown, angle)), np.float32)) / scale
        quad = np.clip(quad, 0, np.array(size, np.float32) - 1).astype(np.float32)
        if min(_sides(quad)) > SMALLEST:
            found.append(Place(quad, score))
    return found


def _mean_inside(heat: Floats, corners: npt.NDArray[np.float32]) -> float:
    x0, y0 = np.maximum(np.floor(corners.min(axis=0)).astype(int), 0)
    x1, y1 = np.ceil(corners.max(axis=0)).astype(int) + 1
    part = np.ascontiguousarray(heat[y0:y1, x0:x1])
    mask = np.zeros(part.shape, np.uint8)
    cv2.fillPoly(mask, [np.asarray(corners - (x0, y0), np.int32)], 1)
    return float(cv2.mean(part, mask)[0])


def _clockwise(corners: npt.NDArray[np.float32]) -> Quad:
    """Corners from the top left: of the two leftmost the upper one first."""
    by_x = corners[np.argsort(corners[:, 0], kind="stable")]
    left, right = by_x[:2], by_x[2:]
    top_left, bottom_left = left[np.argsort(left[:, 1])]
    top_right, bottom_right = right[np.argsort(right[:, 1])]
    return np.stack([top_left, top_right, bottom_right, bottom_left]).astype(np.float32)


def _sides(quad: Quad) -> tuple[float, float]:
    """Width and height of a place."""
    return (
        float(np.linalg.norm(quad[0] - quad[1])),
        float(np.linalg.norm(quad[0] - quad[3])),
    )
