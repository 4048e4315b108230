"""Labels of a box 310 × 220 mm: the face with QR code and place, and the spine, on one A4 sheet."""

from __future__ import annotations

import segno

from rongdang.provide.prints.ink import BODY, HEIGHT, Ink, width
from rongdang.provide.prints.values import BoxLabel

TOP, SIDE = 25.0, 20.0
SPINE, FACE_WIDTH, FACE_HEIGHT = 28.0, 120.0, 150.0  # a 30 mm spine (DA/T 22-2015) and its seams


def draw_label(label: BoxLabel, *, foot: str = "") -> bytes:
    """One sheet to cut: spine at the left, face at the right."""
    ink = Ink(f"盒签 {label.number}", foot)
    _spine(ink, label, SIDE, TOP, HEIGHT - 2 * TOP)
    _face(ink, label, SIDE + SPINE + 22, TOP)
    ink.text(SIDE + SPINE + 22, HEIGHT - TOP, "沿框线裁下：左条贴盒脊，右块贴盒面", 9)
    ink.end_page()
    return ink.pdf()


def _face(ink: Ink, label: BoxLabel, x: float, y: float) -> None:
    middle, inner = x + FACE_WIDTH / 2, FACE_WIDTH - 12
    ink.box(x, y, FACE_WIDTH, FACE_HEIGHT, thick=0.8)
    ink.text(middle, y + 14, label.unit, _fitting(label.unit, 15, inner), align="middle")
    ink.text(middle, y + 24, "军休干部档案", 13, align="middle")
    size = _fitting(label.person, 44, inner)
    ink.text(middle, y + 46, label.person, size, align="middle")
    number = f"档号　{label.number}"
    ink.text(middle, y + 60, number, _fitting(number, 16, inner), align="middle")
    _place(ink, label, x + 6, y + 70)
    _code(ink, label.payload, x + FACE_WIDTH / 2 - 22, y + 100, 44)


def _place(ink: Ink, label: BoxLabel, x: float, y: float) -> None:
    cell = (FACE_WIDTH - 12) / max(1, len(label.place))
    for n, (name, value) in enumerate(label.place):
        ink.box(x + n * cell, y, cell, 9)
        ink.box(x + n * cell, y + 9, cell, 14)
        middle = x + (n + 0.5) * cell
        ink.text(middle, y + 6.3, name, 11, align="middle")
        ink.text(middle, y + 18.5, value, _fitting(value, 20, cell - 2), align="middle")


def _spine(ink: Ink, label: BoxLabel, x: float, y: float, high: float) -> None:
    middle, inner = x + SPINE / 2, SPINE - 3
    ink.box(x, y, SPINE, high, thick=0.8)
    ink.text(middle, y + 10, label.fonds, _fitting(label.fonds, 14, inner), align="middle")
    ink.line(x, y + 14, x + SPINE, y + 14)
    step = min(20.0, (high - 120) / max(1, len(label.person)))
    at = y + 34
    for char in label.person:
        ink.text(middle, at, char, _fitting(char, step * 2, inner), align="middle")
        at += step
    place = [f"{value or '　'}{name}" for name, value in label.place]
    for n, part in enumerate((*label.number.rsplit("-", 1), *place)):
        ink.text(middle, y + high - 74 + n * 6.6, part, _fitting(part, 12, inner), align="middle")
    _code(ink, label.payload, x + 3, y + high - 26, SPINE - 6)


def _fitting(words: str, size: float, room: float, face: str = BODY) -> float:
    """The size at which the words fit into `room` mm, at most `size`."""
    return min(size, size * room / max(0.1, width(words, size, face)))


def _code(ink: Ink, payload: str, x: float, y: float, side: float) -> None:
    rows = [list(row) for row in segno.make(payload, error="h", micro=False).matrix]
    cell = side / len(rows)
    for n, row in enumerate(rows):
        for m, dark in enumerate(row):
            if dark:
                # A hair wider than a cell: no white seam between neighbours when printed.
                ink.box(x + m * cell, y + n * cell, cell * 1.01, cell * 1.01, fill=True)
