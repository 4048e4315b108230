"""Arithmetic of boxes and lines that cells, marks, seals and reading order share."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import fmean

from rongdang.base.textlayer import Box, Char, Line


def around(boxes: Iterable[Box]) -> Box:
    """The smallest box that holds all; at least one must be given."""
    x0, y0, x1, y1 = zip(*boxes, strict=True)
    return (min(x0), min(y0), max(x1), max(y1))


def middle(box: Box) -> tuple[float, float]:
    return ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)


def inside(point: tuple[float, float], box: Box) -> bool:
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def common(a: tuple[float, float], b: tuple[float, float]) -> float:
    """What two stretches have in common, as a share of the shorter one."""
    shorter = min(a[1] - a[0], b[1] - b[0])
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / shorter if shorter > 0 else 0.0


def wide(box: Box) -> tuple[float, float]:
    return (box[0], box[2])


def tall(box: Box) -> tuple[float, float]:
    return (box[1], box[3])


def covered(box: Box, by: Box) -> float:
    """Share of `box` that lies under `by`."""
    w = min(box[2], by[2]) - max(box[0], by[0])
    h = min(box[3], by[3]) - max(box[1], by[1])
    area = (box[2] - box[0]) * (box[3] - box[1])
    return w * h / area if w > 0 and h > 0 and area > 0 else 0.0


def with_chars(line: Line, chars: Sequence[Char]) -> Line:
    """The line made of these of its characters."""
    return replace(
        line,
        text="".join(char.text for char in chars).strip(),
        box=around(char.box for char in chars),
        confidence=fmean(char.confidence for char in chars),
        chars=tuple(chars),
    )


def joined(lines: Sequence[Line], *, vertical: bool) -> Line:
    """Lines that belong together made one, in the order given."""
    chars = [char for line in lines for char in line.chars]
    return replace(
        lines[0],
        text="".join(line.text for line in lines),
        box=around(line.box for line in lines),
        confidence=fmean(char.confidence for char in chars),
        chars=tuple(chars),
        vertical=vertical,
        under_seal=any(line.under_seal for line in lines),
    )


def moved(line: Line, corner: tuple[float, float], share: tuple[float, float]) -> Line:
    """A line read on a part of the page, in boxes of the whole page."""

    def place(box: Box) -> Box:
        return (
            corner[0] + box[0] * share[0],
            corner[1] + box[1] * share[1],
            corner[0] + box[2] * share[0],
            corner[1] + box[3] * share[1],
        )

    chars = tuple(replace(char, box=place(char.box)) for char in line.chars)
    return replace(line, box=place(line.box), chars=chars)
