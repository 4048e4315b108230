"""Access (.mdb, .accdb): its own tables, row by row; linked ones and the system's are left out."""

from __future__ import annotations

import datetime as dt
import struct
import uuid
from collections.abc import Callable, Iterator
from decimal import Decimal

from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.cells import text_of
from rongdang.capture.sources.connectors.delimited import foreign
from rongdang.capture.sources.connectors.jet import (
    BOOLEAN,
    MEMO,
    TEXT,
    BrokenError,
    Column,
    File,
    Table,
)
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.encodings import MARKED, broken, detect, shown
from rongdang.capture.sources.port import Oddity, TableInfo

MARKS = (b"\x00\x01\x00\x00Standard Jet DB", b"\x00\x01\x00\x00Standard ACE DB")
LARGEST = 1 << 30
_CATALOGUE = 2
_OWN, _LINKED = 1, (4, 6)
_SYSTEM = 0x80000002
_BROKEN = (BrokenError, struct.error, IndexError, ValueError, OverflowError)


class AccessReader:
    def __init__(self, part: Part) -> None:
        if part.size > LARGEST:
            raise _too_large()
        self._file = File(part.read())
        self._encoding = "utf-16-le" if self._file.shape.wide else "gb18030"
        self._linked: list[str] = []
        self._tables = self._catalogue()
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            try:
                self._infos = [self._info(name) for name in self._tables]
            except _BROKEN:
                raise damaged("Access") from None
        if not self._infos:
            raise refused(
                "数据库里没有自己的表",
                "There is no table of its own in the database",
                "请看是不是交错了文件；链接的表要从它所在的数据库导出。",
                "See whether it is the right file; linked tables are exported where they lie.",
                code="empty",
            )
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._found(table, after))

    def _found(self, table: str, after: int) -> Iterator[Found]:
        """Numbered by place, deleted rows not counted."""
        one, number = self._tables[table], 0
        try:
            for gone, row in one.rows():
                number += not gone
                if not gone and number > after:
                    cells = self._cells(one, row)
                    lost = any(not cell.isascii() and broken(cell) for cell in cells)
                    told = foreign(number, "?", self._encoding) if lost else None
                    yield number, [shown(cell) for cell in cells] if lost else cells, told
        except _BROKEN:
            raise damaged("Access") from None

    def _cells(self, table: Table, row: bytes) -> list[str]:
        pairs = zip(table.columns, table.values(row), strict=True)
        return ["" if value is None else self._text(one, value) for one, value in pairs]

    def _text(self, column: Column, value: bytes | bool) -> str:  # noqa: FBT001 - a value of the file
        if column.kind == BOOLEAN or isinstance(value, bool):
            return "TRUE" if value else "FALSE"
        if column.kind == TEXT:
            return self._decoded(value)
        if column.kind == MEMO:
            return self._decoded(self._file.long_text(value))
        if column.kind == _NUMERIC:
            return _numeric(value, column.scale)
        return _WRITERS.get(column.kind, bytes.hex)(value)

    def _decoded(self, raw: bytes) -> str:
        if self._file.shape.wide and raw[:2] == b"\xff\xfe":
            raw = _unpacked(raw[2:])
        return raw.decode(self._encoding, errors=MARKED)

    def _catalogue(self) -> dict[str, Table]:
        """The tables somebody made, by their names."""
        try:
            own = Table(self._file, _CATALOGUE)
        except _BROKEN:
            raise _locked() from None
        try:
            rows = [own.values(row) for gone, row in own.rows() if not gone]
            names = [self._decoded(one.name) for one in own.columns]
            found = [dict(zip(names, row, strict=True)) for row in rows]
            if not self._file.shape.wide:
                sample = b"\n".join(one["Name"] for one in found if isinstance(one["Name"], bytes))
                guess = detect(sample)
                fits = guess.encoding in ("big5", "gb18030") and not sample.isascii()
                self._encoding = guess.encoding if fits else "gb18030"
            return dict(self._listed(found))
        except (*_BROKEN, KeyError):
            raise damaged("Access") from None

    def _listed(self, rows: list[dict[str, bytes | bool | None]]) -> Iterator[tuple[str, Table]]:
        for row in rows:
            kind, number, flags = (_whole(row[name]) for name in ("Type", "Id", "Flags"))
            raw = row["Name"]
            name = self._decoded(raw) if isinstance(raw, bytes) else ""
            if kind in _LINKED:
                self._linked.append(name)
            if kind == _OWN and not flags & _SYSTEM and not name.startswith(("MSys", "~")):
                yield name, Table(self._file, number & 0xFFFFFF)

    def _info(self, name: str) -> TableInfo:
        table = self._tables[name]
        gone = [deleted for deleted, _row in table.rows()]
        names, told = heads.unique_names([self._decoded(one.name) for one in table.columns])
        linked = [_linked(self._linked)] if self._linked else []
        return TableInfo(name, names, gone.count(False), (*linked, *told))


