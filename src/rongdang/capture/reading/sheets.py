"""A page as reading looks at it: glyphs in rows, the size of its writing, cells and what they hold.

All lengths are in page heights, so that width and height can be compared: x is scaled once here.
"""

from __future__ import annotations

import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rongdang.base.textlayer import Box, Line, Mark, TextLayer

WIDE = 0.9  # a gap of this many character sizes separates two words of a row


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character, never a blank. `gap` = a wide gap stands before it in its row."""

    text: str
    box: Box  # of the page, 0..1 each way, as it came
    confidence: float
    gap: bool = False
    under_seal: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """Glyphs on one line of sight: a row of a free page, one column of vertical text, or a cell."""

    glyphs: tuple[Glyph, ...]
    size: float  # of its characters, in page heights
    vertical: bool = False
    cell: int | None = None

    @property
    def text(self) -> str:
        return "".join(glyph.text for glyph in self.glyphs)

    @property
    def box(self) -> Box:
        return around(glyph.box for glyph in self.glyphs)

    @property
    def confidence(self) -> float:
        return sum(glyph.confidence for glyph in self.glyphs) / max(1, len(self.glyphs))


class Page:
    """One written page, worked out once: rows, cells, marks."""

    def __init__(self, layer: TextLayer) -> None:
        self.layer = layer
        self.ratio = layer.width / max(1, layer.height)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All writing outside cells row by row, then each cell's writing; top to bottom."""
        free: list[Line] = []
        held: dict[int, list[Line]] = defaultdict(list)
        for line in self.layer.lines:
            if not line.text.strip():
                continue
            cell = self._cell_of(line)
            if cell is None:
                free.append(line)
            else:
                held[cell].append(line)
        found = [self._row(band) for band in self._bands(free)]
        for cell, lines in held.items():
            found.extend(self._row(band, cell) for band in self._bands(lines))
        kept = [row for row in found if row.glyphs]
        return tuple(sorted(kept, key=lambda row: (round(row.box[1], 2), row.box[0])))

    @cached_property
    def size(self) -> float:
        """Usual size of a character on this page, in page heights."""
        sizes = [row.size for row in self.rows for _ in range(min(len(row.glyphs), 30))]
        return statistics.median(sizes) if sizes else 0.012

    @cached_property
    def cells(self) -> dict[int, Row]:
        """Cell index → all its writing as one row, for cells that hold any."""
        parts: dict[int, list[Row]] = defaultdict(list)
        for row in self.rows:
            if row.cell is not None:
                parts[row.cell].append(row)
        return {
            cell: Row(
                tuple(glyph for row in rows for glyph in row.glyphs),
                max(row.size for row in rows),
                rows[0].vertical,
                cell,
            )
            for cell, rows in parts.items()
        }

    @cached_property
    def text(self) -> str:
        """All glyphs without blanks, row after row."""
        return "\n".join(row.text for row in self.rows)

    def marks_in(self, box: Box) -> list[Mark]:
        """Check boxes and circles whose middle lies in `box`."""
        return [mark for mark in self.layer.marks if holds(box, mark.box)]

    def _cell_of(self, line: Line) -> int | None:
        if line.cell is not None:
            return line.cell
        for index, cell in enumerate(self.layer.cells):
            if holds(cell.box, line.box):
                return index
        return None

    def _bands(self, lines: Sequence[Line]) -> list[list[Line]]:
        """Lines that stand beside each other, joined; vertical columns stay alone, right to left."""
        upright = [line for line in lines if self._is_vertical(line)]
        bands: list[list[Line]] = []
        for line in sorted(
            (one for one in lines if one not in upright), key=lambda one: one.box[1]
        ):
            band = next((b for b in bands if beside(b[-1].box, line.box)), None)
            if band is None:
                bands.append([line])
            else:
                band.append(line)
        ordered = [sorted(band, key=lambda one: one.box[0]) for band in bands]
        ordered.sort(key=lambda band: min(one.box[1] for one in band))
        return ordered + [[line] for line in sorted(upright, key=lambda one: -one.box[2])]

    def _is_vertical(self, line: Line) -> bool:
        return line.vertical and len(line.text) > 1

    def _row(self, lines: Sequence[Line], cell: int | None = None) -> Row:
        vertical = self._is_vertical(lines[0])
        glyphs: list[Glyph] = []
        sizes: list[float] = []
        end = None
        for line in lines:
            size = self._size_of(line)
            sizes.append(size)
            for text, box, confidence in characters(line):
                start = box[1] if vertical else box[0] * self.ratio
                gap = end is not None and start - end > WIDE * size
                end = box[3] if vertical else box[2] * self.ratio
                glyphs.append(Glyph(text, box, confidence, gap, line.under_seal))
        return Row(tuple(glyphs), statistics.median(sizes), vertical, cell)

    def _size_of(self, line: Line) -> float:
        if self._is_vertical(line):
            return (line.box[2] - line.box[0]) * self.ratio
        return line.box[3] - line.box[1]


def characters(line: Line) -> list[tuple[str, Box, float]]:
    """Characters of a line with boxes; where the engine gives none, shared out by width."""
    bare = "".join(line.text.split())
    single = all(len(char.text) == 1 for char in line.chars)
    if line.chars and single and "".join("".join(c.text for c in line.chars).split()) == bare:
        return [
            (_fold(char.text), char.box, char.confidence)
            for char in line.chars
            if char.text.strip()
        ]
    widths = [1.0 if unicodedata.east_asian_width(c) in "WFA" else 0.55 for c in line.text]
    total, place, found = sum(widths), 0.0, []
    x0, y0, x1, y1 = line.box
    for character, width in zip(line.text, widths, strict=True):
        begin, place = place / total, place + width
        stop = place / total
        if character.isspace():
            continue
        if line.vertical:
            box = (x0, y0 + (y1 - y0) * begin, x1, y0 + (y1 - y0) * stop)
        else:
            box = (x0 + (x1 - x0) * begin, y0, x0 + (x1 - x0) * stop, y1)
        found.append((_fold(character), box, line.confidence))
    return found


def _fold(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box round all of them."""
    listed = list(boxes)
    return (
        min(box[0] for box in listed),
        min(box[1] for box in listed),
        max(box[2] for box in listed),
        max(box[3] for box in listed),
    )


def holds(outer: Box, inner: Box) -> bool:
    """Whether the middle of `inner` lies in `outer`."""
    x, y = (inner[0] + inner[2]) / 2, (inner[1] + inner[3]) / 2
    return outer[0] <= x <= outer[2] and outer[1] <= y <= outer[3]


def beside(first: Box, second: Box) -> bool:
    """Whether two boxes stand on one line: they share more than half of the lower one's height."""
    shared = min(first[3], second[3]) - max(first[1], second[1])
    low, high = sorted((first[3] - first[1], second[3] - second[1]))
    return shared > 0.5 * low and low > 0.4 * high


def overlap(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Shared part of two spans, as a share of the shorter one."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    shorter = min(first[1] - first[0], second[1] - second[0])
    return max(0.0, shared) / shorter if shorter > 0 else 0.0
