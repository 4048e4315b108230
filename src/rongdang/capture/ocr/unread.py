"""Ink in ruled cells that no line covers: words the detecting network passed over."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np

from rongdang.base.textlayer import Box, Cell, Line
from rongdang.capture.ocr.boxes import around, common, covered, inside, middle, tall
from rongdang.capture.ocr.tables import Mask, Ruling

TALLEST_CELL = 0.085  # of the page: higher ones hold running text, signatures, photographs
LEAST_INK = 7  # pixels of a stroke; fewer are specks
LOWEST, HIGHEST = 9, 0.05  # pixels; share of the page: height of a row of writing
BESIDE = 1.1  # heights of a row: nearer to a line than this, ink is its lost beginning or end
TALLER = 1.3  # times a line: ink beside it that is so high is no character of it alone
FULL = 0.62  # of its cell's height: a line so high may be two rows
THIN_SEAM = 0.2  # of the usual ink of a line of pixels: where two rows touch
EDGE = 0.12  # of a line's box above and below is paper, or the next row of a narrow label
PAPER = 0.3  # heights of a row of paper round what is read
SURE, SURE_ALONE = 0.7, 0.85  # a single character found by its ink alone must be plain

Spell = Callable[[Box], Line | None]


@dataclass(frozen=True, slots=True)
class _Row:
    """Ink of one row in a cell, in pixels: the box around it, and the cell's inside."""

    x0: int
    y0: int
    x1: int
    y1: int
    cell: tuple[int, int, int, int]

    @property
    def height(self) -> int:
        return self.y1 - self.y0


def with_unread(
    lines: Sequence[Line], ruled: Ruling, stamps: Sequence[Box], spell: Spell
) -> tuple[Line, ...]:
    """The lines and what `spell` reads where a cell has ink and no line.

    Ink close beside a line is read together with it: a lost first figure makes another date.
    """
    size = (ruled.ink.shape[1], ruled.ink.shape[0])
    found = [part for line in lines for part in _parted(line, lines, ruled, spell)]
    for row in list(_rows(ruled, found, stamps)):
        mate = next((line for line in found if _is_beside(line, row, size)), None)
        if mate is not None:
            whole = spell(_with_paper(row, size, mate.box))
            if whole is not None and _continues(whole, mate):
                found[found.index(mate)] = whole
                found = [one for one in found if one is whole or covered(one.box, whole.box) < 0.8]
            continue
        alone = spell(_with_paper(row, size))
        if alone is not None and alone.confidence >= (SURE if len(alone.text) > 1 else SURE_ALONE):
            found.append(alone)
    return tuple(found)


def _parted(line: Line, lines: Sequence[Line], ruled: Ruling, spell: Spell) -> list[Line]:
    """The line, or the rows it really is: a label of two rows in a low cell may be found as one."""
    cell = next((c for c in ruled.cells if inside(middle(line.box), c.box)), None)
    if cell is None or line.vertical or cell.box[3] - cell.box[1] > TALLEST_CELL:
        return [line]
    alone = sum(inside(middle(other.box), cell.box) for other in lines) == 1
    if not alone or line.box[3] - line.box[1] < FULL * (cell.box[3] - cell.box[1]):
        return [line]
    free = cv2.subtract(ruled.ink, cv2.dilate(ruled.drawn, np.ones((5, 5), np.uint8)))
    rows = list(_rows_of(np.asarray(free, np.uint8), cell))
    size = (free.shape[1], free.shape[0])
    parts = [part for row in rows if (part := spell(_with_paper(row, size)))]
    whole = sum(len(part.text) for part in parts) >= len(line.text)
    sure = all(part.confidence >= max(SURE, line.confidence - 0.02) for part in parts)
    return parts if len(rows) == len(parts) == 2 and whole and sure else [line]


def _rows(ruled: Ruling, lines: Sequence[Line], stamps: Sequence[Box]) -> Iterator[_Row]:
    free = cv2.subtract(ruled.ink, cv2.dilate(ruled.drawn, np.ones((5, 5), np.uint8)))
    height, width = free.shape
    for box in [*(line.box for line in lines), *stamps]:
        high = box[3] - box[1]
        x0, x1 = box[0] * width - 2, box[2] * width + 2
        y0, y1 = (box[1] + EDGE * high) * height, (box[3] - EDGE * high) * height
        free[max(0, int(y0)) : int(y1) + 1, max(0, int(x0)) : int(x1) + 1] = 0
    for cell in ruled.cells:
        if cell.box[3] - cell.box[1] <= TALLEST_CELL:
            yield from _rows_of(np.asarray(free, np.uint8), cell)


