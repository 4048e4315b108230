"""Tables of many rows between rules (简历, 家庭成员): a head, and rows that the same columns hold.

A fold across the sheet looks like a rule, or hides one. So only the sides of the columns are
believed whole; where one row ends and the next begins is told by the rules most columns share, and
by the writing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from rongdang.base.textlayer import Box
from rongdang.capture.reading.aligned import kind_of, words_of
from rongdang.capture.reading.grid import TOUCH, Grid
from rongdang.capture.reading.mending import mended_cell
from rongdang.capture.reading.sheets import Glyph, around, holds
from rongdang.capture.reading.words import any_of, bare

SAME_EDGE = 0.006  # tops of cells nearer than this share of the page are one rule
TALLER = 1.6  # times the usual height: such a row may be two, the rule between them unseen
BELOW_HEAD = 1.5  # heights of a head without a frame: its columns begin no further down


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table: its glyphs and its text, cell by cell, mended where a list bears it out."""

    glyphs: tuple[Glyph, ...]
    text: str


@dataclass(frozen=True, slots=True)
class RowTable:
    """A head and its rows."""

    kind: str  # 家庭成员, 简历
    cells: frozenset[int]
    rows: tuple[Line, ...]
    columns: tuple[Box, ...]  # of the head
    heads: tuple[str, ...]

    @property
    def box(self) -> Box:
        return around(glyph.box for row in self.rows for glyph in row.glyphs)


def row_tables(grid: Grid) -> list[RowTable]:
    """All tables with a head on the page, from the top."""
    found: list[RowTable] = []
    for heads, columns in (*_framed_heads(grid), *_open_heads(grid)):
        kind = kind_of(heads)
        top = max(box[3] for box in columns)
        if not kind or any(holds(one, columns[0]) for table in found for one in table.columns):
            continue
        head = {n for n, box in grid.boxes.items() if box in columns}
        found.append(_built(grid, kind, (heads, columns), (top, head)))
    return found


def _framed_heads(grid: Grid) -> Iterator[tuple[tuple[str, ...], tuple[Box, ...]]]:
    """What each row of frames says that begins with a head of such a table."""
    for cell in sorted(grid.page.cells, key=lambda one: grid.boxes[one][1]):
        if any_of("table_head").search(bare(grid.text(cell))):
            row = grid.row_of(cell)
            yield tuple(bare(grid.text(one)) for one in row), tuple(grid.boxes[n] for n in row)


def _open_heads(grid: Grid) -> Iterator[tuple[tuple[str, ...], tuple[Box, ...]]]:
    """Heads whose frames were not found, or are one, right above a frame below each of them."""
    for row in grid.page.rows:
        if row.vertical or not any_of("table_head").search(row.text):
            continue
        words = words_of(row)
        heads = tuple(bare("".join(glyph.text for glyph in word)) for word in words)
        if not kind_of(heads):
            continue
        below = [_frame_below(grid, around(g.box for g in word), row.size) for word in words]
        boxes = [box for box in below if box]
        if len(set(boxes)) == len(words):
            yield heads, tuple((b[0], row.box[1], b[2], b[1]) for b in boxes)


def _frame_below(grid: Grid, word: Box, size: float) -> Box | None:
    middle = (word[0] + word[2]) / 2
    near = [
        box
        for box in grid.boxes.values()
        if box[0] <= middle <= box[2] and -size < box[1] - word[3] < BELOW_HEAD * size
    ]
    return min(near, key=lambda box: box[1], default=None)


def carried_over(before: Grid, grid: Grid) -> RowTable | None:
    """Rows at the top of a page that go on with the table at the foot of the page before, headless."""
    tables = row_tables(before)
    if not tables or not grid.boxes:
        return None
    last = max(tables, key=lambda table: max(before.boxes[c][3] for c in table.cells))
    foot = max(before.boxes[cell][3] for cell in last.cells)
    if any(box[3] > foot + TOUCH for box in before.boxes.values()):
        return None
    first = grid.row_of(min(grid.boxes, key=lambda c: (grid.boxes[c][1], grid.boxes[c][0])))
    columns = tuple(grid.boxes[cell] for cell in first)
    if not _are_alike(last.columns, columns) or kind_of([bare(grid.text(c)) for c in first]):
        return None
    top = min(box[1] for box in columns)
    table = _built(grid, last.kind, (last.heads, columns), (top, set()))
    return table if table.rows else None


