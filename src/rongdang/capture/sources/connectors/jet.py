"""The file format of Access (Jet 3, Jet 4, ACE): pages, table definitions, rows; reading only.

A file is pages of 2 or 4 KB. A table is a definition (page kind 2) and the data pages (kind 1) its
usage map names; a row is its fixed columns, then the others with their offsets behind them, and a
bit per column that says whether it holds anything.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

DATA, DEFINITION, USAGE = 1, 2, 5
BOOLEAN, TEXT, MEMO = 1, 10, 12
_DELETED, _ELSEWHERE, _OFFSET = 0x8000, 0x4000, 0x1FFF
_LONGEST = 1 << 24
MOST_PAGES = 64  # of one definition


class BrokenError(Exception):
    """A place that does not hold what the format says it holds."""


@dataclass(frozen=True, slots=True)
class Column:
    name: bytes
    kind: int
    number: int  # its bit in the row's mask
    place: int  # among the columns of no fixed length
    offset: int  # of a fixed one in its row
    fixed: bool
    scale: int
    length: int


@dataclass(frozen=True, slots=True)
class Shape:
    """Where things stand in a table's definition and in its pages; by the version of the format."""

    page: int
    counts: int  # variable columns, columns, indexes … from here
    indexes: int  # bytes of each index in front of the columns
    column: int  # bytes of a column
    rows: int  # number of rows of a data page stands here
    wide: bool  # offsets of two bytes and names in UTF-16


JET3 = Shape(2048, 23, 8, 18, 8, wide=False)
JET4 = Shape(4096, 43, 12, 25, 12, wide=True)


