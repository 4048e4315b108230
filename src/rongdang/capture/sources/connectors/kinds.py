"""Which reader a file wants, told by its bytes; the ending of its name decides only between texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from rongdang.capture.sources.connectors import access, dbf, delivered, sqlite
from rongdang.capture.sources.connectors.delivered import DeliveredReader
from rongdang.capture.sources.connectors.jsons import JsonReader
from rongdang.capture.sources.connectors.reading import Part, Reader, refused
from rongdang.capture.sources.connectors.sheets import SheetReader
from rongdang.capture.sources.connectors.text import TextReader
from rongdang.capture.sources.connectors.workbook import is_workbook
from rongdang.capture.sources.connectors.xmls import XmlReader

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
_TEXTS = (".csv", ".tsv", ".tab")
_BEGINNING = 4096


def reader_of(parts: Sequence[Part]) -> Reader:
    """The reader of what was handed in; raises DomainError for what is no table."""
    main = parts[0]
    main.stream.seek(0)
    head = main.stream.read(_BEGINNING)
    if not head.strip(b"\0 \r\n\t"):
        raise refused(
            "文件是空的",
            "The file is empty",
            "请重新导出，并看导出时有没有选中内容。",
            "Export it again and see that something is selected.",
            code="empty",
        )
    return _reader(head, PurePath(main.name).suffix.lower())(parts)


def _reader(head: bytes, ending: str) -> Callable[[Sequence[Part]], Reader]:
    if dbf.looks_like(head) and (ending == ".dbf" or b"\0" in head[12:32]):
        return dbf.DbfReader
    one = _of_bytes(head) or _of_text(head, ending)
    return lambda parts: one(parts[0])


def _of_bytes(head: bytes) -> Callable[[Part], Reader] | None:
    if head.startswith(b"PK\x03\x04"):
        return lambda part: (SheetReader if is_workbook(part) else DeliveredReader)(part)
    if head.startswith(_OLE):
        return SheetReader
    if head.startswith(sqlite.HEADER):
        return sqlite.SqliteReader
    return access.AccessReader if head.startswith(access.MARKS) else None


def _of_text(head: bytes, ending: str) -> Callable[[Part], Reader]:
    first = _first_letter(head)
    if first == "<" and delivered.is_catalogue(head):
        return DeliveredReader
    if first == "<" and ending not in _TEXTS:
        return XmlReader
    return JsonReader if first in ("{", "[") and ending not in _TEXTS else TextReader


def _first_letter(head: bytes) -> str:
    """The first character that is no blank, in any of the encodings."""
    plain = head.replace(b"\0", b"") if head[:2] in _WIDE or b"\0" in head[:4] else head
    for mark in (b"\xef\xbb\xbf", *_WIDE):
        plain = plain.removeprefix(mark)
    return plain.lstrip()[:1].decode("ascii", errors="replace")
