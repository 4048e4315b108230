"""DBF of dBASE, Clipper and (Visual) FoxPro with its memo file, read record by record.

Layout: the header of 32 bytes, 32 bytes a field, records of one length; texts longer than a record
lie in blocks of a memo file (.fpt, .dbt).
"""

from __future__ import annotations

import datetime as dt
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.delimited import foreign
from rongdang.capture.sources.connectors.memo import memo_of
from rongdang.capture.sources.connectors.reading import Part, damaged
from rongdang.capture.sources.encodings import MARKED, NAMES, broken, detect, shown
from rongdang.capture.sources.port import Oddity, TableInfo

VERSIONS = frozenset(
    (0x02, 0x03, 0x30, 0x31, 0x32, 0x43, 0x63, 0x83, 0x8B, 0x8E, 0xCB, 0xE5, 0xF5, 0xFB)
)
# Byte 29 of the header: the code page as its maker thought; 0 where he did not say.
CODE_PAGES = {0x4D: "gb18030", 0x7A: "gb18030", 0x4F: "big5", 0x78: "big5"}
_FOXPRO = frozenset((0x30, 0x31, 0x32))
_AT_ONCE = 1 << 18
_DELETED = 0x2A
_JULIAN = 1_721_425  # Julian day before 1 January of the year 1, from which Python counts


@dataclass(frozen=True, slots=True)
class Field:
    name: bytes
    kind: str
    start: int  # in the record
    length: int


@dataclass(frozen=True, slots=True)
class Head:
    version: int
    records: int
    length: int  # of the header
    width: int  # of a record
    code_page: int
    fields: tuple[Field, ...]


def looks_like(head: bytes) -> bool:
    """A header whose lengths agree with one another."""
    if len(head) < 65 or head[0] not in VERSIONS or not 1 <= head[2] <= 12 or head[3] > 31:
        return False
    length, width = struct.unpack("<HH", head[8:12])
    return bool(length >= 65 and width > 1)


