"""Red seals on a page, and the page without their red, so that the words under them are read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.base.textlayer import Box, Line
from rongdang.capture.imaging.values import Image, shrunk
from rongdang.capture.ocr.boxes import covered

LONGEST = 1000  # pixels: about 85 dpi of A4
RED, PALE_RED = 24, 14  # how much more red than green and blue: ink of a seal, its faint edges
SMALLEST, LARGEST = 0.026, 0.26  # side of a seal, of the longest side: 8 mm name seal to 75 mm
FILLED = 0.5  # of its box, once its strokes are run together; a circle fills 0.78
INKED, CORE_INKED = (
    0.04,
    0.03,
)  # share of red in its box, in its middle: rings drawn by hand are empty
BRIDGE = 15  # pixels: strokes of a seal are nearer to each other than this

Mask = npt.NDArray[np.uint8]


def find_seals(bgr: Image) -> tuple[Box, ...]:
    """Boxes of round and square red seals; red headings and rings drawn by hand are none."""
    tone = redness(shrunk(bgr, LONGEST / max(bgr.shape[:2])))
    red = tone > RED + float(np.median(tone))  # against the tint of the paper
    if int(red.sum()) < 60:
        return ()
    ink = red.astype(np.uint8)
    joined = cv2.morphologyEx(ink, cv2.MORPH_CLOSE, np.ones((BRIDGE, BRIDGE), np.uint8))
    outlines = cv2.findContours(joined, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)[0]
    blobs = [cv2.boundingRect(outline) for outline in outlines]
    height, width = ink.shape
    found = [
        (x / width, y / height, (x + w) / width, (y + h) / height)
        for outline, (x, y, w, h) in zip(outlines, blobs, strict=True)
        if SMALLEST * max(ink.shape) <= max(w, h) <= LARGEST * max(ink.shape)
        and 0.6 <= w / h <= 1.67
        and cv2.contourArea(cv2.convexHull(outline)) >= FILLED * w * h
        and _is_stamped(ink[y : y + h, x : x + w])
        and not _in_a_heading((x, y, w, h), blobs)
    ]
    return tuple(
        box for box in found if not any(covered(box, o) > 0.9 for o in found if o is not box)
    )


def redness(bgr: Image) -> Mask:
    """How much more red than green or blue each pixel is."""
    blue, green, red = cv2.split(bgr)
    return np.asarray(cv2.subtract(red, cv2.max(blue, green)), np.uint8)


def cleared(bgr: Image, stamps: Sequence[Box]) -> Image:
    """The page on which the red of its seals is as light as paper; all else keeps its tone."""
    if not stamps:
        return bgr
    page = bgr.copy()
    height, width = bgr.shape[:2]
    for stamp in stamps:
        x0, y0, x1, y1 = surroundings(stamp, (width, height))
        page[y0:y1, x0:x1] = without_red(bgr[y0:y1, x0:x1])
    return page


def without_red(bgr: Image) -> Image:
    """Grey picture in which red ink vanishes: it reflects red nearly as paper does."""
    blue, green, red = cv2.split(bgr)
    paper = float(np.percentile(red, 80)) or 255.0
    # A dark seal is lifted further by its own redness; black ink under it has little of that.
    own = cv2.subtract(red, cv2.max(blue, green)).astype(np.float32)
    lifted = red.astype(np.float32) + 1.2 * np.maximum(own - PALE_RED, 0)
    flat = np.clip(lifted * (255.0 / paper), 0, 255).astype(np.uint8)
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_GRAY2BGR), np.uint8)


def surroundings(stamp: Box, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Pixels of a seal and of the lines that run through it: x0, y0, x1, y1."""
    width, height = size
    across, down = (stamp[2] - stamp[0]) * width, (stamp[3] - stamp[1]) * height
    return (
        max(0, round(stamp[0] * width - max(across, 0.04 * width))),
        max(0, round(stamp[1] * height - 0.15 * down)),
        min(width, round(stamp[2] * width + max(across, 0.04 * width))),
        min(height, round(stamp[3] * height + 0.15 * down)),
    )


def merge(
    first: Sequence[Line], second: Sequence[Line], stamps: Sequence[Box], bgr: Image
) -> tuple[Line, ...]:
    """Lines of both passes: under a seal the second one counts where it read as well or better.

    What the first pass read out of the seal's own red writing is dropped.
    """
    kept = list(first)
    for line in second:
        if not any(covered(line.box, stamp) > 0.05 for stamp in stamps):
            continue
        rivals = [other for other in kept if _same_place(line.box, other.box)]
        if not rivals or _weight([line]) >= _weight(rivals) - 0.05:
            kept = [other for other in kept if other not in rivals]
            kept.append(replace(line, under_seal=True))
    return tuple(line for line in kept if line.under_seal or not _is_rim(line, stamps, bgr))


def _weight(lines: Sequence[Line]) -> float:
    """How much was read and how surely."""
    return sum(char.confidence**2 for line in lines for char in line.chars)


def _same_place(a: Box, b: Box) -> bool:
    return covered(a, b) > 0.5 or covered(b, a) > 0.5


def _is_rim(line: Line, stamps: Sequence[Box], bgr: Image) -> bool:
    """Whether a line is the red writing of the seal itself."""
    if not any(covered(line.box, stamp) > 0.6 for stamp in stamps):
        return False
    height, width = bgr.shape[:2]
    x0, y0, x1, y1 = line.box
    part = bgr[int(y0 * height) : int(y1 * height) + 1, int(x0 * width) : int(x1 * width) + 1]
    return red_share(np.asarray(part, np.uint8)) > 0.5


def red_share(bgr: Image) -> float:
    """Share of the ink of a picture that is red."""
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    ink = grey < float(np.percentile(grey, 90)) - 40
    return float((redness(bgr)[ink] > RED).mean()) if int(ink.sum()) > 20 else 0.0


def _is_stamped(ink: Mask) -> bool:
    """Red in the whole of it and in its middle."""
    height, width = ink.shape
    core = ink[
        round(height * 0.24) : round(height * 0.76), round(width * 0.24) : round(width * 0.76)
    ]
    return bool(ink.mean() >= INKED and core.size and core.mean() >= CORE_INKED)


def _in_a_heading(box: Sequence[int], others: list[Sequence[int]]) -> bool:
    """Red characters stand in a row, alike in size; seals do not."""
    x, y, w, h = box
    mates = [
        other
        for other in others
        if other != box
        and abs(other[1] + other[3] / 2 - y - h / 2) < 0.25 * h
        and 0.6 < other[3] / h < 1.6
        and abs(other[0] - x) < 4 * w + other[2]
    ]
    return len(mates) >= 2
