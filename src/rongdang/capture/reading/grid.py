"""Ruled cells as neighbours, and the tables of many rows in them (简历, 家庭成员)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from rongdang.base.textlayer import Box, Cell
from rongdang.capture.reading.sheets import Page, Row, around, overlap
from rongdang.capture.reading.words import any_of, bare

TOUCH = 0.02  # cells nearer than this share of the page touch
SAME = 0.55  # share of a side two neighbours have in common


class Grid:
    """The cells of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cells: tuple[Cell, ...] = page.layer.cells

    def text(self, cell: int) -> str:
        row = self.page.cells.get(cell)
        return row.text if row else ""

    def right_of(self, cell: int) -> int | None:
        """The cell that begins where this one ends, on the same height."""
        box = self.cells[cell].box
        return self._nearest(
            cell,
            lambda other: (
                abs(other[0] - box[2]) if overlap(_tall(box), _tall(other)) > SAME else None
            ),
        )

    def below(self, cell: int) -> int | None:
        box = self.cells[cell].box
        return self._nearest(
            cell,
            lambda other: (
                abs(other[1] - box[3]) if overlap(_wide(box), _wide(other)) > SAME else None
            ),
        )

    def left_of(self, cell: int) -> Iterator[int]:
        """All cells to the left on the same height, nearest first."""
        box = self.cells[cell].box
        found = [
            (box[0] - other.box[2], number)
            for number, other in enumerate(self.cells)
            if number != cell
            and other.box[2] <= box[0] + TOUCH
            and overlap(_tall(box), _tall(other.box)) > SAME
        ]
        yield from (number for _away, number in sorted(found))

    @cached_property
    def tables(self) -> tuple[RowTable, ...]:
        return tuple(_row_tables(self))

    def _nearest(self, cell: int, away: Callable[[Box], float | None]) -> int | None:
        found = []
        for number, other in enumerate(self.cells):
            if number == cell:
                continue
            distance = away(other.box)
            if distance is not None and distance < TOUCH:
                found.append((distance, other.box[0] + other.box[1], number))
        return min(found)[2] if found else None


@dataclass(frozen=True, slots=True)
class RowTable:
    """A header and its rows: each row is the writing of its cells, left to right."""

    kind: str  # 家庭成员, 简历
    cells: frozenset[int]
    rows: tuple[Row, ...]

    @property
    def box(self) -> Box:
        return around(row.box for row in self.rows)


def _row_tables(grid: Grid) -> Iterator[RowTable]:
    taken: set[int] = set()
    for cell in sorted(grid.page.cells, key=lambda one: grid.cells[one].box[1]):
        if cell in taken or not any_of("table_head").search(bare(grid.text(cell))):
            continue
        header = _row_of(grid, cell)
        kind = _kind([bare(grid.text(one)) for one in header])
        if not kind:
            continue
        span = around(grid.cells[one].box for one in header)
        under = list(_under(grid, span, header))
        taken.update(header, under)
        yield RowTable(kind, frozenset({*header, *under}), tuple(_lines(grid, under)))


def _row_of(grid: Grid, cell: int) -> list[int]:
    """The cells of one height, left to right."""
    box = grid.cells[cell].box
    height = box[3] - box[1]
    return sorted(
        (
            number
            for number, other in enumerate(grid.cells)
            if overlap(_tall(box), _tall(other.box)) > SAME
            and other.box[3] - other.box[1] < 1.7 * height
        ),
        key=lambda number: grid.cells[number].box[0],
    )


def _kind(heads: list[str]) -> str:
    said = "|".join(heads)
    if len([head for head in heads if head]) < 3:
        return ""
    if any_of("family_head").search(said) and "姓名" in said:
        return "家庭成员"
    return "简历" if any_of("resume_head").search(said) else ""


def _under(grid: Grid, span: Box, header: list[int]) -> Iterator[int]:
    """Cells below the header within its width, as long as the columns stay the same."""
    edges = sorted(grid.cells[one].box[0] for one in header)
    reach = span[3]
    for number in sorted(range(len(grid.cells)), key=lambda one: grid.cells[one].box[1]):
        box = grid.cells[number].box
        inside = box[0] >= span[0] - TOUCH and box[2] <= span[2] + TOUCH
        if number in header or not inside or box[1] < span[3] - TOUCH:
            continue
        if box[1] > reach + TOUCH or all(abs(box[0] - edge) > TOUCH for edge in edges):
            continue
        if box[2] - box[0] > 0.8 * (span[2] - span[0]):
            break
        reach = max(reach, box[3])
        yield number


def _lines(grid: Grid, cells: list[int]) -> Iterator[Row]:
    """The filled rows under a header, each as one run of glyphs."""
    left = list(cells)
    while left:
        first = left[0]
        band = [
            one
            for one in left
            if overlap(_tall(grid.cells[first].box), _tall(grid.cells[one].box)) > SAME
        ]
        left = [one for one in left if one not in band]
        held = [
            grid.page.cells[one]
            for one in sorted(band, key=lambda one: grid.cells[one].box[0])
            if one in grid.page.cells
        ]
        if held:
            yield Row(tuple(g for row in held for g in row.glyphs), held[0].size)


def _tall(box: Box) -> tuple[float, float]:
    return (box[1], box[3])


def _wide(box: Box) -> tuple[float, float]:
    return (box[0], box[2])
