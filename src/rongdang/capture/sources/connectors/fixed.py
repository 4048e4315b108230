"""Rows of a text whose columns stand below one another, as printers and mainframes write them.

A Chinese character is two places wide, so that columns keep their places in every encoding.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.delimited import foreign
from rongdang.capture.sources.connectors.lines import FOREIGN

RULE = re.compile(r"[\s\-=─━+|]*[-=─━]{2,}[\s\-=─━+|]*$")  # a line that only draws
_LEAST_LINES = 3

Places = tuple[tuple[int, int], ...]  # from, to; in places of a half-width character


def sniff(text: str) -> Places:
    """Columns by a drawn line, else by places that are blank in every line; () when there are none."""
    lines = [line for line in text.split("\n")[:200] if line.strip() and FOREIGN not in line]
    for line in lines[:10]:
        if RULE.match(line) and len(line.split()) > 1:
            return _open_ended(tuple(hit.span() for hit in re.finditer(r"[-=─━]+", line)))
    drawn = [_spread(line) for line in lines if not RULE.match(line)]
    usual = [one for one in drawn if len(_runs(one)) > 1] or drawn
    if len(usual) < _LEAST_LINES or len(usual) < 0.8 * len(drawn):
        return ()
    width = max(map(len, usual))
    used = "".join(
        "x" if any(place < len(one) and one[place] != " " for one in usual) else " "
        for place in range(width)
    )
    places = _runs(used)
    return _open_ended(places) if len(places) > 1 else ()


class Columns:
    """Records of fixed places, one to a line, numbered by lines."""

    def __init__(self, places: Places, *, encoding: str) -> None:
        self._places, self._encoding = places, encoding

    def first(self, text: str, most: int) -> list[list[str]]:
        return [self._cells(line) for line in text.split("\n")[:most]]

    def blocks(self, texts: Iterable[str], after: int) -> Iterator[Block]:
        yield from gathered(self._rows(texts, after))

    def _rows(self, texts: Iterable[str], after: int) -> Iterator[Found]:
        number = 0
        for text in texts:
            for line in text.removesuffix("\n").split("\n"):
                number += 1
                if number <= after or not line.strip() or RULE.match(line):
                    continue
                if line.startswith(FOREIGN):
                    told = foreign(number, line[1], self._encoding)
                    yield number, self._cells(line[2:]), told
                else:
                    yield number, self._cells(line), None

    def _cells(self, line: str) -> list[str]:
        if RULE.match(line):
            return []
        spread = line if line.isascii() else _spread(line)
        # The second place of a wide character stands as U+0000 in the spread line.
        return [spread[start:end].replace("\0", "").strip() for start, end in self._places]


def _spread(line: str) -> str:
    """A line in which every place is one character."""
    return "".join(
        one + "\0" if unicodedata.east_asian_width(one) in "WF" else one
        for one in line.replace("\u3000", "  ").expandtabs()
    )


def _runs(line: str) -> Places:
    return tuple(hit.span() for hit in re.finditer(r"[^ ]+", line))


def _open_ended(places: Sequence[tuple[int, int]]) -> Places:
    """Each column up to the next one's beginning: what is longer than its rule is not cut off."""
    starts = [start for start, _end in places]
    return tuple(zip(starts, [*starts[1:], 10_000], strict=True))
