"""Words struck out: a stroke across the middle of two or more characters that belongs to none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

import cv2
import numpy as np

from rongdang.base.textlayer import Char, Line, Mark
from rongdang.capture.ocr.boxes import around
from rongdang.capture.ocr.tables import Mask, Ruling

LONGER = 1.97  # characters: strokes of two that touch reach less far
FULL = 0.6  # of a line's height: a Chinese character; figures beside it stand closer
MIDDLE = (0.28, 0.72)  # of a line's height: above and below are rules to write on
FLAT_SIGNS = frozenset("一—-－_~～…·.")
BEYOND = 1.1  # times that length: whoever strikes out goes a little past the word
THICK = 4  # pixels of the dilated ink: a pen's stroke, or a slanting one
EVEN, PALE = 0.45, 0.3  # its palest place, of its usual blackness: paler where strokes only meet
SURE, DOUBTFUL = 0.85, 0.5


@dataclass(frozen=True, slots=True)
class Stroke:
    """A run of ink across a line of writing: from where to where it goes (pixels of the line's
    band), and how surely it is one stroke of a pen.
    """

    start: int
    end: int
    sure: float


def struck_words(ruled: Ruling, lines: Sequence[Line]) -> tuple[Mark, ...]:
    """A mark of kind "struck" over each run of characters with a stroke through them: SURE where it
    is long, thick and even, DOUBTFUL where it is thick or even, none where it is neither: then strokes
    of the characters meet.
    """
    free = cv2.subtract(ruled.ink, cv2.dilate(ruled.drawn, np.ones((3, 3), np.uint8)))
    thick = np.asarray(cv2.dilate(free, np.ones((3, 1), np.uint8)), np.uint8)
    marks = []
    for line in lines:
        if line.vertical or len(line.chars) < 2:
            continue
        for chars, sure in _struck(thick, ruled.depth, line):
            word = "".join(char.text for char in chars).strip()
            if len(word) > 1 and not set(word) <= FLAT_SIGNS:
                box = around(char.box for char in chars)
                marks.append(Mark("struck", checked=False, label=word, box=box, confidence=sure))
    return tuple(marks)


def _struck(thick: Mask, depth: Mask, line: Line) -> Iterator[tuple[list[Char], float]]:
    """Characters of the line under one stroke, and how surely it is one."""
    height, width = thick.shape
    high = line.box[3] - line.box[1]
    pitch = max(_pitch(line) * width, FULL * high * height)
    x0, x1 = int(line.box[0] * width), int(line.box[2] * width) + 1
    y0 = int((line.box[1] + MIDDLE[0] * high) * height)
    y1 = int((line.box[1] + MIDDLE[1] * high) * height) + 1
    band = thick[y0:y1, x0:x1]
    if band.size == 0 or band.shape[1] < LONGER * pitch:
        return
    middles = [int((char.box[0] + char.box[2]) / 2 * width) - x0 for char in line.chars]
    taken: set[int] = set()
    for stroke in _strokes(band, depth[y0:y1, x0:x1], max(3, int(LONGER * pitch))):
        under = [
            at
            for at, middle in enumerate(middles)
            if stroke.start <= middle < stroke.end and line.chars[at].text.strip()
        ]
        if len(under) > 1 and taken.isdisjoint(under):
            taken.update(under)
            yield [line.chars[at] for at in under], stroke.sure


def _strokes(band: Mask, depth: Mask, length: int) -> list[Stroke]:
    """Strokes of at least that length, the surest first."""
    runs = cv2.morphologyEx(band, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs)
    found = []
    for number, (x, _y, wide, high, _area) in enumerate(stats.tolist()[1:], start=1):
        inside = labels[:, x : x + wide] == number
        black = np.where(inside, depth[:, x : x + wide], 0).max(axis=0)
        palest, usual = np.percentile(black, (5, 75))
        if high >= THICK and palest >= EVEN * usual and wide >= BEYOND * length:
            found.append(Stroke(x, x + wide, SURE))
        elif high >= THICK or palest >= PALE * usual:
            found.append(Stroke(x, x + wide, DOUBTFUL))
    return sorted(found, key=lambda one: -one.sure)


def _pitch(line: Line) -> float:
    """Usual distance of two characters, in page widths."""
    middles = [(char.box[0] + char.box[2]) / 2 for char in line.chars]
    return max(median(b - a for a, b in pairwise(middles)), 1e-3)
