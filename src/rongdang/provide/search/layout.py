"""From a text layer to the page's text for finding, and from a found phrase back to its boxes."""

from __future__ import annotations

import re
import struct
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from typing import NamedTuple

from rongdang.base.textlayer import Box, Cell, Line, TextLayer
from rongdang.provide.search.bigrams import END, LINE_ENDS, STOP, canonical_places, letters

GRAIN = 65_535  # steps across a page, so that a coordinate fits two bytes
HEAD = struct.Struct("<IHB4H")  # where a line begins in the text, length, vertical, box
REACHES = 0.04  # of the page: so near its margin a line of running prose may end
LINE_END = re.compile(f"[{''.join(LINE_ENDS)}]")
CELL_FILLED = 0.6  # of the cell: from here a line in a cell goes on in the next


@dataclass(frozen=True)
class Layout:
    """The text of a page, and packed beside it the place of every character of it."""

    text: str
    places: bytes

    @cached_property
    def _lines(self) -> list[tuple[int, str, str]]:
        """Where each line begins, its text, and its letters alone: a phrase never crosses a line."""
        lines, start = [], 0
        folded = letters(self.text).split(END)
        for text, kept in zip(LINE_END.split(self.text), folded, strict=True):
            lines.append((start, text, kept))
            start += len(text) + 1
        return lines

    @cached_property
    def _found(self) -> dict[str, list[tuple[int, int]]]:
        return {}

    def find(self, phrase: str) -> list[tuple[int, int]]:
        """First and last character of each place of the text where the canonical phrase stands."""
        if phrase not in self._found:
            self._found[phrase] = list(self._places_of(phrase))
        return self._found[phrase]

    def _places_of(self, phrase: str) -> Iterator[tuple[int, int]]:
        sought = phrase.replace(STOP, "")
        for start, text, folded in self._lines:
            if sought not in folded:
                continue  # seen without working out the places of the line's characters
            canonical, origin = canonical_places(text)
            at = canonical.find(phrase)
            while at >= 0:
                yield start + origin[at], start + origin[at + len(phrase) - 1]
                at = canonical.find(phrase, at + len(phrase))


def lay_out(layer: TextLayer) -> Layout:
    """Lines under each other; lines of running prose joined, so that a phrase may cross them."""
    text, places = "", b""
    right, bottom = _margins(layer.lines)
    after = (*layer.lines[1:], None)[: len(layer.lines)]
    for line, following in zip(layer.lines, after, strict=True):
        words = unicodedata.normalize("NFC", line.text).replace("\n", " ")
        if not words.strip():
            continue
        places += _packed(line, words, len(text))
        runs_on = following is not None and _runs_on(line, following, layer.cells, right, bottom)
        text += words + ("" if runs_on else "\n")
    return Layout(text.rstrip("\n"), places)


def boxes(layout: Layout, phrases: Sequence[str]) -> list[Box]:
    """Where the phrases stand: a box for every line a found place touches."""
    found = [place for phrase in phrases for place in layout.find(phrase)]
    end = max((last for _first, last in found), default=-1)
    lines = list(takewhile(lambda line: line.start <= end, _lines_of(layout.places)))
    return [
        line.box(layout.places, first, last)
        for first, last in found
        for line in lines
        if line.start <= last and first < line.start + line.length
    ]


def around(layout: Layout, phrases: Sequence[str]) -> tuple[str, str, str]:
    """The words before the first place of the first phrase, the place as written, and those behind."""
    text = layout.text
    for phrase in phrases:
        for first, last in layout.find(phrase):
            before, match, after = (
                text[max(0, first - 40) : first],
                text[first : last + 1],
                text[last + 1 :],
            )
            return _plain(before)[-18:], _plain(match), _plain(after[:60])[:30]
    return _plain(text[:80])[:40], "", ""


def _plain(text: str) -> str:
    return " ".join(text.split())


def _margins(lines: Sequence[Line]) -> tuple[float, float]:
    """How far lines reach to the right, and columns down, on this page."""
    right = max((line.box[2] for line in lines if not line.vertical), default=1.0)
    bottom = max((line.box[3] for line in lines if line.vertical), default=1.0)
    return right, bottom


def _runs_on(
    line: Line, following: Line, cells: Sequence[Cell], right: float, bottom: float
) -> bool:
    """Is the next line the same sentence going on? Then it begins at the margin, this one ends there."""
    if line.cell != following.cell or line.vertical != following.vertical:
        return False
    x0, y0, x1, y1 = line.box
    if line.cell is not None and 0 <= line.cell < len(cells):
        cell = cells[line.cell].box
        low, high = (1, 3) if line.vertical else (0, 2)
        filled = (line.box[high] - line.box[low]) / max(1e-6, cell[high] - cell[low])
        return filled >= CELL_FILLED
    if line.vertical:
        size = x1 - x0
        beside = x0 - 2.5 * size <= following.box[2] <= x1
        return (
            beside and y1 > bottom - REACHES and following.box[1] < y0 + REACHES and y1 - y0 > 0.4
        )
    size = y1 - y0
    below = y0 <= following.box[1] <= y1 + 1.5 * size
    return below and x1 > right - REACHES and following.box[0] < x0 + REACHES and x1 - x0 > 0.4


def _packed(line: Line, words: str, start: int) -> bytes:
    """HEAD and, for each character, where it begins and ends along the line."""
    low, high = (1, 3) if line.vertical else (0, 2)
    ends = _ends(line, words, low, high)
    box = [_grain(value) for value in line.box]
    return HEAD.pack(start, len(words), line.vertical, *box) + struct.pack(
        f"<{2 * len(words)}H", *(_grain(value) for end in ends for value in end)
    )


def _ends(line: Line, words: str, low: int, high: int) -> list[tuple[float, float]]:
    """From the characters' own boxes where they spell the line, else the line in equal parts."""
    spelled = [(part, char.box) for char in line.chars for part in char.text if not part.isspace()]
    if [part for part, _box in spelled] == [part for part in words if not part.isspace()]:
        known = iter(spelled)
        ends: list[tuple[float, float]] = []
        for part in words:
            if part.isspace():
                edge = ends[-1][1] if ends else line.box[low]
                ends.append((edge, edge))
            else:
                box = next(known)[1]
                ends.append((box[low], box[high]))
        return ends
    step = (line.box[high] - line.box[low]) / len(words)
    first = line.box[low]
    return [(first + n * step, first + (n + 1) * step) for n in range(len(words))]


def _grain(value: float) -> int:
    return round(min(1.0, max(0.0, value)) * GRAIN)


class _Placed(NamedTuple):
    """A line again: its place in the text, its box, and where its characters' ends are packed."""

    start: int
    length: int
    vertical: int
    page_box: tuple[int, int, int, int]
    ends_at: int

    def box(self, places: bytes, first: int, last: int) -> Box:
        """The part of the line that holds the characters `first` to `last` of the text."""
        begin = max(0, first - self.start)
        count = min(self.length - 1, last - self.start) - begin + 1
        ends = struct.unpack_from(f"<{2 * count}H", places, self.ends_at + 4 * begin)
        low, high = min(ends) / GRAIN, max(ends) / GRAIN
        x0, y0, x1, y1 = (value / GRAIN for value in self.page_box)
        return (x0, low, x1, high) if self.vertical else (low, y0, high, y1)


def _lines_of(places: bytes) -> Iterator[_Placed]:
    at = 0
    while at < len(places):
        start, length, vertical, x0, y0, x1, y1 = HEAD.unpack_from(places, at)
        at += HEAD.size
        yield _Placed(start, length, vertical, (x0, y0, x1, y1), at)
        at += 4 * length
