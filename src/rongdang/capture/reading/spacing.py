"""Holes in a word: where a character was passed over, its neighbours stand too far apart."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from itertools import pairwise

from rongdang.capture.reading.sheets import Glyph
from rongdang.capture.reading.thresholds import threshold

NARROW = 0.56  # breadth of a Latin letter or figure, in Chinese characters


def has_hole(glyphs: Sequence[Glyph]) -> bool:
    """Whether two neighbours on one line stand as far apart as if a third were between them.

    False for fewer than three characters: no distance is usual there. The network says nothing of
    what it passed over, so this is all that tells.
    """
    shares = [
        2 * (_middle(after) - _middle(before)) / (_breadth(before) + _breadth(after))
        for before, after in pairwise(glyphs)
        if after.box[0] > before.box[0] and _on_one_line(before, after)
    ]
    return len(shares) > 1 and max(shares) > threshold("hole_times") * statistics.median(shares)


def _on_one_line(one: Glyph, other: Glyph) -> bool:
    high = one.box[3] - one.box[1]
    return abs(one.box[1] + one.box[3] - other.box[1] - other.box[3]) <= high


def _middle(glyph: Glyph) -> float:
    return (glyph.box[0] + glyph.box[2]) / 2


def _breadth(glyph: Glyph) -> float:
    return 1.0 if ord(glyph.text[0]) >= 0x2E80 else NARROW