def _rows_of(free: Mask, cell: Cell) -> Iterator[_Row]:
    height, width = free.shape
    x0, y0 = int(cell.box[0] * width) + 3, int(cell.box[1] * height) + 3
    x1, y1 = int(cell.box[2] * width) - 2, int(cell.box[3] * height) - 2
    part = _without_specks(free[y0:y1, x0:x1])
    if int(part.sum()) < 3 * LEAST_INK:
        return
    for start, end in _bands(part):
        columns = np.flatnonzero(part[start:end].max(axis=0))
        if LOWEST <= end - start <= HIGHEST * height and columns.size:
            left, right = int(columns[0]), int(columns[-1]) + 1
            yield _Row(x0 + left, y0 + start, x0 + right, y0 + end, (x0, y0, x1, y1))


def _bands(part: Mask) -> list[tuple[int, int]]:
    """First and last line of pixels of each row of writing; the strokes of 二 are one row."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], part.max(axis=1), [0])).astype(np.int8)))
    bands: list[tuple[int, int]] = []
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        low = end - start < LOWEST or (bands and bands[-1][1] - bands[-1][0] < LOWEST)
        if bands and low and start - bands[-1][1] <= LOWEST:
            bands[-1] = (bands[-1][0], end)
        else:
            bands.append((start, end))
    return [piece for band in bands for piece in _halves(part, band)]


def _halves(part: Mask, band: tuple[int, int]) -> list[tuple[int, int]]:
    """A band as it is, or cut where two rows of writing all but touch."""
    start, end = band
    third = (end - start) // 3
    if third < LOWEST:
        return [band]
    ink = part[start:end].sum(axis=1)
    seam = third + int(np.argmin(ink[third:-third]))
    if int(ink[seam]) > THIN_SEAM * float(np.median(ink)):
        return [band]
    return [(start, start + seam), (start + seam, end)]


def _without_specks(part: Mask) -> Mask:
    if not part.size or not part.any():
        return part
    _, labels, stats, _ = cv2.connectedComponentsWithStats(part, connectivity=8)
    kept = stats[:, cv2.CC_STAT_AREA] >= LEAST_INK
    kept[0] = False
    return np.asarray(kept[labels], np.uint8)


def _with_paper(row: _Row, size: tuple[int, int], other: Box | None = None) -> Box:
    """The row with paper round it, not over the rules; with the box of a line beside it."""
    margin = PAPER * row.height
    box: Box = (
        max(row.cell[0], row.x0 - margin) / size[0],
        max(row.cell[1], row.y0 - margin) / size[1],
        min(row.cell[2], row.x1 + margin) / size[0],
        min(row.cell[3], row.y1 + margin) / size[1],
    )
    if other is None:
        return box
    if row.height > TALLER * (other[3] - other[1]) * size[1]:  # a scrap of the cell's side
        box = (box[0], other[1], box[2], other[3])
    return around((box, other))


def _is_beside(line: Line, row: _Row, size: tuple[int, int]) -> bool:
    cell: Box = (
        row.cell[0] / size[0],
        row.cell[1] / size[1],
        row.cell[2] / size[0],
        row.cell[3] / size[1],
    )
    if line.vertical or not inside(middle(line.box), cell):
        return False
    if common(tall(line.box), (row.y0 / size[1], row.y1 / size[1])) < 0.5:
        return False
    apart = max(line.box[0] * size[0] - row.x1, row.x0 - line.box[2] * size[0])
    return apart < BESIDE * (line.box[3] - line.box[1]) * size[1]


def _continues(whole: Line, part: Line) -> bool:
    """Whether a reading of more ink is the old one with something added."""
    longer = len(whole.text) > len(part.text)
    known = sum(letter in whole.text for letter in part.text)
    return longer and whole.confidence >= SURE and known >= 0.7 * len(part.text)
