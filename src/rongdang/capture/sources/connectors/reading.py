"""What a reader of one kind of file is: it runs in the caged child and knows nothing but bytes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Protocol

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.blocks import Block
from rongdang.capture.sources.port import TableInfo


@dataclass(frozen=True, slots=True)
class Part:
    """A file that was handed in: the table itself, or what belongs to it (a memo file)."""

    name: str
    size: int
    stream: BinaryIO

    def read(self) -> bytes:
        self.stream.seek(0)
        return self.stream.read()


class Reader(Protocol):
    def tables(self) -> Sequence[TableInfo]: ...

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        """Rows whose number is greater than `after`."""
        ...


def refused(zh: str, en: str, hint_zh: str, hint_en: str, *, code: str) -> DomainError:
    """A file that cannot be read as a table; nothing of it was taken."""
    return DomainError(
        f"{zh}，没有读入任何一行。",
        f"{en}; no row was taken.",
        hint_zh=hint_zh,
        hint_en=hint_en,
        code=code,
        status=422,
    )


def damaged(kind: str) -> DomainError:
    return refused(
        f"这个 {kind} 文件损坏或不完整，读不出来",
        f"This {kind} file is damaged or cut off",
        "请从原系统重新导出，或用原来的软件打开后另存一份再交。",
        "Export it again, or open it with its own program and save it anew.",
        code="damaged",
    )
