"""A SQLite file, opened in memory inside the cage; only its own tables are selected from."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import Any

from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.cells import text_of
from rongdang.capture.sources.connectors.delimited import foreign
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.encodings import MARKED, broken, shown
from rongdang.capture.sources.port import Oddity, TableInfo

HEADER = b"SQLite format 3\0"
LARGEST = 1 << 30
MOST_NUMBER = 2**31 - 1
_ALLOWED = frozenset(
    (sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE)
)


class SqliteReader:
    def __init__(self, part: Part) -> None:
        self._oddities: list[Oddity] = []
        self._base = self._opened(part)
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            try:
                self._infos = [
                    self._info(name)
                    for (name,) in self._base.execute(
                        "SELECT name FROM sqlite_master WHERE type IN ('table', 'view') "
                        "AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY rowid"
                    ).fetchall()
                ]
            except sqlite3.Error:
                raise damaged("SQLite") from None
        if not self._infos:
            raise refused(
                "数据库里没有表",
                "There is no table in the database",
                "请看是不是交错了文件。",
                "See whether it is the right file.",
                code="empty",
            )
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._rows(table, after))

    def _rows(self, table: str, after: int) -> Iterator[Found]:
        """Numbered by rowid where there is one that counts up from 1, else by place."""
        named = quoted(table)
        try:
            if self._by_rowid(table):
                sql = f"SELECT rowid, * FROM {named} WHERE rowid > ? ORDER BY rowid"
                for number, *values in self._base.execute(sql, (after,)):
                    yield _row(number, values)
                return
            for number, values in enumerate(self._base.execute(f"SELECT * FROM {named}"), 1):
                if number > after:
                    yield _row(number, values)
        except sqlite3.Error:
            raise damaged("SQLite") from None

    def _info(self, table: str) -> TableInfo:
        found = self._base.execute(f"SELECT * FROM {quoted(table)} LIMIT 0")
        names, told = heads.unique_names([one[0] for one in found.description])
        rows = self._base.execute(f"SELECT count(*) FROM {quoted(table)}").fetchone()[0]
        return TableInfo(table, names, rows, (*self._oddities, *told))

    def _by_rowid(self, table: str) -> bool:
        try:
            sql = f"SELECT min(rowid), max(rowid) FROM {quoted(table)}"
            first, last = self._base.execute(sql).fetchone()
        except sqlite3.Error:
            return False  # a view, or a table without
        return isinstance(first, int) and isinstance(last, int) and 0 < first <= last <= MOST_NUMBER

    def _opened(self, part: Part) -> sqlite3.Connection:
        if part.size > LARGEST:
            raise refused(
                f"SQLite 文件超过 {LARGEST >> 20} MB，不能整个打开",
                f"The SQLite file is larger than {LARGEST >> 20} MB",
                "请从原系统按表导出为 CSV 再交。",
                "Export its tables as CSV.",
                code="too-large",
            )
        data = bytearray(part.read())
        if data[18:20] == b"\2\2":  # write-ahead log: what is only in the log did not come along
            data[18:20] = b"\1\1"
            self._oddities.append(_LOG)
        base = sqlite3.connect(":memory:")
        try:
            base.deserialize(bytes(data))
            base.execute("PRAGMA trusted_schema = OFF")
            base.execute("PRAGMA query_only = ON")
            base.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error:
            raise damaged("SQLite") from None
        base.text_factory = lambda raw: raw.decode("utf-8", errors=MARKED)
        base.set_authorizer(_only_reading)
        return base


def quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _only_reading(action: int, *_what: Any) -> int:
    return sqlite3.SQLITE_OK if action in _ALLOWED else sqlite3.SQLITE_DENY


def _row(number: int, values: Any) -> Found:
    cells = [text_of(value) for value in values]
    if any(not cell.isascii() and broken(cell) for cell in cells):
        return number, [shown(cell) for cell in cells], foreign(number, "?", "utf-8")
    return number, cells, None


_LOG = Oddity(
    "write-ahead-log",
    "数据库带有预写日志（-wal 文件），最近的改动可能不在这个文件里。请先在原系统里关闭再拷贝。",
    "The database keeps a write-ahead log (a -wal file): its latest changes may not be in this file. "
    "Close it in the old system before copying.",
)
