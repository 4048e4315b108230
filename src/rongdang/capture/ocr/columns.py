"""Punctuation in columns of vertical writing, which the network, seeing them turned, reads over.

A sign has the room of a character to itself there, so a wider step from one character to the next
with a little ink in it is a sign; its shape says which.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median

import cv2
import numpy as np

from rongdang.base.textlayer import Box, Char, Line
from rongdang.capture.ocr.boxes import covered
from rongdang.capture.ocr.tables import Mask, Ruling

STEP = 1.5  # times the usual step: one room is left out
LARGEST = 0.6  # of the step: a sign is smaller than a character
LEAST = 5  # pixels of ink
SURE = 0.8
SIGNS = "。，；、：！？·,;.:"
STRAY = frozenset("Oo0〇○。，、.,·:;丶`'")


def with_column_signs(lines: Sequence[Line], ruled: Ruling) -> tuple[Line, ...]:
    """The lines, columns with their signs, and without what was read of a sign by itself."""
    free = np.asarray(ruled.ink & (1 - ruled.drawn), np.uint8)
    done: list[Line] = []
    grown: list[Line] = []
    for line in lines:
        column = _with_signs(line, free) if line.vertical and len(line.chars) > 3 else line
        if column is not line:
            grown.append(column)
        done.append(column)
    return tuple(
        line
        for line in done
        if line in grown
        or not set(line.text) <= STRAY
        or not any(covered(line.box, column.box) > 0.7 for column in grown)
    )


def _with_signs(line: Line, free: Mask) -> Line:
    middles = [(char.box[1] + char.box[3]) / 2 for char in line.chars]
    step = median(b - a for a, b in pairwise(middles))
    chars: list[Char] = []
    for at, char in enumerate(line.chars):
        chars.append(char)
        last = at + 1 == len(middles)
        end = min(1.0, middles[at] + 2 * step) if last else middles[at + 1]
        if char.text in SIGNS or end - middles[at] < STEP * step:
            continue
        room: Box = (line.box[0], middles[at] + step / 2, line.box[2], middles[at] + 1.5 * step)
        if not last:
            room = (room[0], room[1], room[2], end - step / 2)
        sign = _sign(free, room, step)
        if sign:
            chars.append(Char(sign, room, SURE))
    if len(chars) == len(line.chars):
        return line
    return replace(
        line,
        text="".join(char.text for char in chars),
        chars=tuple(chars),
        box=(line.box[0], line.box[1], line.box[2], max(line.box[3], chars[-1].box[3])),
        confidence=fmean(char.confidence for char in chars),
    )


def _sign(free: Mask, room: Box, step: float) -> str:
    """The sign in a room of its own, "" where there is none or something larger."""
    height, width = free.shape
    high = step * height
    y0, y1 = int(room[1] * height - 0.12 * high), int(room[3] * height + 0.12 * high) + 1
    part = np.ascontiguousarray(free[max(0, y0) : y1, int(room[0] * width) : int(room[2] * width)])
    if not part.size:
        return ""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    whole = [
        number
        for number, (_, y, w, h, area) in enumerate(stats.tolist())
        if number and area >= LEAST and y > 0 and y + h < part.shape[0] and max(w, h) < high
    ]
    if not whole or any(max(stats[n][2], stats[n][3]) > LARGEST * high for n in whole):
        return ""
    if len(whole) > 2:
        return ""
    if len(whole) == 2:
        return "；" if _is_comma(stats[whole[1]].tolist()) else "："
    return "。" if _has_hole(np.asarray(labels == whole[0], np.uint8)) else "，"


def _is_comma(stats: list[int]) -> bool:
    """Whether ink is no dot: it leaves its box partly empty."""
    _, _, w, h, area = stats
    return area < 0.72 * w * h or not 0.75 < w / h < 1.33


def _has_hole(ink: Mask) -> bool:
    outlines, tree = cv2.findContours(ink, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    return bool(tree is not None and any(link[3] >= 0 for link in tree[0]) and len(outlines) > 1)
