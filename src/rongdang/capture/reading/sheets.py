"""A page as reading looks at it: glyphs in rows, the size of its writing, cells and what they hold.

All lengths are in page heights, so that width and height can be compared: x is scaled once here.
"""

from __future__ import annotations

import statistics
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache, cached_property
from itertools import pairwise

from rongdang.base.textlayer import Box, Char, Line, Mark, TextLayer
from rongdang.base.vocab.fields import find_label
from rongdang.base.vocab.names import simplified, traditional
from rongdang.capture.reading.thresholds import threshold

RUNS_ON = 0.18  # a smaller gap than this, in character sizes, is no gap at all
FEWEST_OLD, OLD_SHARE = 4, 0.03  # traditional characters: fewer are names, or misread
BASIC = 0xFFFF  # characters beyond it are in no usual face
WIDE = 0.9  # a gap of this many character sizes separates two words of a row


@dataclass(frozen=True, slots=True)
class Glyph:
    """One character, never a blank. `gap` = a wide gap stands before it in its row.

    `text` is simplified, so that labels and lists of words match old pages; `written` is as it came.
    """

    text: str
    box: Box  # of the page, 0..1 each way, as it came
    confidence: float
    gap: bool = False
    under_seal: bool = False
    written: str = ""


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
    """One written page, worked out once: rows, cells, marks.

    `frames` are the cells as reading takes them: a false rule that cuts a word, or leaves a sliver
    too narrow for one character, is taken out and its two sides are one frame.
    """

    def __init__(self, layer: TextLayer) -> None:
        self.layer = layer
        self.ratio = layer.width / max(1, layer.height)

    @cached_property
    def rows(self) -> tuple[Row, ...]:
        """All writing outside cells row by row, then each frame's; top to bottom."""
        free: list[Line] = []
        held: dict[int, list[Line]] = defaultdict(list)
        for line, cell in self._placed:
            if cell is None:
                free.append(line)
            else:
                held[self._frame_of[cell]].append(line)
        found = [self._row(band) for band in self._bands(free)]
        for cell, lines in held.items():
            found.extend(self._row(band, cell) for band in self._bands(lines))
        kept = [row for row in found if row.glyphs]
        return tuple(sorted(kept, key=lambda row: (round(row.box[1], 2), row.box[0])))

    @cached_property
    def frames(self) -> dict[int, Box]:
        """Cell index of its leftmost part → the frame's box."""
        found: dict[int, Box] = {}
        for cell, frame in self._frame_of.items():
            box = self.layer.cells[cell].box
            found[frame] = around((found[frame], box)) if frame in found else box
        return found

    @cached_property
    def _placed(self) -> list[tuple[Line, int | None]]:
        """Each line of words with the cell it stands in; one read across rules is cut at them."""
        return [
            placed
            for line in self.layer.lines
            if line.text.strip()
            for placed in self._cut_at_rules(line)
        ]

    def _cut_at_rules(self, line: Line) -> list[tuple[Line, int | None]]:
        own = self._cell_of(line)
        if line.vertical or len(line.chars) < 2 or not self.layer.cells:
            return [(line, own)]
        parts: list[tuple[list[Char], int | None]] = []
        for char in line.chars:
            cell = self._cell_at(char.box)
            if not parts or (cell is not None and cell != parts[-1][1]):
                parts.append(([], cell))
            parts[-1][0].append(char)
        if len(parts) == 1:
            return [(line, own)]
        return [(_part(line, chars), own if cell is None else cell) for chars, cell in parts]

    @cached_property
    def _frame_of(self) -> dict[int, int]:
        """Cell → first cell of its frame."""
        words: dict[int, list[Line]] = defaultdict(list)
        for line, cell in self._placed:
            if cell is not None:
                words[cell].append(line)
        frame_of: dict[int, int] = {}
        order = sorted(range(len(self.layer.cells)), key=lambda n: self.layer.cells[n].box[0])
        for number in order:
            left = self._left_neighbour(number)
            joined = left is not None and self._is_one(left, number, words)
            frame_of[number] = frame_of.get(left, number) if joined and left is not None else number
        return frame_of

    def _left_neighbour(self, number: int) -> int | None:
        box = self.layer.cells[number].box
        for other, cell in enumerate(self.layer.cells):
            touching = -0.004 < box[0] - cell.box[2] < 0.008
            same = abs(cell.box[1] - box[1]) < 0.006 and abs(cell.box[3] - box[3]) < 0.006
            if other != number and touching and same:
                return other
        return None

    def _right_neighbour(self, number: int) -> int | None:
        found = range(len(self.layer.cells))
        return next((other for other in found if self._left_neighbour(other) == number), None)

    def _is_one(self, left: int, right: int, words: dict[int, list[Line]]) -> bool:
        """A word runs on through the rule between two cells, or one of them is an empty sliver."""
        slivers = [cell for cell in (left, right) if self._is_sliver(cell)]
        if right in slivers and not words[right]:
            return True
        if left in slivers and not words[left]:
            return self._left_neighbour(left) is None  # else it went to the cell before it
        runs_on = any(self._runs_on(one, other) for one in words[left] for other in words[right])
        if not runs_on or slivers:
            return runs_on
        if find_label(_said(words[left])) or find_label(_said(words[right])):
            return False  # a label and its value stand close, but they are two
        beyond = self._right_neighbour(right)
        # What stands right of it, and is no label, is its value: then it is a label, badly read.
        if beyond is None or not words[beyond] or find_label(_said(words[beyond])):
            return True
        return any(self._runs_on(one, other) for one in words[right] for other in words[beyond])

    def _is_sliver(self, cell: int) -> bool:
        box = self.layer.cells[cell].box
        return (box[2] - box[0]) * self.ratio < 0.5 * (box[3] - box[1])

    def _runs_on(self, first: Line, second: Line) -> bool:
        if first.vertical or second.vertical or not beside(first.box, second.box):
            return False
        size = min(first.box[3] - first.box[1], second.box[3] - second.box[1])
        return abs(second.box[0] - first.box[2]) * self.ratio < RUNS_ON * size

    @cached_property
    def is_traditional(self) -> bool:
        """Whether the page is set in traditional characters, not only a name that has one."""
        said = "".join(line.text for line in self.layer.lines)
        old = sum(simplified(letter) != letter for letter in said)
        return old >= FEWEST_OLD and old > OLD_SHARE * len(said)

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
        """Check boxes, ticks and circles whose middle lies in `box`."""
        return [m for m in self.layer.marks if m.kind != "struck" and holds(box, m.box)]

    def without_struck(self, glyphs: Sequence[Glyph]) -> tuple[Glyph, ...]:
        """The glyphs that nobody plainly crossed out."""
        struck = [mark.box for mark in self._struck if mark.confidence >= threshold("struck_sure")]
        return tuple(g for g in glyphs if not any(holds(box, g.box) for box in struck))

    def is_rewritten(self, glyphs: Sequence[Glyph]) -> bool:
        """Whether a stroke goes through any of them, or seems to."""
        return any(holds(mark.box, glyph.box) for mark in self._struck for glyph in glyphs)

    @cached_property
    def _struck(self) -> list[Mark]:
        return [mark for mark in self.layer.marks if mark.kind == "struck"]

    def _cell_of(self, line: Line) -> int | None:
        if line.cell is not None and not _is_giant(self.layer.cells[line.cell].box):
            return line.cell
        return self._cell_at(line.box)

    def _cell_at(self, box: Box) -> int | None:
        """The cell in which the middle of a box lies."""
        for index, cell in enumerate(self.layer.cells):
            if holds(cell.box, box) and not _is_giant(cell.box):
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
                plain = _plain(text, old=self.is_traditional)
                glyphs.append(Glyph(plain, box, confidence, gap, line.under_seal, text))
        if not vertical and any(a.box[2] > b.box[2] for a, b in pairwise(lines)):
            glyphs.sort(key=lambda glyph: glyph.box[0])  # a piece found within another line
        return Row(tuple(glyphs), statistics.median(sizes), vertical, cell)

    def _size_of(self, line: Line) -> float:
        if self._is_vertical(line):
            return (line.box[2] - line.box[0]) * self.ratio
        return line.box[3] - line.box[1]


@cache
def _plain(letter: str, *, old: bool) -> str:
    """The simplified character, but on a page set in simplified ones a name's own stays (昇, 暐):
    what it was made into has another traditional form, or is in no usual face.
    """
    simple = simplified(letter)
    if simple == letter or ord(simple[0]) > BASIC:
        return letter
    return simple if old or traditional(simple) == letter else letter


def _is_giant(box: Box) -> bool:
    """A frame round the page, or the edge of the paper taken for one: no cell of a form."""
    return (box[2] - box[0]) > 0.9 and (box[3] - box[1]) > 0.4


def _said(lines: Sequence[Line]) -> str:
    """What a cell says, blanks out."""
    return simplified("".join("".join(line.text.split()) for line in lines))


def _part(line: Line, chars: Sequence[Char]) -> Line:
    """Some characters of a line as a line of their own."""
    text = "".join(char.text for char in chars)
    sure = sum(char.confidence for char in chars) / len(chars)
    return replace(
        line, text=text, box=around(char.box for char in chars), chars=tuple(chars), confidence=sure
    )


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
