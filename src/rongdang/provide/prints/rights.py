"""岗位权限表: who may do and see what, on paper, as the security officer signs it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rongdang.provide.prints.ink import HEADS, HEIGHT, WIDTH, Ink, wrap

TOP, SIDE, SIZE, LEADING = 22.0, 15.0, 9.0, 4.4
FOOT = HEIGHT - TOP
MARK = "√"


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: the words of a row, then one cell a column; cells are lines of text or a mark."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    first: float = 62.0  # mm of the first column


@dataclass(frozen=True, slots=True)
class RightsTable:
    """What is printed: the tables, the notes below, where and when."""

    grids: tuple[Grid, ...]
    notes: tuple[str, ...]
    day: str
    title: str = "岗位权限表"
    foot: str = ""


def draw_rights(table: RightsTable) -> bytes:
    """As many sheets as it takes; a table's heading stands again where it goes on."""
    ink = Ink(table.title, table.foot)
    y = _head(ink, table)
    for grid in table.grids:
        y = _grid(ink, table, grid, y)
    for note in table.notes:
        for line in wrap(note, WIDTH - 2 * SIDE, SIZE):
            y = y if y < FOOT else _turn(ink, table)
            ink.text(SIDE, y, line, SIZE)
            y += LEADING + 1
    ink.end_page()
    return ink.pdf()


def _head(ink: Ink, table: RightsTable) -> float:
    ink.text(WIDTH / 2, TOP, "　".join(table.title), 18, face=HEADS, align="middle")
    ink.text(WIDTH - SIDE, TOP + 8, table.day, SIZE, align="right")
    return TOP + 16


def _turn(ink: Ink, table: RightsTable) -> float:
    ink.end_page()
    return _head(ink, table)


def _grid(ink: Ink, table: RightsTable, grid: Grid, y: float) -> float:
    each = (WIDTH - 2 * SIDE - grid.first) / len(grid.columns)
    widths = (grid.first, *[each] * len(grid.columns))
    head = (grid.title, *grid.columns)
    y = _row(ink, head, widths, y, face=HEADS)
    for row in grid.rows:
        if y + _height(row, widths) > FOOT:
            y = _row(ink, head, widths, _turn(ink, table), face=HEADS)
        y = _row(ink, row, widths, y)
    return y + 8


def _height(row: Sequence[str], widths: Sequence[float]) -> float:
    lines = max(len(wrap(cell, wide - 3, SIZE)) for cell, wide in zip(row, widths, strict=True))
    return 2.4 + LEADING * lines


def _row(
    ink: Ink, row: Sequence[str], widths: Sequence[float], y: float, *, face: str = "song"
) -> float:
    high, x = _height(row, widths), SIDE
    for number, (cell, wide) in enumerate(zip(row, widths, strict=True)):
        ink.box(x, y, wide, high)
        for line, words in enumerate(wrap(cell, wide - 3, SIZE, face)):
            base = y + 4.2 + LEADING * line
            if number:
                ink.text(x + wide / 2, base, words, SIZE, face=face, align="middle")
            else:
                ink.text(x + 1.5, base, words, SIZE, face=face)
        x += wide
    return y + high