def _are_alike(one: tuple[Box, ...], other: tuple[Box, ...]) -> bool:
    """The same columns, wherever and however large the two tables stand on their pages."""
    if len(one) != len(other):
        return False

    def shares(columns: tuple[Box, ...]) -> list[float]:
        left, wide = columns[0][0], columns[-1][2] - columns[0][0]
        return [(box[2] - left) / wide for box in columns]

    return all(abs(a - b) < TOUCH for a, b in zip(shares(one), shares(other), strict=True))


def _built(
    grid: Grid,
    kind: str,
    head: tuple[tuple[str, ...], tuple[Box, ...]],
    start: tuple[float, set[int]],
) -> RowTable:
    """The table whose columns are those of `head`; its rows begin at `start`, below these cells."""
    (heads, columns), (top, above) = head, start
    chains = [_chain(grid, box, top) for box in columns]
    feet = sorted(chain[-1][3] if chain else top for chain in chains)
    foot = feet[(len(feet) - 1) // 2]  # a column that broke off early does not end the table
    region = (columns[0][0], top, columns[-1][2], foot)
    cells = above | {n for n, box in grid.boxes.items() if holds(region, box)}
    spans = _spans(chains, top, foot)
    held = _held(grid, columns, top, foot)
    tall = median([box[3] - box[1] for box in columns])
    rows = [line for span in _parted(spans, held, tall) if (line := _line(kind, heads, held, span))]
    return RowTable(kind, frozenset(cells), tuple(rows), columns, heads)


def _chain(grid: Grid, column: Box, top: float) -> list[Box]:
    """Cells one below the other from `top` on that have the column's sides."""
    found: list[Box] = []
    edge = top
    while True:
        below = [
            box
            for box in grid.boxes.values()
            if abs(box[0] - column[0]) < TOUCH
            and abs(box[2] - column[2]) < TOUCH
            and -SAME_EDGE < box[1] - edge < TOUCH
            and box[3] > edge + SAME_EDGE / 2
        ]
        if not below:
            return found
        found.append(min(below, key=lambda box: box[1]))
        edge = found[-1][3]


def _spans(chains: Sequence[Sequence[Box]], top: float, foot: float) -> list[tuple[float, float]]:
    """From where to where each row goes, by the rules at least half of the columns share."""
    tops = sorted(box[1] for chain in chains for box in chain[1:])
    groups: list[list[float]] = []
    for edge in tops:
        if groups and edge - groups[-1][-1] < SAME_EDGE:
            groups[-1].append(edge)
        else:
            groups.append([edge])
    shared = [median(group) for group in groups if 2 * len(group) >= len(chains)]
    edges = [top, *(edge for edge in shared if top < edge < foot), foot]
    return [(a, b) for a, b in pairwise(edges) if b > a]


Held = list[list[tuple[float, Glyph]]]  # column → height of its row of writing, and each glyph


def _held(grid: Grid, columns: Sequence[Box], top: float, foot: float) -> Held:
    """What stands in each column, row of writing by row of writing."""
    held: Held = [[] for _ in columns]
    for row in grid.page.rows:
        for number, (left, _, right, _) in enumerate(columns):
            inside = [g for g in row.glyphs if holds((left, top, right, foot), g.box)]
            if inside:
                middle = median((g.box[1] + g.box[3]) / 2 for g in inside)
                held[number] += [(middle, glyph) for glyph in inside]
    return held


def _parted(
    spans: Sequence[tuple[float, float]], held: Held, head: float
) -> Iterator[tuple[float, float]]:
    """The rows, those that are two or more of the usual height cut between their lines of writing;
    `head` is how high the head is.
    """
    usual = median([head, *(b - a for a, b in spans)])
    for start, end in spans:
        times = round((end - start) / usual)
        lines = _heights(held[0], start, end)
        others = [len(_heights(column, start, end)) for column in held[1:]]
        if end - start < TALLER * usual or len(lines) != times or times not in others:
            yield start, end
            continue
        cuts = [(a + b) / 2 for a, b in pairwise(lines)]
        yield from pairwise([start, *cuts, end])


def _heights(column: Sequence[tuple[float, Glyph]], start: float, end: float) -> list[float]:
    return sorted({middle for middle, _ in column if start <= middle < end})


def _line(kind: str, heads: Sequence[str], held: Held, span: tuple[float, float]) -> Line | None:
    """What stands between two heights, column after column; None where nothing does."""
    parts = [[g for middle, g in column if span[0] <= middle < span[1]] for column in held]
    glyphs = tuple(glyph for part in parts for glyph in part)
    if not glyphs:
        return None
    said = [mended_cell(kind, head, part) for head, part in zip(heads, parts, strict=True)]
    return Line(glyphs, "".join(said))
