"""What reading a page gives: lines, ruled cells, marks and seals, each with its place.

Capture writes it, describe keeps it beside the page, provide and web read it; so it stands below
them all and needs no Django. A box is (x0, y0, x1, y1) in 0..1 of the image that was read, origin
top left.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Char:
    """One character and how sure the engine is of it (0..1)."""

    text: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class Line:
    """A run of characters read together: a line, a column, or what stands in one cell."""

    text: str
    box: Box
    confidence: float
    chars: tuple[Char, ...] = ()
    vertical: bool = False
    cell: int | None = None  # index into `TextLayer.cells`
    under_seal: bool = False  # read in the second pass, with red suppressed


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a ruled form; `table` numbers the ruled areas of the page, all counted from 0."""

    table: int
    row: int
    column: int
    row_span: int
    column_span: int
    box: Box


@dataclass(frozen=True, slots=True)
class Mark:
    """A check box, a circle round a word, or a tick; `label` is the word it belongs to."""

    kind: str  # box, circle, tick; struck = its word is crossed out
    checked: bool
    label: str
    box: Box
    confidence: float


@dataclass(frozen=True, slots=True)
class TextLayer:
    """All that was read on one page, in reading order, by `engine` ("name version")."""

    engine: str
    width: int  # of the image read, pixels
    height: int
    lines: tuple[Line, ...]
    cells: tuple[Cell, ...]
    marks: tuple[Mark, ...]
    seals: tuple[Box, ...] = ()

    @property
    def text(self) -> str:
        """The page's words, a line each."""
        return "\n".join(line.text for line in self.lines)

    def to_json(self) -> str:
        """Compact JSON; boxes are rounded to 1/10,000 of the page."""
        body = {
            "engine": self.engine,
            "size": [self.width, self.height],
            "lines": [_line_out(line) for line in self.lines],
            "cells": [
                [c.table, c.row, c.column, c.row_span, c.column_span, *_rounded(c.box)]
                for c in self.cells
            ],
            "marks": [
                [m.kind, m.checked, m.label, round(m.confidence, 3), *_rounded(m.box)]
                for m in self.marks
            ],
            "seals": [_rounded(box) for box in self.seals],
        }
        return json.dumps(body, ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> TextLayer:
        """The layer `to_json` wrote."""
        body = json.loads(text)
        width, height = body["size"]
        return cls(
            body["engine"],
            width,
            height,
            tuple(_line_in(row) for row in body["lines"]),
            tuple(
                Cell(row[0], row[1], row[2], row[3], row[4], _box(row[5:])) for row in body["cells"]
            ),
            tuple(Mark(row[0], row[1], row[2], _box(row[4:]), row[3]) for row in body["marks"]),
            tuple(_box(row) for row in body.get("seals", ())),
        )


def _rounded(box: Box) -> list[float]:
    return [round(float(value), 4) for value in box]


def _box(values: list[float]) -> Box:
    x0, y0, x1, y1 = values
    return (x0, y0, x1, y1)


def _line_out(line: Line) -> dict[str, Any]:
    row: dict[str, Any] = {
        "t": line.text,
        "b": _rounded(line.box),
        "p": round(line.confidence, 3),
        "c": [[c.text, round(c.confidence, 2), *_rounded(c.box)] for c in line.chars],
    }
    if line.vertical:
        row["v"] = 1
    if line.cell is not None:
        row["k"] = line.cell
    if line.under_seal:
        row["s"] = 1
    return row


def _line_in(row: dict[str, Any]) -> Line:
    return Line(
        row["t"],
        _box(row["b"]),
        row["p"],
        tuple(Char(c[0], _box(c[2:]), c[1]) for c in row["c"]),
        vertical=bool(row.get("v")),
        cell=row.get("k"),
        under_seal=bool(row.get("s")),
    )