class File:
    """The pages of a file; `BrokenError` and `struct.error` for whatever does not hold."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self.shape = JET3 if data[0x14] == 0 else JET4

    def page(self, number: int) -> bytes:
        size = self.shape.page
        page = self._data[number * size : (number + 1) * size]
        if number <= 0 or len(page) < size:
            raise BrokenError
        return page

    def row_at(self, pointer: int) -> bytes:
        """The row a pointer of four bytes means: page above, row of it in the lowest byte."""
        page = self.page(pointer >> 8)
        return _cut(page, self._offsets(page), pointer & 0xFF)

    def rows(self, page: bytes) -> Iterator[tuple[bool, bytes]]:
        """(was it deleted?, its bytes) of each row of a data page."""
        offsets = self._offsets(page)
        for at, flagged in enumerate(offsets):
            if flagged & _DELETED:
                yield True, b""
                continue
            row = _cut(page, offsets, at)
            if flagged & _ELSEWHERE:
                row = self.row_at(struct.unpack_from("<I", row)[0])
            yield False, row

    def _offsets(self, page: bytes) -> tuple[int, ...]:
        if page[0] != DATA:
            raise BrokenError
        (count,) = struct.unpack_from("<H", page, self.shape.rows)
        return struct.unpack_from(f"<{count}H", page, self.shape.rows + 2)

    def used(self, pointer: int) -> Iterator[int]:
        """Pages named by the usage map at that pointer."""
        told = self.row_at(pointer)
        if told[0] == 0:
            (first,) = struct.unpack_from("<I", told, 1)
            yield from _bits(told[5:], first)
            return
        per_page = (self.shape.page - 4) * 8
        for at, (number,) in enumerate(
            struct.iter_unpack("<I", told[1 : 1 + (len(told) - 1) // 4 * 4])
        ):
            if number:
                yield from _bits(self.page(number)[4:], at * per_page)

    def long_text(self, told: bytes) -> bytes:
        """A text of any length: in the row, in a row of its own, or in a chain of them."""
        length, pointer = struct.unpack_from("<II", told)
        whole = min(length & 0x3FFFFFFF, _LONGEST)
        if length & 0x80000000:
            return told[12 : 12 + whole]
        if length & 0x40000000:
            return self.row_at(pointer)[:whole]
        out = b""
        while pointer and len(out) < whole:
            piece = self.row_at(pointer)
            if len(piece) <= 4:
                raise BrokenError
            (pointer,) = struct.unpack_from("<I", piece)
            out += piece[4:]
        return out[:whole]


class Table:
    """One table, by the page of its definition."""

    def __init__(self, file: File, page: int) -> None:
        self._file, self._page = file, page
        told = self._definition(page)
        shape = file.shape
        self._told = told
        _most, count, _indexes, real = struct.unpack_from("<HHII", told, shape.counts)
        (self._map,) = struct.unpack_from("<I", told, shape.counts + 12)
        at = shape.counts + 20 + real * shape.indexes
        raw = [told[at + n * shape.column :][: shape.column] for n in range(count)]
        names = self._names(at + count * shape.column, count)
        read = _column4 if shape.wide else _column3
        self.columns = sorted(
            (read(one, name) for one, name in zip(raw, names, strict=True)), key=lambda c: c.number
        )

    def rows(self) -> Iterator[tuple[bool, bytes]]:
        for number in self._file.used(self._map):
            page = self._file.page(number)
            if page[0] == DATA and struct.unpack_from("<I", page, 4)[0] == self._page:
                yield from self._file.rows(page)

    def _definition(self, page: int) -> bytes:
        told, number = b"", page
        for _ in range(MOST_PAGES):
            raw = self._file.page(number)
            if raw[0] != DEFINITION:
                raise BrokenError
            told += raw[8:] if told else raw
            (number,) = struct.unpack_from("<I", raw, 4)
            if not number:
                return told
        raise BrokenError

    def _names(self, at: int, count: int) -> list[bytes]:
        size = 2 if self._file.shape.wide else 1
        found = []
        for _ in range(count):
            length = int.from_bytes(self._told[at : at + size], "little")
            found.append(self._told[at + size : at + size + length])
            at += size + length
        return found

    def values(self, row: bytes) -> list[bytes | bool | None]:
        """Raw bytes of each column; None where it holds nothing, a truth value as such."""
        wide = self._file.shape.wide
        count = int.from_bytes(row[: 1 + wide], "little")
        mask = row[len(row) - (count + 7) // 8 :]
        offsets = _offsets4(row, len(mask)) if wide else _offsets3(row, len(mask))
        found: list[bytes | bool | None] = []
        for one in self.columns:
            known = one.number < count
            holds = known and bool(mask[one.number // 8] >> one.number % 8 & 1)
            if one.kind == BOOLEAN:
                found.append(holds)
            elif not holds:
                found.append(None)
            elif one.fixed:
                start = 1 + wide + one.offset
                found.append(row[start : start + one.length])
            elif one.place + 1 < len(offsets):
                found.append(row[offsets[one.place] : offsets[one.place + 1]])
            else:
                found.append(None)
        return found


def _cut(page: bytes, offsets: tuple[int, ...], at: int) -> bytes:
    """A row ends where the one before it begins: they are filled in from the end of the page."""
    if at >= len(offsets):
        raise BrokenError
    end = offsets[at - 1] & _OFFSET if at else len(page)
    start = offsets[at] & _OFFSET
    if not start < end:
        raise BrokenError
    return page[start:end]


def _bits(raw: bytes, first: int) -> Iterator[int]:
    for at, byte in enumerate(raw):
        for bit in range(8) if byte else ():
            if byte >> bit & 1:
                yield first + at * 8 + bit


def _column4(raw: bytes, name: bytes) -> Column:
    number, place = struct.unpack_from("<HH", raw, 5)
    offset, length = struct.unpack_from("<HH", raw, 21)
    return Column(name, raw[0], number, place, offset, bool(raw[15] & 1), raw[12], length)


def _column3(raw: bytes, name: bytes) -> Column:
    number, place = struct.unpack_from("<HH", raw, 1)
    offset, length = struct.unpack_from("<HH", raw, 14)
    return Column(name, raw[0], number, place, offset, bool(raw[13] & 1), raw[10], length)


def _offsets4(row: bytes, mask: int) -> list[int]:
    """Beginnings of the columns of no fixed length, and the end of the last."""
    end = len(row) - mask - 2
    (count,) = struct.unpack_from("<H", row, end)
    if end - 2 * (count + 1) < 0:
        raise BrokenError
    return [struct.unpack_from("<H", row, end - 2 * (at + 1))[0] for at in range(count + 1)]


def _offsets3(row: bytes, mask: int) -> list[int]:
    """The same in one byte each; a table of jumps says where another 256 begin."""
    last = len(row) - mask - 1
    count = row[last]
    jumps = (len(row) - 1) // 256
    if (last - jumps - 1 - count) // 256 < jumps:
        jumps -= 1
    first = last - jumps - 1
    if first - count < 0:
        raise BrokenError
    found, passed = [], 0
    for at in range(count + 1):
        while passed < jumps and row[last - passed - 1] == at:
            passed += 1
        found.append(row[first - at] + passed * 256)
    return found
