"""Values spread over little cells: year, month and day each in its own, a square for each figure."""

from __future__ import annotations

import re
from collections.abc import Iterator

from rongdang.base.vocab.fields import FieldEntry, find_label
from rongdang.base.vocab.ids import parse_id
from rongdang.capture.reading.grid import Grid
from rongdang.capture.reading.sheets import Glyph, Page, Row, holds

_UNITS = "年月日号"
_FIGURES = "0-9零〇○一二三四五六七八九十廿卅"
_DATE = re.compile(rf"[{_FIGURES}]{{2,5}}年[{_FIGURES}]{{1,3}}月?(?:[{_FIGURES}]{{1,3}}日?)?")
_PIECE = re.compile(rf"[{_FIGURES}]{{0,5}}[{_UNITS}]?|[{_FIGURES}]{{2,4}}年[{_FIGURES}]{{1,3}}月?")
FULL_ID = 15  # figures of the shorter kind of number
SIDE = 0.012  # of the page: squares stand so far above or below the middle of their label


def in_pieces(grid: Grid, cell: int, entry: FieldEntry) -> tuple[Glyph, ...]:
    """The glyphs of a value in the cells right of its label; () unless it stands in several."""
    if entry.type == "date":
        return _date(grid, cell)
    if entry.type == "id":
        return figures_beside(grid.page, grid.boxes[cell])
    return ()


def figures_beside(page: Page, label: tuple[float, float, float, float]) -> tuple[Glyph, ...]:
    """Figures right of a label on its height, whatever cells they stand in, that make a number."""
    middle = (label[1] + label[3]) / 2
    reach = max(SIDE, (label[3] - label[1]) / 2)
    band = (label[2] - 0.005, middle - reach, 1.0, middle + reach)
    held = [g for row in page.rows for g in row.glyphs if holds(band, g.box)]
    held.sort(key=lambda glyph: glyph.box[0])
    figures = [glyph for glyph in held if re.fullmatch(r"[0-9XxOo]", glyph.text)]
    text = "".join(glyph.text for glyph in figures)
    if len(figures) < max(FULL_ID, 0.9 * len(held)):
        return ()
    return tuple(figures) if parse_id(text) else ()


def _date(grid: Grid, cell: int) -> tuple[Glyph, ...]:
    columns = list(_columns(grid, cell))
    glyphs = [glyph for column in columns for row in column for glyph in row.glyphs]
    if len(columns) < 2 or not _DATE.fullmatch("".join(glyph.text for glyph in glyphs)):
        return ()
    return tuple(glyphs)


def _columns(grid: Grid, cell: int) -> Iterator[list[Row]]:
    """Columns of cells right of a label, each figure before its unit, up to the next label."""
    left, top, _, bottom = grid.boxes[cell]
    inside = [
        number
        for number, box in grid.boxes.items()
        if number != cell and box[0] > left and top - 0.004 < (box[1] + box[3]) / 2 < bottom + 0.004
    ]
    edges = sorted({round(grid.boxes[number][0], 2) for number in inside})
    for edge in edges:
        held = [n for n in inside if round(grid.boxes[n][0], 2) == edge]
        texts = [grid.text(number) for number in held]
        if any(find_label(text) for text in texts) or not all(map(_PIECE.fullmatch, texts)):
            return
        rows = [grid.page.cells[number] for number in held if number in grid.page.cells]
        yield sorted(rows, key=lambda row: (row.text in _UNITS, row.box[1]))