def _whole(value: bytes | bool | None) -> int:  # noqa: FBT001 - a value of the file
    return int.from_bytes(value, "little") if isinstance(value, bytes) else 0


def _unpacked(raw: bytes) -> bytes:
    """Text of one byte a character where it could be; a nought changes to two bytes and back."""
    out, at, single = bytearray(), 0, True
    while at < len(raw):
        if raw[at] == 0:
            single = not single
            at += 1
        elif single:
            out += bytes((raw[at], 0))
            at += 1
        else:
            out += raw[at : at + 2]
            at += 2
    return bytes(out)


def _moment(raw: bytes) -> str:
    """Days since the end of 1899; the fraction counts forward also before it."""
    days = struct.unpack("<d", raw)[0]
    whole = int(days)
    at = dt.datetime(1899, 12, 30) + dt.timedelta(  # noqa: DTZ001 - a source knows no zone
        days=whole, seconds=round(abs(days - whole) * 86_400)
    )
    return text_of(at)


def _money(raw: bytes) -> str:
    return text_of(Decimal(struct.unpack("<q", raw)[0]) / 10_000)


def _numeric(raw: bytes, scale: int) -> str:
    high = struct.unpack("<4I", raw[1:17])
    whole = (high[0] << 96) + (high[1] << 64) + (high[2] << 32) + high[3]
    return text_of((-1 if raw[0] else 1) * Decimal(whole).scaleb(-scale))


def _single(raw: bytes) -> str:
    return format(struct.unpack("<f", raw)[0], ".7g")


_NUMERIC = 16
_WRITERS: dict[int, Callable[[bytes], str]] = {
    2: lambda raw: str(raw[0]),
    3: lambda raw: str(struct.unpack("<h", raw)[0]),
    4: lambda raw: str(struct.unpack("<i", raw)[0]),
    5: _money,
    6: _single,
    7: lambda raw: text_of(struct.unpack("<d", raw)[0]),
    8: _moment,
    11: lambda _raw: "",  # a picture or another program's object: no value
    15: lambda raw: str(uuid.UUID(bytes_le=raw)),
    19: lambda raw: str(struct.unpack("<q", raw)[0]),
}


def _linked(names: list[str]) -> Oddity:
    shown_names = "、".join(names[:10])
    return Oddity(
        "linked-tables",
        f"“{shown_names}”只是链接，内容在别的数据库里，没有读。",
        f"“{shown_names}” are only linked: what they hold lies in another database and is not read.",
    )


def _locked() -> Exception:
    return refused(
        "Access 文件加了密或已损坏，打不开",
        "The Access file is encrypted or damaged",
        "请在 Access 里去掉数据库密码，或导出为 Excel 再交。",
        "Remove the database password in Access, or export it to Excel.",
        code="encrypted",
    )


def _too_large() -> Exception:
    return refused(
        f"Access 文件超过 {LARGEST >> 20} MB，不能整个打开",
        f"The Access file is larger than {LARGEST >> 20} MB",
        "请用 Access 按表导出为 CSV 或 Excel 再交。",
        "Export its tables from Access as CSV or Excel.",
        code="too-large",
    )
