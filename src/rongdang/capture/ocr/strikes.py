"""Words struck out: a stroke across the middle of two or more characters that belongs to none."""

from __future__ import annotations

from collections.abc import Sequence
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
SURE = 0.85


def struck_words(ruled: Ruling, lines: Sequence[Line]) -> tuple[Mark, ...]:
    """A mark of kind "struck" over each run of characters with a stroke through them."""
    free = cv2.subtract(ruled.ink, cv2.dilate(ruled.drawn, np.ones((3, 3), np.uint8)))
    thick = np.asarray(cv2.dilate(free, np.ones((3, 1), np.uint8)), np.uint8)
    marks = []
    for line in lines:
        if line.vertical or len(line.chars) < 2:
            continue
        for chars in _struck(thick, line):
            word = "".join(char.text for char in chars).strip()
            if len(word) > 1 and not set(word) <= FLAT_SIGNS:
                box = around(char.box for char in chars)
                marks.append(Mark("struck", checked=False, label=word, box=box, confidence=SURE))
    return tuple(marks)


def _struck(thick: Mask, line: Line) -> list[list[Char]]:
    height, width = thick.shape
    pitch = max(_pitch(line) * width, FULL * (line.box[3] - line.box[1]) * height)
    x0, x1 = int(line.box[0] * width), int(line.box[2] * width) + 1
    high = line.box[3] - line.box[1]
    y0 = int((line.box[1] + MIDDLE[0] * high) * height)
    y1 = int((line.box[1] + MIDDLE[1] * high) * height) + 1
    band = thick[y0:y1, x0:x1]
    if band.size == 0 or band.shape[1] < LONGER * pitch:
        return []
    runs = cv2.morphologyEx(
        band, cv2.MORPH_OPEN, np.ones((1, max(3, int(LONGER * pitch))), np.uint8)
    )
    covered = runs.max(axis=0)
    groups: list[list[Char]] = []
    last = -2
    for at, char in enumerate(line.chars):
        middle = int((char.box[0] + char.box[2]) / 2 * width) - x0
        if not (0 <= middle < covered.size and covered[middle]) or not char.text.strip():
            continue
        if at == last + 1:
            groups[-1].append(char)
        else:
            groups.append([char])
        last = at
    return [group for group in groups if len(group) > 1]


def _pitch(line: Line) -> float:
    """Usual distance of two characters, in page widths."""
    middles = [(char.box[0] + char.box[2]) / 2 for char in line.chars]
    return max(median(b - a for a, b in pairwise(middles)), 1e-3)
