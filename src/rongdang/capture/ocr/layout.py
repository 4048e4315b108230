"""Lines into the cells they stand in, pieces of one label joined, all in the order a person reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import groupby, pairwise

from rongdang.base.textlayer import Box, Cell, Char, Line
from rongdang.capture.ocr.boxes import (
    around,
    common,
    inside,
    joined,
    middle,
    tall,
    wide,
    with_chars,
)

CHINESE = "\u2e80"  # letters before it are narrow
BESIDE = 0.75  # of its height two pieces of one row of writing have in common
SAME_ROW = 0.5  # share of its height a piece has in common with the row it belongs to


def lay_out(lines: Sequence[Line], cells: Sequence[Cell]) -> tuple[Line, ...]:
    """All lines in reading order: a table where it stands among free text, cell by cell.

    Old writing in columns is read from the right, whatever is ruled between them.
    """
    pieces = [piece for line in lines for piece in _cut_at_borders(line, cells)]
    if _is_upright(pieces):
        return tuple(_columns(pieces))
    free = _mended([piece for piece in pieces if piece.cell is None])
    by_cell: dict[int, list[Line]] = {}
    for piece in pieces:
        if piece.cell is not None:
            by_cell.setdefault(piece.cell, []).append(piece)
    blocks: list[tuple[Box, list[Line]]] = [(line.box, [line]) for line in free]
    for _, group in groupby(range(len(cells)), key=lambda number: cells[number].table):
        numbers = list(group)
        inner = [line for n in numbers for line in _within_cell(by_cell.get(n, []))]
        if inner:
            blocks.append((around(cells[n].box for n in numbers), inner))
    return tuple(line for _, block in _in_order(blocks) for line in block)


def _cut_at_borders(line: Line, cells: Sequence[Cell]) -> list[Line]:
    """The line, or its parts where it runs over rules; each with the number of its cell."""
    if not line.chars:
        return [replace(line, cell=_cell_at(line.box, cells))]
    runs: list[tuple[int | None, list[Char]]] = []
    for char in line.chars:
        number = _cell_at(char.box, cells)
        if runs and (runs[-1][0] == number or not char.text.strip()):
            runs[-1][1].append(char)
        else:
            runs.append((number, [char]))
    if len(runs) == 1:
        return [replace(line, cell=runs[0][0])]
    parts = [replace(with_chars(line, chars), cell=number) for number, chars in runs]
    return [part for part in parts if part.text]


def _cell_at(box: Box, cells: Sequence[Cell]) -> int | None:
    """The smallest cell the middle of a box lies in."""
    point = middle(box)
    found = [number for number, cell in enumerate(cells) if inside(point, cell.box)]
    return min(found, key=lambda n: _area(cells[n].box)) if found else None


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _within_cell(lines: list[Line]) -> list[Line]:
    """The lines of one cell from top to bottom: a row of pieces is one line, a stack one word."""
    if any(line.vertical and len(line.text) > 1 for line in lines) and len(lines) > 1:
        return _columns(lines)
    rows = [_in_row(row) for row in _rows(lines)]
    if len(rows) > 1 and all(len(row.text) == 1 for row in rows) and _one_column(rows):
        return [joined(rows, vertical=True)]
    return rows


def _mended(lines: list[Line]) -> list[Line]:
    """Free lines that were found in two pieces, joined where hardly a gap lies between them."""
    done: list[Line] = []
    for row in _rows(lines):
        for line in sorted(row, key=lambda one: one.box[0]):
            if done and done[-1] in row and _goes_on(done[-1], line):
                done[-1] = joined([done[-1], line], vertical=False)
                row.append(done[-1])
            else:
                done.append(line)
    return done


def _goes_on(left: Line, right: Line) -> bool:
    if not left.chars or not right.chars:
        return False
    high, other = left.box[3] - left.box[1], right.box[3] - right.box[1]
    pitch = (left.box[2] - left.box[0]) / max(1, len(left.text))
    gap = right.box[0] - left.box[2]
    return not left.vertical and 0.75 < high / other < 1.33 and -0.3 * pitch < gap < 0.3 * pitch


def _in_row(row: list[Line]) -> Line:
    row = _once(sorted(row, key=lambda line: line.box[0]))
    return joined(row, vertical=False) if len(row) > 1 else row[0]


def _once(row: list[Line]) -> list[Line]:
    """Pieces of a row, left to right, without the characters that two of them hold (姓, 生名)."""
    kept: list[Line] = []
    for line in row:
        rest = line
        while kept and _share(kept[-1], rest):
            end, begin = kept[-1].chars[-1], rest.chars[0]
            if begin.confidence > end.confidence and rest is line and len(kept[-1].chars) > 1:
                kept[-1] = with_chars(kept[-1], kept[-1].chars[:-1])
                break
            if len(rest.chars) == 1:
                break
            rest = with_chars(rest, rest.chars[1:])
        kept.append(rest)
    return kept


def _share(left: Line, right: Line) -> bool:
    """Whether the last character of one piece and the first of the next stand in one place; for
    Chinese ones: the places of narrow letters are too loose to tell.
    """
    if not left.chars or not right.chars or right.chars[0].text < CHINESE:
        return False
    end, begin = left.chars[-1].box, right.chars[0].box
    beside = right.box[2] > left.box[2] and common(tall(left.box), tall(right.box)) > BESIDE
    return beside and middle(begin)[0] < end[2]


def _one_column(rows: list[Line]) -> bool:
    """Whether characters stand under each other."""
    return all(common(wide(a.box), wide(b.box)) > 0.6 for a, b in pairwise(rows))


def _rows(lines: list[Line]) -> list[list[Line]]:
    """Lines grouped by height, from the top."""
    rows: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: middle(one.box)[1]):
        if rows and common(tall(_row_box(rows[-1])), tall(line.box)) > SAME_ROW:
            rows[-1].append(line)
        else:
            rows.append([line])
    return rows


def _row_box(row: list[Line]) -> Box:
    return around(line.box for line in row)


def _is_upright(lines: Sequence[Line]) -> bool:
    """Whether the page is written in columns."""
    upright = sum(len(line.text) for line in lines if line.vertical)
    return upright * 2 > sum(len(line.text) for line in lines)


def _columns(lines: Sequence[Line]) -> list[Line]:
    """Vertical writing: columns from right to left, in each from top to bottom."""
    columns: list[list[Line]] = []
    for line in sorted(lines, key=lambda one: -middle(one.box)[0]):
        if columns and common(wide(_row_box(columns[-1])), wide(line.box)) > SAME_ROW:
            columns[-1].append(line)
        else:
            columns.append([line])
    return [line for column in columns for line in sorted(column, key=lambda one: one.box[1])]


Block = tuple[Box, list[Line]]


def _in_order(blocks: list[Block]) -> list[Block]:
    """Blocks of a page in rows from the top; two newspaper columns one after the other."""
    gutter = _gutter(blocks)
    if gutter is not None:
        return _around_gutter(blocks, gutter)
    return _from_the_top(blocks)


def _from_the_top(blocks: list[Block]) -> list[Block]:
    rows: list[list[Block]] = []
    for block in sorted(blocks, key=lambda one: middle(one[0])[1]):
        last = rows[-1] if rows else None
        if last and common(tall(around(b for b, _ in last)), tall(block[0])) > SAME_ROW:
            last.append(block)
        else:
            rows.append([block])
    return [block for row in rows for block in sorted(row, key=lambda one: one[0][0])]


def _gutter(blocks: list[Block]) -> float | None:
    """Where two columns of running text part: five long lines on each side, none across."""
    for x in (0.5, 0.48, 0.52, 0.46, 0.54):
        left = [box for box, _ in blocks if box[2] <= x and box[2] - box[0] > 0.25]
        right = [box for box, _ in blocks if box[0] >= x and box[2] - box[0] > 0.25]
        if len(left) < 5 or len(right) < 5:
            continue
        span = tall(around([*left, *right]))
        crossing = [b for b, _ in blocks if b[0] < x < b[2] and common(tall(b), span) > 0]
        top = max(min(b[1] for b in left), min(b[1] for b in right))
        if not any(top < middle(b)[1] < span[1] for b in crossing):
            return x
    return None


def _around_gutter(blocks: list[Block], x: float) -> list[Block]:
    """What crosses the gutter comes before or after both columns, by its height."""
    crossing = [block for block in blocks if block[0][0] < x < block[0][2]]
    left = [block for block in blocks if block[0][2] <= x]
    right = [block for block in blocks if block[0][0] >= x]
    start = min(box[1] for box, _ in [*left, *right])
    above = [block for block in crossing if block[0][1] <= start]
    below = [block for block in crossing if block[0][1] > start]
    return [block for part in (above, left, right, below) for block in _from_the_top(part)]
