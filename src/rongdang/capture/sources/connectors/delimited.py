"""Rows of a text whose cells are parted by a character: commas, tabs, semicolons, bars."""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from rongdang.capture.sources.connectors.blocks import CELL, ROW, Block, Found, gathered
from rongdang.capture.sources.connectors.lines import FOREIGN, OTHERS
from rongdang.capture.sources.encodings import NAMES
from rongdang.capture.sources.port import Oddity

DELIMITERS = (",", "\t", ";", "|", "，", "；", "^", "~")
LONGEST_RECORD = 1 << 20  # characters over which a cell in quotes may run
MOST_LINES = 200  # and lines: one mark too many would otherwise swallow hundreds of people
_END = "\x1c"  # a line of our own behind a block: does it come out whole?
_NONE = "\x1f"  # a delimiter that no text holds
_Row = tuple[list[str], str]  # cells, and what is wrong with them: a quote, or a letter of `lines`
csv.field_size_limit(LONGEST_RECORD * 2)


def sniff(text: str) -> str:
    """The delimiter that parts most lines into the same number of cells; "" when none does."""
    best, found = (0.0, 0), ""
    lines = text.split("\n")[:60]
    for mark in DELIMITERS:
        counts = Counter(len(cells) for cells in csv.reader(lines, delimiter=mark) if any(cells))
        counts.pop(1, None)
        if not counts:
            continue
        width, times = counts.most_common(1)[0]
        share = times / max(1, sum(1 for line in lines if line.strip()))
        if share >= 0.5 and (share, width) > best:
            best, found = (share, width), mark
    return found


class Records:
    """Records of one delimiter, numbered as a spreadsheet would number their rows."""

    def __init__(self, mark: str, *, encoding: str) -> None:
        self._mark, self._encoding = mark, encoding

    def first(self, text: str, most: int) -> list[list[str]]:
        reader = csv.reader(text.split("\n"), delimiter=self._mark or _NONE)
        return [cells for cells, _ in zip(reader, range(most), strict=False)]

    def blocks(self, texts: Iterable[str], after: int) -> Iterator[Block]:
        """Records numbered greater than `after`; a block without quotes is never parsed cell by cell."""
        number, carry = 0, ""
        for text in texts:
            if not carry and '"' not in text and FOREIGN not in text:
                count = text.count("\n")
                if number + count > after:
                    kept = _behind(text, after - number)
                    yield Block(max(number, after) + 1, self._marked(kept))
                number += count
                continue
            rows, carry = self._parsed(carry + text)
            yield from gathered(self._numbered(rows, number, after))
            number += len(rows)
        if carry:
            rows, _ = self._parsed(carry, last=True)
            yield from gathered(self._numbered(rows, number, after))

    def _marked(self, text: str) -> str:
        """Lines as the rows of a block."""
        body = text[:-1]
        return (body.replace(self._mark, CELL) if self._mark else body).replace("\n", ROW)

    def _numbered(self, rows: Iterable[_Row], number: int, after: int) -> Iterator[Found]:
        for at, (cells, trouble) in enumerate(rows, number + 1):
            if at > after and any(cells):
                yield at, cells, self._oddity(trouble, at)

    def _parsed(self, text: str, *, last: bool = False) -> tuple[list[_Row], str]:
        """Whole records, each with what is wrong with it, and the text that begins an unended one."""
        lines = text.removesuffix("\n").split("\n")
        rows: list[_Row] = []
        at = 0
        while at < len(lines):
            state, at = self._some(lines, at, rows)
            if state == "ended":
                break
            carry = "\n".join(lines[at:]) + "\n"
            short = len(carry) <= LONGEST_RECORD and len(lines) - at <= MOST_LINES
            if state == "open" and short and not last:
                return rows, carry
            rows.append(self._as_it_stands(lines[at]))
            at += 1
        return rows, ""

    def _some(self, lines: Sequence[str], at: int, rows: list[_Row]) -> tuple[str, int]:
        """Records from line `at` on: did the last end, is it open or bad, and where does it begin?"""
        source = (line + "\n" for line in (*lines[at:], _END))
        reader = csv.reader(source, delimiter=self._mark or _NONE, strict=True)
        start = at
        try:
            for cells in reader:
                if reader.line_num > len(lines) - at:
                    return ("ended" if cells == [_END] else "open"), start
                if at + reader.line_num - start > MOST_LINES:
                    return "bad", start
                rows.append(_without_sign(cells))
                start = at + reader.line_num
        except csv.Error:
            return ("open" if reader.line_num > len(lines) - at else "bad"), start
        return "open", start

    def _as_it_stands(self, line: str) -> _Row:
        return _without_sign(line.split(self._mark or _NONE))[0], '"'

    def _oddity(self, trouble: str, number: int) -> Oddity | None:
        if not trouble:
            return None
        if trouble == '"':
            return Oddity(
                "unbalanced-quote",
                f"第 {number} 行的引号没有配对，分不清单元格，没有读入。请在原表里改好引号再导出。",
                f"Row {number} has a quotation mark without its partner, so its cells cannot be told "
                "apart; it is not taken. Mend the mark and export again.",
                number,
            )
        return foreign(number, trouble, self._encoding)


def foreign(number: int, letter: str, encoding: str) -> Oddity:
    """A row in another encoding than the file; the row is named and refused."""
    own = NAMES[encoding]
    if letter == "?":
        return Oddity(
            "wrong-encoding",
            f"第 {number} 行里有不属于 {own} 编码的字节（写作‹…›），没有读入。请在原系统里改正这一行。",
            f"Row {number} holds bytes that are no {own} (shown as ‹…›); it is not taken. Correct "
            "this row in the old system.",
            number,
        )
    other = NAMES[OTHERS[letter]]
    return Oddity(
        "wrong-encoding",
        f"第 {number} 行是 {other} 编码，其余是 {own}，没有读入。请把整个文件存成同一种编码。",
        f"Row {number} is in {other} while the rest is in {own}; it is not taken. Save the whole file "
        "in one encoding.",
        number,
    )


_SIGN = re.compile(FOREIGN + "(.)")


def _without_sign(cells: list[str]) -> _Row:
    """Cells without the mark of a foreign line, and its letter."""
    for cell in cells:
        if FOREIGN in cell:
            letter = _SIGN.search(cell)
            return [_SIGN.sub("", one) for one in cells], letter[1] if letter else "?"
    return cells, ""


def _behind(text: str, lines: int) -> str:
    """The text without its first lines."""
    at = 0
    for _ in range(lines):
        at = text.index("\n", at) + 1
    return text[at:]
