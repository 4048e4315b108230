"""Ruled cells as neighbours, and the tables of many rows in them (简历, 家庭成员)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rongdang.base.textlayer import Box
from rongdang.capture.reading.aligned import kind_of
from rongdang.capture.reading.sheets import Page, Row, around, overlap
from rongdang.capture.reading.words import any_of, bare

TOUCH = 0.02  # cells nearer than this share of the page touch
SAME = 0.55  # share of a side two neighbours have in common


class Grid:
    """The cells of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.boxes = page.frames

    def text(self, cell: int) -> str:
        row = self.page.cells.get(cell)
        return row.text if row else ""

    def right_of(self, cell: int) -> int | None:
        """The cell that begins where this one ends, on the same height."""
        box = self.boxes[cell]
        return self._nearest(
            cell,
            lambda other: (
                abs(other[0] - box[2]) if overlap(_tall(box), _tall(other)) > SAME else None
            ),
        )

    def below(self, cell: int) -> int | None:
        box = self.boxes[cell]
        return self._nearest(
            cell,
            lambda other: (
                abs(other[1] - box[3]) if overlap(_wide(box), _wide(other)) > SAME else None
            ),
        )

    def left_of(self, cell: int) -> Iterator[int]:
        """All cells to the left on the same height, nearest first."""
        box = self.boxes[cell]
        found = [
            (box[0] - other[2], number)
            for number, other in self.boxes.items()
            if number != cell
            and other[2] <= box[0] + TOUCH
            and overlap(_tall(box), _tall(other)) > SAME
        ]
        yield from (number for _away, number in sorted(found))

    @cached_property
    def tables(self) -> tuple[RowTable, ...]:
        return tuple(_row_tables(self))

    def _nearest(self, cell: int, away: Callable[[Box], float | None]) -> int | None:
        found = []
        for number, other in self.boxes.items():
            if number == cell:
                continue
            distance = away(other)
            if distance is not None and distance < TOUCH:
                found.append((distance, other[0] + other[1], number))
        return min(found)[2] if found else None


@dataclass(frozen=True, slots=True)
class RowTable:
    """A header and its rows: each row is the writing of its cells, left to right."""

    kind: str  # 家庭成员, 简历
    cells: frozenset[int]
    rows: tuple[Row, ...]
    columns: tuple[Box, ...]  # of the head

    @property
    def box(self) -> Box:
        return around(row.box for row in self.rows)


def _row_tables(grid: Grid) -> Iterator[RowTable]:
    taken: set[int] = set()
    for cell in sorted(grid.page.cells, key=lambda one: grid.boxes[one][1]):
        if cell in taken or not any_of("table_head").search(bare(grid.text(cell))):
            continue
        header = _row_of(grid, cell)
        kind = kind_of([bare(grid.text(one)) for one in header])
        if not kind:
            continue
        under = _under(grid, header)
        flat = [one for row in under for one in row]
        taken.update(header, flat)
        rows = [_joined(grid, row) for row in under]
        columns = tuple(grid.boxes[one] for one in header)
        yield RowTable(kind, frozenset({*header, *flat}), tuple(r for r in rows if r), columns)


def carried_over(before: Grid, grid: Grid) -> RowTable | None:
    """Rows at the top of a page that go on with the table at the foot of the page before, headless."""
    if not before.tables or not grid.boxes:
        return None
    last = max(before.tables, key=lambda table: max(before.boxes[c][3] for c in table.cells))
    foot = max(before.boxes[cell][3] for cell in last.cells)
    if any(box[3] > foot + TOUCH for box in before.boxes.values()):
        return None
    first = _row_of(grid, min(grid.boxes, key=lambda c: (grid.boxes[c][1], grid.boxes[c][0])))
    columns = tuple(grid.boxes[cell] for cell in first)
    if not _are_alike(last.columns, columns) or kind_of([bare(grid.text(c)) for c in first]):
        return None
    rows = [first, *_under(grid, first)]
    written = [row for one in rows if (row := _joined(grid, one))]
    cells = frozenset(cell for row in rows for cell in row)
    return RowTable(last.kind, cells, tuple(written), columns) if written else None


def _are_alike(one: tuple[Box, ...], other: tuple[Box, ...]) -> bool:
    """The same columns, wherever and however large the two tables stand on their pages."""
    if len(one) != len(other):
        return False

    def shares(columns: tuple[Box, ...]) -> list[float]:
        left, wide = columns[0][0], columns[-1][2] - columns[0][0]
        return [(box[2] - left) / wide for box in columns]

    return all(abs(a - b) < TOUCH for a, b in zip(shares(one), shares(other), strict=True))


def _row_of(grid: Grid, cell: int) -> list[int]:
    """The frames of one height, left to right."""
    box = grid.boxes[cell]
    height = box[3] - box[1]
    return sorted(
        (
            number
            for number, other in grid.boxes.items()
            if overlap(_tall(box), _tall(other)) > SAME and other[3] - other[1] < 1.7 * height
        ),
        key=lambda number: grid.boxes[number][0],
    )


def _under(grid: Grid, header: list[int]) -> list[list[int]]:
    """Rows below the header, one after another, as long as their columns stay the header's."""
    rows: list[list[int]] = []
    above = header
    while True:
        below = grid.below(above[0])
        row = _row_of(grid, below) if below is not None else []
        if not _same_columns(grid, header, row):
            return rows
        rows.append(row)
        above = row


def _same_columns(grid: Grid, header: list[int], row: list[int]) -> bool:
    if len(row) != len(header):
        return False
    return all(
        abs(grid.boxes[one][0] - grid.boxes[other][0]) < TOUCH
        and abs(grid.boxes[one][2] - grid.boxes[other][2]) < TOUCH
        for one, other in zip(header, row, strict=True)
    )


def _joined(grid: Grid, cells: list[int]) -> Row | None:
    """A row of frames as one run of glyphs, None where all are empty."""
    held = [grid.page.cells[one] for one in cells if one in grid.page.cells]
    if not held:
        return None
    return Row(tuple(glyph for row in held for glyph in row.glyphs), held[0].size)


def _tall(box: Box) -> tuple[float, float]:
    return (box[1], box[3])


def _wide(box: Box) -> tuple[float, float]:
    return (box[0], box[2])
