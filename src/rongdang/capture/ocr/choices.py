"""Which of several printed words was marked, told by the ink round each beside that of its fellows.

A ring that touches its word, is open, or runs over a rule encloses nothing; but no printed fellow
has ink above, below and beside it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

import cv2
import numpy as np

from rongdang.base.textlayer import Box, Char, Line, Mark
from rongdang.base.vocab.choices import listed_choices
from rongdang.capture.ocr.boxes import around, common, inside, middle, tall
from rongdang.capture.ocr.tables import Mask, Ruling

REACH = 0.75  # characters: so far round a word its ring or tick is looked for
RINGED, ALONE = 0.5, 0.55  # share of a word's sides with ink; what its fellows may have of that
TICKED = 0.16  # of a character's square: ink of a tick beside or over a word
RING, TICK = 0.92, 0.88  # told by ink alone, no shape was seen: a value to ask about
BLOTTED = 0.4  # share of ink where a box should be
GAP_SIGNS = " 　:：、,，.。;；|/／()（）□_"


@dataclass(frozen=True, slots=True)
class _Word:
    """A printed choice: its box of ink in pixels and the room round it that is its own."""

    label: str
    box: tuple[int, int, int, int]
    left: int
    right: int


def marked_choices(ruled: Ruling, lines: Sequence[Line], known: Sequence[Mark]) -> tuple[Mark, ...]:
    """Marks on printed lists of choices that bear none of the `known` ones; lines are laid out."""
    free = cv2.subtract(ruled.ink, cv2.dilate(ruled.drawn, np.ones((3, 3), np.uint8)))
    found: list[Mark] = []
    for row in _rows(lines):
        for run in _lists(row):
            box = around(char.box for _, chars in run for char in chars)
            found += _blotted(np.asarray(free, np.uint8), run, known)
            if any(mark.checked and _touches(mark.box, box) for mark in known):
                continue
            found += _of_list(np.asarray(free, np.uint8), run)
    return tuple(found)


def _blotted(free: Mask, run: list[tuple[str, list[Char]]], known: Sequence[Mark]) -> list[Mark]:
    """The one box of a list that is so full of ink that it was not seen as a box."""
    height, width = free.shape
    offsets, missing = [], []
    for label, chars in run:
        start = chars[0].box
        mates = [m for m in known if m.kind == "box" and m.label == label]
        beside = [m for m in mates if common(tall(m.box), tall(start)) > 0.5]
        if any(mark.checked for mark in beside):
            return []
        if beside:
            offsets.append((start[0] - beside[0].box[0], beside[0].box))
        else:
            missing.append((label, start))
    if len(missing) != 1 or not offsets:
        return []
    (label, start), (before, box) = missing[0], offsets[0]
    place: Box = (
        start[0] - before,
        box[1],
        start[0] - before + box[2] - box[0],
        box[3],
    )
    x0, x1 = max(0, int(place[0] * width)), int(place[2] * width) + 1
    part = free[int(box[1] * height) : int(box[3] * height) + 1, x0:x1]
    inked = float(part.mean()) if part.size else 0.0
    return (
        [Mark("box", checked=True, label=label, box=place, confidence=0.9)]
        if inked > BLOTTED
        else []
    )


def _touches(mark: Box, box: Box) -> bool:
    high = box[3] - box[1]
    reach = (box[0] - high, box[1] - high / 2, box[2] + high, box[3] + high / 2)
    return inside(middle(mark), reach)


def _rows(lines: Sequence[Line]) -> Iterator[list[Char]]:
    """Characters of one height in one cell, or on the free page, from left to right."""
    rows: list[tuple[int | None, list[Line]]] = []
    for line in lines:
        if line.vertical or not line.chars:
            continue
        for cell, row in rows:
            if cell == line.cell and common(tall(row[0].box), tall(line.box)) > 0.6:
                row.append(line)
                break
        else:
            rows.append((line.cell, [line]))
    for _, row in rows:
        chars = [char for line in row for char in line.chars if char.text.strip()]
        yield sorted(chars, key=lambda char: char.box[0])


def _lists(row: list[Char]) -> Iterator[list[tuple[str, list[Char]]]]:
    """Lists of choices in a row, each a word with its characters; words of a sentence are none."""
    if any(len(char.text) != 1 for char in row):
        return
    text = "".join(char.text for char in row)
    for run in listed_choices(text):
        start, end = run[0].start, run[-1].end
        if _is_apart(row, start) and (end == len(row) or _is_apart(row, end)):
            yield [(one.word, row[one.start : one.end]) for one in run]


def _is_apart(row: list[Char], at: int) -> bool:
    """Whether a word may begin at `at`: the row begins, a sign or a gap stands before it."""
    if at == 0:
        return True
    before, after = row[at - 1], row[at]
    size = max(before.box[2] - before.box[0], after.box[2] - after.box[0])
    return (
        before.text in GAP_SIGNS
        or after.text in GAP_SIGNS
        or (after.box[0] - before.box[2] > 0.5 * size)
    )


def _of_list(free: Mask, run: list[tuple[str, list[Char]]]) -> list[Mark]:
    words, size = _placed(free, run)
    sides = [_sides(free, word, size) for word in words]
    masses = [_mass(free, word, size) for word in words]
    ringed = _outstanding(sides, RINGED)
    chosen = ringed if ringed is not None else _outstanding(masses, TICKED)
    if chosen is None:
        return []
    sure = RING if ringed is not None else TICK
    height, width = free.shape
    return [
        Mark(
            "circle" if ringed is not None else "tick",
            number == chosen,
            word.label,
            (word.box[0] / width, word.box[1] / height, word.box[2] / width, word.box[3] / height),
            sure,
        )
        for number, word in enumerate(words)
    ]


def _outstanding(figures: Sequence[float], least: float) -> int | None:
    """The one that has enough and far more than all others."""
    best = max(range(len(figures)), key=lambda number: figures[number])
    rest = max(figure for number, figure in enumerate(figures) if number != best)
    return best if figures[best] >= least and rest <= ALONE * figures[best] else None


def _placed(free: Mask, run: list[tuple[str, list[Char]]]) -> tuple[list[_Word], float]:
    """The words in pixels: as high as the lowest of them, for a ring makes its line higher."""
    height, width = free.shape
    pitch = [(chars[-1].box[2] - chars[0].box[0]) * width / len(chars) for _, chars in run]
    size = min(median(pitch), median(pitch[:1] + pitch[1:]))
    spans = [_ink_span(free, chars) for _, chars in run]
    top, bottom = max(span[0] for span in spans), min(span[1] for span in spans)
    if bottom - top < 0.5 * size:
        centre = median((chars[0].box[1] + chars[0].box[3]) / 2 * height for _, chars in run)
        top, bottom = int(centre - size / 2), int(centre + size / 2)
    size = float(bottom - top)
    boxes = []
    for _, chars in run:
        first, last = middle(chars[0].box)[0] * width, middle(chars[-1].box)[0] * width
        boxes.append((int(first - size / 2), top, int(last + size / 2) + 1, bottom))
    words = []
    for number, ((label, _), box) in enumerate(zip(run, boxes, strict=True)):
        left = (boxes[number - 1][2] + box[0]) // 2 if number else box[0] - int(REACH * size)
        right = (
            (box[2] + boxes[number + 1][0]) // 2
            if number + 1 < len(run)
            else box[2] + int(REACH * size)
        )
        words.append(_Word(label, box, max(0, left), min(width, right)))
    return words, size


def _ink_span(free: Mask, chars: Sequence[Char]) -> tuple[int, int]:
    """First and last row of ink of a word, within the box it was read in."""
    height, width = free.shape
    box = around(char.box for char in chars)
    y0, y1 = int(box[1] * height), int(box[3] * height) + 1
    part = free[y0:y1, int(box[0] * width) : int(box[2] * width) + 1]
    rows = np.flatnonzero(part.max(axis=1)) if part.size else np.array([])
    return (y0 + int(rows[0]), y0 + int(rows[-1]) + 1) if rows.size else (y0, y1)


def _sides(free: Mask, word: _Word, size: float) -> float:
    """Mean share of the word's four sides that have ink beyond them; left and right count as one."""
    x0, y0, x1, y1 = word.box
    reach = int(REACH * size)
    above = free[max(0, y0 - reach) : max(0, y0 - 1), x0:x1]
    below = free[y1 + 1 : y1 + reach, x0:x1]
    left = free[y0:y1, word.left : max(word.left, x0 - 1)]
    right = free[y0:y1, x1 + 1 : max(x1 + 1, word.right)]
    shares = [_covered(above, 0), _covered(below, 0)]
    shares.append(max(_covered(left, 1), _covered(right, 1)))
    return sum(shares) / 3


def _covered(band: Mask, axis: int) -> float:
    """Share of a band's columns (0) or rows (1) that have ink."""
    return float(band.max(axis=axis).mean()) if band.size else 0.0


def _mass(free: Mask, word: _Word, size: float) -> float:
    """Ink round the word in its own room, in squares of a character."""
    x0, y0, x1, y1 = word.box
    reach = int(REACH * size)
    room = free[max(0, y0 - reach) : y1 + reach, word.left : word.right]
    own = free[max(0, y0 - 1) : y1 + 1, max(word.left, x0 - 1) : x1 + 1]
    return (int(room.sum()) - int(own.sum())) / max(1.0, size * size)
