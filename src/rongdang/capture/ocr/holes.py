"""Ink in the middle of a line that was read over: its part is read again and put in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise
from statistics import fmean, median

import numpy as np

from rongdang.base.textlayer import Box, Char, Line
from rongdang.capture.ocr.tables import Ruling
from rongdang.capture.ocr.unread import Spell

WIDE = 1.9  # characters without a character read: room for at least one
FULL = 0.6  # of a line's height: a Chinese character
BAND = (0.2, 0.75)  # of a line's height: below are rules and dots to write on
LEAST_INK = 0.05  # share of the band
SURE = 0.7


def with_holes_read(lines: Sequence[Line], ruled: Ruling, spell: Spell) -> tuple[Line, ...]:
    """The lines, each with what `spell` reads where ink stands between two of its characters."""
    return tuple(_mended(line, ruled, spell) for line in lines)


def _mended(line: Line, ruled: Ruling, spell: Spell) -> Line:
    if line.vertical or len(line.chars) < 3:
        return line
    chars: list[Char] = []
    for before, after in pairwise(line.chars):
        chars.append(before)
        hole = _hole(line, before, after, ruled)
        found = spell(hole) if hole else None
        if found and found.confidence >= SURE and any(c.text.isalnum() for c in found.chars):
            chars += [char for char in found.chars if char.text.strip()]
    chars.append(line.chars[-1])
    if len(chars) == len(line.chars):
        return line
    text = "".join(char.text for char in chars)
    sure = fmean(char.confidence for char in chars)
    return replace(line, text=text, chars=tuple(chars), confidence=sure)


def _hole(line: Line, before: Char, after: Char, ruled: Ruling) -> Box | None:
    """The place between two characters if it is wide enough and has ink where writing stands."""
    height, width = ruled.ink.shape
    high = line.box[3] - line.box[1]
    pitches = [(b.box[0] + b.box[2] - a.box[0] - a.box[2]) / 2 for a, b in pairwise(line.chars)]
    size = max(median(pitches), FULL * high * height / width)
    left, right = before.box[2], after.box[0]
    if right - left < WIDE * size - size / 2:
        return None
    y0, y1 = (
        int((line.box[1] + BAND[0] * high) * height),
        int((line.box[1] + BAND[1] * high) * height),
    )
    margin = 0.12 * size
    x0, x1 = int((left + margin) * width), int((right - margin) * width)
    band = ruled.ink[y0:y1, x0:x1] & (1 - ruled.drawn[y0:y1, x0:x1])
    if band.size == 0 or float(band.mean()) < LEAST_INK:
        return None
    columns = np.flatnonzero(band.max(axis=0))
    box: Box = (
        max(left, (x0 + int(columns[0])) / width - 0.3 * size),
        line.box[1],
        min(right, (x0 + int(columns[-1]) + 1) / width + 0.3 * size),
        line.box[3],
    )
    return box
