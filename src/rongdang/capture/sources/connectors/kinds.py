"""Which reader a file wants, told by its bytes; the ending of its name decides only between texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import PurePath

from rongdang.capture.sources.connectors.reading import Part, Reader, refused
from rongdang.capture.sources.connectors.sheets import SheetReader
from rongdang.capture.sources.connectors.text import TextReader

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
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
    if head.startswith((b"PK\x03\x04", _OLE)):
        return lambda parts: SheetReader(parts[0])
    return lambda parts: TextReader(parts[0])