class DbfReader:
    def __init__(self, parts: Sequence[Part]) -> None:
        self._part = parts[0]
        self.head = _head(self._part)
        self._present = (self._part.size - self.head.length) // self.head.width
        self._memo = memo_of(parts[1:], self.head.version)
        self._encoding, self._sure = self._detected()
        names = [_text(field.name, self._encoding)[0] for field in self.head.fields]
        self._names, self._told = heads.unique_names(names)
        self._writers = [self._writer(field) for field in self.head.fields]
        self._info: TableInfo | None = None

    def tables(self) -> list[TableInfo]:
        if self._info is None:
            deleted = sum(1 for _number, record in self._records(0) if record[0] == _DELETED)
            whole = min(self.head.records, self._present)
            self._info = TableInfo(
                PurePath(self._part.name).stem,
                self._names,
                whole - deleted,
                tuple(self._oddities(deleted)),
            )
        return [self._info]

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._found(after))

    def _found(self, after: int) -> Iterator[Found]:
        for number, record in self._records(after):
            if record[0] == _DELETED:
                continue
            cells, lost = [], False
            for field, writer in zip(self.head.fields, self._writers, strict=True):
                text = writer(record[field.start : field.start + field.length])
                if not text.isascii() and broken(text):
                    text, lost = shown(text), True
                cells.append(text)
            yield number, cells, foreign(number, "?", self._encoding) if lost else None

    def _records(self, after: int) -> Iterator[tuple[int, bytes]]:
        """Numbered as the database numbers them (RECNO)."""
        width, count = self.head.width, min(self.head.records, self._present)
        self._part.stream.seek(self.head.length + after * width)
        number = after
        while number < count:
            data = self._part.stream.read(max(1, _AT_ONCE // width) * width)
            if len(data) < width:
                return
            for start in range(0, len(data) - width + 1, width):
                number += 1
                if number > count:
                    return
                yield number, data[start : start + width]

    def _detected(self) -> tuple[str, bool]:
        """By the texts themselves; the code page byte decides only where they say nothing."""
        sample = bytearray(b"".join(field.name for field in self.head.fields))
        texts = [field for field in self.head.fields if field.kind in "CV"]
        for _number, record in self._records(0):
            for field in texts:
                value = record[field.start : field.start + field.length].rstrip(b" \0")
                if not value.isascii():
                    sample += value + b"\n"
            if len(sample) > 8_000:
                break
        told = CODE_PAGES.get(self.head.code_page, "")
        if sample.isascii():
            return told or "gb18030", True
        guess = detect(bytes(sample))
        fits = guess.encoding in ("utf-8", "gb18030", "big5")
        return (
            (guess.encoding, guess.sure)
            if fits and (guess.sure or not told)
            else (told or "gb18030", False)
        )

    def _oddities(self, deleted: int) -> Iterator[Oddity]:
        yield from self._told
        told = CODE_PAGES.get(self.head.code_page)
        if told and told != self._encoding:
            yield _other_page(NAMES[told], NAMES[self._encoding])
        if deleted:
            yield Oddity(
                "deleted-records",
                f"有 {deleted} 条记录在原系统里已标记删除，没有读入。",
                f"{deleted} records are marked as deleted in the old system; they are not taken.",
            )
        if self._present < self.head.records:
            yield _cut_off(self.head.records, max(0, self._present))
        memos = [n for n, f in zip(self._names, self.head.fields, strict=True) if f.kind == "M"]
        if memos and self._memo is None:
            yield Oddity(
                "no-memo-file",
                f"“{'、'.join(memos)}”的长文字在备注文件（.fpt 或 .dbt）里，没有一起交来，这些列是空的。",
                f"The long texts of {', '.join(memos)} lie in a memo file (.fpt or .dbt) that did not "
                "come along; these columns are empty.",
                column=memos[0],
            )

    def _writer(self, field: Field) -> Callable[[bytes], str]:
        if field.kind == "M":
            return self._memo_text
        return _WRITERS.get(field.kind, self._plain)

    def _plain(self, raw: bytes) -> str:
        return _text(raw, self._encoding)[0]

    def _memo_text(self, raw: bytes) -> str:
        place = struct.unpack("<I", raw)[0] if len(raw) == 4 else _whole(raw)
        if not place or self._memo is None:
            return ""
        return _text(self._memo.read(place), self._encoding)[0]


def _head(part: Part) -> Head:
    part.stream.seek(0)
    raw = part.stream.read(32)
    length, width = struct.unpack("<HH", raw[8:12])
    rows = part.stream.read(max(0, length - 32))
    fields, start = [], 1
    for at in range(0, len(rows) - 31, 32):
        if rows[at] in (0x0D, 0x00):
            break
        name = rows[at : at + 11].split(b"\0")[0]
        kind, size = chr(rows[at + 11]), rows[at + 16]
        if kind == "C" and raw[0] not in _FOXPRO:
            size += rows[at + 17] << 8  # Clipper and FoxPro: texts of more than 255
        if kind != "0":  # the flags of empty fields are no field
            fields.append(Field(name, kind, start, size))
        start += size
    if not fields or start > width:
        raise damaged("DBF")
    records = struct.unpack("<I", raw[4:8])[0]
    return Head(raw[0], records, length, width, raw[29], tuple(fields))


def _text(raw: bytes, encoding: str) -> tuple[str, bool]:
    raw = raw.rstrip(b" \0")
    if raw.isascii():
        return raw.decode("ascii").replace("\0", ""), True
    try:
        return raw.decode(encoding), True
    except UnicodeDecodeError:
        return raw.decode(encoding, errors=MARKED), False


def _whole(raw: bytes) -> int:
    plain = raw.strip(b" \0")
    return int(plain) if plain.isdigit() else 0


def _ascii(raw: bytes) -> str:
    return raw.strip(b" \0").decode("ascii", errors="replace")


def _date(raw: bytes) -> str:
    plain = _ascii(raw)
    whole = len(plain) == 8 and plain.isdigit()
    return (
        f"{plain[:4]}-{plain[4:6]}-{plain[6:]}"
        if whole and plain != "00000000"
        else plain.strip("0")
    )


def _moment(raw: bytes) -> str:
    day, milliseconds = struct.unpack("<II", raw[:8])
    if not day:
        return ""
    try:
        at = dt.datetime.fromordinal(day - _JULIAN) + dt.timedelta(milliseconds=milliseconds)
    except (ValueError, OverflowError):
        return raw.hex()
    return at.date().isoformat() if at.time() == dt.time() else at.isoformat(sep=" ")


def _truth(raw: bytes) -> str:
    return {"T": "TRUE", "Y": "TRUE", "F": "FALSE", "N": "FALSE"}.get(_ascii(raw).upper(), "")


def _currency(raw: bytes) -> str:
    whole: int = struct.unpack("<q", raw[:8])[0]
    return f"{whole / 10_000:.4f}".rstrip("0").rstrip(".")


def _double(raw: bytes) -> str:
    return format(struct.unpack("<d", raw[:8])[0], ".15g") if len(raw) == 8 else _ascii(raw)


_WRITERS: dict[str, Callable[[bytes], str]] = {
    "N": _ascii,
    "F": _ascii,
    "D": _date,
    "T": _moment,
    "@": _moment,
    "L": _truth,
    "I": lambda raw: str(struct.unpack("<i", raw[:4])[0]),
    "+": lambda raw: str(struct.unpack("<i", raw[:4])[0]),
    "Y": _currency,
    "B": _double,
    "O": _double,
    "G": lambda _raw: "",  # a picture or another program's object: no value
    "P": lambda _raw: "",
}


def _other_page(told: str, found: str) -> Oddity:
    return Oddity(
        "code-page",
        f"文件头写的编码是 {told}，内容其实是 {found}，按内容读。",
        f"The header says {told} while the content is {found}; it is read as the content is.",
    )


def _cut_off(told: int, present: int) -> Oddity:
    return Oddity(
        "cut-off",
        f"文件头说有 {told} 条记录，文件里只有 {present} 条，可能没有拷贝完整。请重新拷贝再交。",
        f"The header tells of {told} records, the file holds {present}: the copy may be incomplete. "
        "Copy it again.",
    )
