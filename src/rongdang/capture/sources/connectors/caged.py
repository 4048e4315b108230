"""The parent's side of a file opened in the cage: asks the child, believes nothing, keeps no row."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import PurePath
from typing import Any, BinaryIO

from rongdang.base.errors import DomainError
from rongdang.base.gate.marks import mark_in
from rongdang.capture.opening import reader
from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import CELL, ROW
from rongdang.capture.sources.port import Oddity, SourceRow, TableInfo

LONGEST = 24 * 3600.0  # seconds a table may stay open
PATIENCE = 600.0  # seconds the child may take for its next answer
MOST_ODDITIES = 500
_ENDS = frozenset("计人名条行户:： 　")


class CagedConnector:
    """A file, and what belongs to it, read by a caged child. See `port.Connector`."""

    def __init__(self, files: Sequence[tuple[str, BinaryIO]]) -> None:
        """`files`: name and stream of each, the table itself first; streams are read from any place."""
        self._files = [(name, stream, stream.seek(0, os.SEEK_END)) for name, stream in files]
        self._infos: dict[str, TableInfo] = {}
        self._stack = ExitStack()
        self._child: reader.Child | None = None
        self._busy = False

    def tables(self) -> Sequence[TableInfo]:
        if not self._infos:
            found = [
                _info(payload)
                for head, payload in self._asked({"act": "tables"})
                if head["kind"] == "table"
            ]
            self._infos = {one.name: one for one in found}
        return list(self._infos.values())

    def rows(self, table: str, *, after: int = 0) -> Iterator[SourceRow]:
        info = self._of(table)
        order = {"act": "rows", "table": table, "after": max(0, after)}
        for head, payload in self._asked(order):
            if head["kind"] == "rows":
                yield from _rows(head, payload, len(info.columns), after)

    def close(self) -> None:
        self._end_child()

    def _end_child(self) -> None:
        self._child = None
        self._stack.close()

    def _of(self, table: str) -> TableInfo:
        self.tables()
        if table not in self._infos:
            raise DomainError(
                f"文件里没有叫“{table}”的表，没有读入任何一行。",
                f"The file has no table called “{table}”; no row was taken.",
                hint_zh="看看文件是不是换过，再选一次表。",
                hint_en="See whether the file was replaced, and choose the table again.",
                code="no-such-table",
                status=404,
            )
        return self._infos[table]

    def _asked(self, order: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], bytes]]:
        """Frames of the child up to its word that all is said; a child left half-way is ended."""
        child = self._living()
        self._busy, ended = True, False
        try:
            child.to_child.write(json.dumps(order).encode() + b"\n")
            child.to_child.flush()
            while (received := self._next(child)) is not None:
                head, payload = received
                if head["kind"] == "refused":
                    raise _refusal(head)
                if head["kind"] == "done":
                    ended = True
                    return
                yield head, payload
            raise _died()
        except BrokenPipeError:
            raise _died() from None
        finally:
            self._busy = False
            if not ended:
                self._end_child()

    def _living(self) -> reader.Child:
        """The child that knows the file, or a new one where there is none or it is at work."""
        if self._child is None or self._busy:
            self._end_child()
            self._stack = ExitStack()
            order = {
                "work": "table",
                "files": [
                    (PurePath(name).name[-200:], size) for name, _stream, size in self._files
                ],
            }
            self._child = self._stack.enter_context(reader.child(order, LONGEST))
        return self._child

    def _next(self, child: reader.Child) -> tuple[dict[str, Any], bytes] | None:
        """The next frame that is no wish for a piece of the file; None when the child has gone."""
        alarm = threading.Timer(PATIENCE, child.end)
        alarm.daemon = True
        alarm.start()
        try:
            while (received := reader.frame(child.from_child)) is not None:
                head, _payload = received
                if head["kind"] != "read":
                    return received
                _name, stream, _size = self._files[int(head.get("file", 0))]
                reader.answer(child.to_child, stream, int(head["at"]), int(head["length"]))
        except (IndexError, KeyError, TypeError, ValueError):
            return None
        finally:
            alarm.cancel()
        return None


def _info(payload: bytes) -> TableInfo:
    told = json.loads(payload)
    oddities = tuple(Oddity(**one) for one in told["oddities"][:MOST_ODDITIES])
    return TableInfo(told["name"], tuple(told["columns"]), told["rows"], oddities)


def _rows(head: dict[str, Any], payload: bytes, width: int, after: int) -> Iterator[SourceRow]:
    """Rows of a block as wide as the table; those that must not be taken bear the reason."""
    text = payload.decode()
    lines = text.split(ROW)
    first = int(head["first"])
    numbers: Sequence[int] = head.get("numbers") or range(first, first + len(lines))
    oddities = {int(place): Oddity(**one) for place, one in head.get("oddities", {}).items()}
    doubtful = "密" in text or "队" in text
    for place, (number, line) in enumerate(zip(numbers, lines, strict=True)):
        if not line or number <= after:
            continue
        cells = tuple(line.split(CELL))
        oddity = oddities.get(place) if oddities else None
        if len(cells) != width:
            cells, wider = _fitted(cells, width)
            oddity = oddity or (_too_wide(number, width) if wider else None)
        lead = cells[0] or cells[min(1, width - 1)]
        if lead[-1:] in _ENDS and heads.is_totals(cells):
            oddity = oddity or heads.totals(number)
        if doubtful:
            oddity = marked(number, cells) or oddity
        if oddity is None and not lead and not any(cells):
            continue
        yield SourceRow(number, cells, oddity)


def _fitted(cells: tuple[str, ...], width: int) -> tuple[tuple[str, ...], bool]:
    """Cells as many as columns, and whether something stood beyond them."""
    if len(cells) < width:
        return (*cells, *[""] * (width - len(cells))), False
    return cells[:width], any(cell.strip() for cell in cells[width:])


def _too_wide(number: int, width: int) -> Oddity:
    return Oddity(
        "too-many-cells",
        f"第 {number} 行的单元格比 {width} 个列名多，可能值里有分隔符，各列会错位，没有读入。"
        "请在原表里给这个值加引号。",
        f"Row {number} has more cells than the {width} columns: a value may hold the delimiter and "
        "shift the others; it is not taken. Put that value into quotation marks.",
        number,
    )


def marked(number: int, cells: Sequence[str]) -> Oddity | None:
    """A row that bears a mark of state secrets; its words are told to nobody."""
    doubtful = (
        cell for cell in cells if "密" in cell or "队" in cell
    )  # no mark without one of them
    kind = next(filter(None, map(mark_in, doubtful)), "")
    if not kind:
        return None
    return Oddity(
        "secret-mark",
        f"第 {number} 行带有国家秘密标志（{kind}），没有读入。请联系安全保密员线下处理。",
        f"Row {number} bears a mark of state secrets ({kind}); it is not taken. Tell the security "
        "officer.",
        number,
    )


def _refusal(head: Mapping[str, Any]) -> DomainError:
    return DomainError(
        str(head.get("zh", "")),
        str(head.get("en", "")),
        hint_zh=str(head.get("hint_zh", "")),
        hint_en=str(head.get("hint_en", "")),
        code=str(head.get("code", "refused")),
        status=int(head.get("status", 422)),
    )


def _died() -> DomainError:
    return DomainError(
        "读这个文件的程序中途停了（文件可能损坏或有害），此后的行没有读入。",
        "The program that reads this file stopped half-way; the file may be broken or harmful. No "
        "row after that was taken.",
        hint_zh="请从原系统重新导出，或另存为 CSV 再交；已读入的不受影响，可从停下的地方接着读。",
        hint_en="Export it again, or save it as CSV; what was read stays, and reading can go on from "
        "where it stopped.",
        code="parser-died",
        status=422,
    )
