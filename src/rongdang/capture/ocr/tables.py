"""Ruled cells of a form: rules found by their length, gaps mended, cells between them.

Works on a level page without any network; a page without rules has no cells.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.base.textlayer import Box, Cell
from rongdang.capture.imaging.values import Image, grey, ink_contrast

LONGEST = 1600  # pixels: about 135 dpi of A4, a hair rule is still one pixel wide
INK = 22  # rules may be faint
SHORTEST_RULE = 0.022  # of the longest side: longer than the strokes of a character
SHORTEST_SIDE, SIDE_MISS = 14, 5  # pixels: a side from rule to rule, and how it may miss them
FEWEST = 28  # pixels, for small pictures: shorter runs are strokes
SETS_OFF = (
    8,
    40,
)  # pixels: two rules that touch are so high together; higher is a stain or a picture
BEND, STEP = 8, 3  # pixels: within so many a run that steps aside by so many is two rules
BLOB = 9  # pixels: ink as thick as this is no rule but a stain or a bar
GAP, COVERED_GAP = 0.012, 0.03  # of the longest side: a break that is mended, one with ink in it
COVERED = 0.8  # share of such a break with some ink: a blot or a fold lies over the rule
BEYOND = 0.03  # of the longest side: a fold runs so far past the rules on both sides
TOUCH = 0.005  # a rule begins or ends this near to another; what does not is a stroke
REACH = 0.008  # how far an end may miss the rule it was drawn to
SMALLEST_CELL = 0.006
SAME_EDGE = 0.006  # edges nearer than this are the same line of the grid

FEW = cv2.CV_16U  # labels of two bytes cost half of four; rules and cells are never 65,535

Mask = npt.NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Rule:
    """A drawn line: where it lies across, and from where to where it runs (pixels)."""

    at: float
    start: int
    end: int
    slope: float  # how much `at` changes from start to end


@dataclass(frozen=True, slots=True)
class Ruling:
    """The cells of a page, its ink and its rules as masks of the size they were looked for, and how
    much darker than the paper each pixel is.
    """

    cells: tuple[Cell, ...]
    ink: Mask
    drawn: Mask
    depth: Mask


def find_table(bgr: Image) -> Ruling:
    """All ruled cells of the page, table by table, row by row."""
    depth = ink_depth(bgr)
    ink = np.asarray(depth > INK, np.uint8)
    across, down = find_rules(ink)
    if len(across) < 2 or len(down) < 2:
        return Ruling((), ink, np.zeros(ink.shape, np.uint8), depth)
    drawn = _draw(ink.shape, across, down)
    cells = _number(_areas(drawn), _tables(drawn), ink.shape)
    return Ruling(cells, ink, drawn, depth)


def ink_depth(bgr: Image) -> Mask:
    """How much darker than the paper each pixel is, at the size rules are looked for."""
    return ink_contrast(grey(bgr, LONGEST), 61)


def find_rules(ink: Mask) -> tuple[list[Rule], list[Rule]]:
    """Rules across and down, broken ones joined."""
    length = max(FEWEST, round(SHORTEST_RULE * max(ink.shape)))
    across = _rules(ink, length)
    down = _rules(np.ascontiguousarray(ink.T), length)
    across, down = _without_folds(across, max(ink.shape)), _without_folds(down, max(ink.shape))
    down += _between(np.ascontiguousarray(ink.T), across, down)
    near = TOUCH * max(ink.shape)
    return (
        [rule for rule in across if _touches(rule, down, near)],
        [rule for rule in down if _touches(rule, across, near)],
    )


def _between(turned: Mask, across: list[Rule], down: list[Rule]) -> list[Rule]:
    """Short rules from one rule across to the next: the sides of a low row, of a square for a figure.

    No stroke of a character reaches from rule to rule. `turned` is the ink with x and y exchanged.
    """
    if len(across) < 2:
        return []
    short = _rules(turned, SHORTEST_SIDE)
    return [
        rule
        for rule in short
        if _ends_on(rule.start, rule.at, across)
        and _ends_on(rule.end, rule.at, across)
        and not any(_runs_along(rule, other) for other in down)
    ]


def _ends_on(end: int, at: float, across: list[Rule]) -> bool:
    return any(
        abs(other.at - end) <= SIDE_MISS and other.start - SIDE_MISS <= at <= other.end + SIDE_MISS
        for other in across
    )


def _runs_along(rule: Rule, other: Rule) -> bool:
    shared = min(rule.end, other.end) - max(rule.start, other.start)
    return abs(rule.at - other.at) <= SIDE_MISS and shared > 0.5 * (rule.end - rule.start)


def _without_folds(rules: list[Rule], longest: int) -> list[Rule]:
    """A fold runs over the whole sheet; rules of a form begin and end with the others."""
    if len(rules) < 4:
        return rules
    starts, ends = sorted(r.start for r in rules), sorted(r.end for r in rules)
    first, last = starts[len(starts) // 4], ends[-1 - len(ends) // 4]
    reach = BEYOND * longest
    return [r for r in rules if r.start >= first - reach or r.end <= last + reach]


def _touches(rule: Rule, crossing: list[Rule], near: float) -> bool:
    """Whether at least one end lies on a crossing rule; circles and long strokes do not."""
    return any(
        min(abs(other.at - rule.start), abs(other.at - rule.end)) <= near
        and other.start - near <= rule.at <= other.end + near
        for other in crossing
    )


def _rules(ink: Mask, length: int) -> list[Rule]:
    thick = cv2.dilate(ink, np.ones((3, 1), np.uint8))  # a rule may climb by a pixel
    blobs = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((BLOB, BLOB), np.uint8))
    thin = cv2.subtract(thick, cv2.dilate(blobs, np.ones((5, 5), np.uint8)))
    runs = cv2.morphologyEx(thin, cv2.MORPH_OPEN, np.ones((1, length), np.uint8))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(runs, ltype=FEW)
    found = []
    for number, (x, y, width, height, _area) in enumerate(stats.tolist()[1:], start=1):
        if width < 1.5 * length:
            continue
        part = labels[y : y + height, x : x + width] == number
        rules = (_rule(part[:, start:end], x + start, y, length) for start, end in _level(part))
        found += [rule for rule in rules if rule]
    return _joined(found, np.asarray(thick, np.uint8))


def _rule(part: npt.NDArray[np.bool_], x: int, y: int, length: int) -> Rule | None:
    """A run of ink as a rule; None where it is too short, too thick or too slanting for one."""
    rows = np.nonzero(part.any(axis=1))[0]
    width, height = part.shape[1], rows[-1] - rows[0] + 1
    if width < 1.5 * length or height > _tallest(width) or part.sum() < 0.5 * width:
        return None
    sixth = max(1, width // 6)
    left, right = _middle(part[:, :sixth]), _middle(part[:, -sixth:])
    return Rule(y + (left + right) / 2, x, x + width, (right - left) * 1.2)


def _tallest(width: int) -> float:
    """How many pixels high a rule of that length may be: it may slant a little."""
    return max(10, 0.02 * width + 8)


def _level(part: npt.NDArray[np.bool_]) -> list[tuple[int, int]]:
    """From where to where a run of ink is one rule: sides of two rows of cells that lie a little
    apart touch at the rule between the rows, and are cut there.
    """
    width = part.shape[1]
    if not SETS_OFF[0] <= part.shape[0] < SETS_OFF[1] or width < 4 * BEND:
        return [(0, width)]
    middles = (part * np.arange(part.shape[0])[:, None]).sum(axis=0) / part.sum(axis=0)
    bends = np.abs(middles[BEND:] - middles[:-BEND])
    if bends.max() < STEP:
        return [(0, width)]
    cut = int(bends.argmax())
    return [
        (start + begin, end + begin)
        for begin, piece in ((0, part[:, : cut + 1]), (cut + BEND, part[:, cut + BEND :]))
        for start, end in _level(piece)
    ]


def _middle(part: npt.NDArray[np.bool_]) -> float:
    rows = np.nonzero(part)[0]
    return float(rows.mean()) if rows.size else part.shape[0] / 2


def _joined(rules: list[Rule], thick: Mask) -> list[Rule]:
    """Pieces on one line with a small break between them are one rule."""
    done: list[Rule] = []
    near: list[int] = []  # of `done`: those that end where the next rule may still begin
    for rule in sorted(rules, key=lambda one: (one.start, one.at)):
        near = [n for n in near if rule.start - done[n].end <= COVERED_GAP * max(thick.shape)]
        for index in near:
            other = done[index]
            if rule.end > other.end and _continues(other, rule, thick):
                left, right = other.at - other.slope / 2, rule.at + rule.slope / 2
                done[index] = Rule((left + right) / 2, other.start, rule.end, right - left)
                break
        else:
            near.append(len(done))
            done.append(rule)
    return done


def _continues(first: Rule, second: Rule, thick: Mask) -> bool:
    left, right = first.at + first.slope / 2, second.at - second.slope / 2
    gap = second.start - first.end
    longest = max(thick.shape)
    if abs(left - right) > 4 or not -GAP * longest <= gap <= COVERED_GAP * longest:
        return False
    if gap <= GAP * longest:
        return True
    row = round((left + right) / 2)
    between = thick[max(0, row - 1) : row + 2, first.end : second.start]
    return bool(between.size and between.max(axis=0).mean() >= COVERED)


def _draw(shape: tuple[int, ...], across: list[Rule], down: list[Rule]) -> Mask:
    """The rules alone, each drawn a little longer so that corners close."""
    drawn = np.zeros(shape[:2], np.uint8)
    reach = round(REACH * max(shape))
    for rule in across:
        ends = _ends(rule, reach)
        cv2.line(drawn, (ends[0], ends[1]), (ends[2], ends[3]), 1, 2)
    for rule in down:
        ends = _ends(rule, reach)
        cv2.line(drawn, (ends[1], ends[0]), (ends[3], ends[2]), 1, 2)
    return drawn


def _ends(rule: Rule, reach: int) -> tuple[int, int, int, int]:
    """Start, where it lies there, end, where it lies there."""
    return (
        rule.start - reach,
        round(rule.at - rule.slope / 2),
        rule.end + reach,
        round(rule.at + rule.slope / 2),
    )


def _areas(drawn: Mask) -> list[tuple[int, int, int, int]]:
    """Rectangles enclosed by rules: x0, y0, x1, y1 in pixels."""
    height, width = drawn.shape
    least = SMALLEST_CELL * max(drawn.shape)
    free = np.asarray(cv2.copyMakeBorder(1 - drawn, 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=1))
    _, labels, stats, _ = cv2.connectedComponentsWithStats(free, connectivity=4, ltype=FEW)
    outside = labels[0, 0]
    found = []
    for number, (x, y, w, h, area) in enumerate(stats.tolist()):
        if number in (0, outside) or min(w, h) < least or area < 0.72 * w * h:
            continue
        found.append((max(0, x - 2), max(0, y - 2), min(width, x + w), min(height, y + h)))
    return found


def _tables(drawn: Mask) -> list[tuple[int, int, int, int]]:
    """Boxes of the connected systems of rules, topmost first."""
    stats = cv2.connectedComponentsWithStats(drawn, connectivity=8, ltype=FEW)[2][1:].tolist()
    return sorted((y, x, x + w, y + h) for x, y, w, h, _ in stats)


def _number(
    areas: list[tuple[int, int, int, int]],
    tables: list[tuple[int, int, int, int]],
    shape: tuple[int, ...],
) -> tuple[Cell, ...]:
    """Cells by table, row and column; a lone frame round something is no table."""
    cells: list[Cell] = []
    number = 0
    left = set(areas)
    for top, x, right, bottom in sorted(tables, key=lambda t: (t[2] - t[1]) * (t[3] - t[0])):
        inside = [a for a in left if x <= a[0] + 2 and a[2] <= right + 2]
        inside = [a for a in inside if top <= a[1] + 2 and a[3] <= bottom + 2]
        if len(inside) < 2:
            continue
        left -= set(inside)
        cells += _grid(inside, number, shape)
        number += 1
    return _in_page_order(cells)


def _grid(areas: list[tuple[int, int, int, int]], table: int, shape: tuple[int, ...]) -> list[Cell]:
    height, width = shape[:2]
    near = SAME_EDGE * max(shape)
    columns = _edges([a[0] for a in areas] + [a[2] for a in areas], near)
    rows = _edges([a[1] for a in areas] + [a[3] for a in areas], near)
    cells = []
    for x0, y0, x1, y1 in areas:
        row, column = _nearest(rows, y0), _nearest(columns, x0)
        box: Box = (x0 / width, y0 / height, x1 / width, y1 / height)
        down = max(1, _nearest(rows, y1) - row)
        cells.append(Cell(table, row, column, down, max(1, _nearest(columns, x1) - column), box))
    return cells


def _edges(values: list[int], near: float) -> list[float]:
    """Values that lie close together made one, in order."""
    groups: list[list[int]] = []
    for value in sorted(values):
        if groups and value - groups[-1][-1] <= near:
            groups[-1].append(value)
        else:
            groups.append([value])
    return [sum(group) / len(group) for group in groups]


def _nearest(edges: list[float], value: float) -> int:
    return min(range(len(edges)), key=lambda index: abs(edges[index] - value))


def _in_page_order(cells: list[Cell]) -> tuple[Cell, ...]:
    """Tables renumbered from the top of the page, their cells row by row."""
    tops: dict[int, float] = {}
    for cell in cells:
        tops[cell.table] = min(tops.get(cell.table, 1.0), cell.box[1])
    rank = {table: index for index, table in enumerate(sorted(tops, key=lambda t: tops[t]))}
    renumbered = [
        Cell(rank[c.table], c.row, c.column, c.row_span, c.column_span, c.box) for c in cells
    ]
    return tuple(sorted(renumbered, key=lambda c: (c.table, c.row, c.column)))
