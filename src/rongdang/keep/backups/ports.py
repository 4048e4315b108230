"""Where copies go: a target takes and gives; it never overwrites what it holds."""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO, Protocol

from rongdang.base.errors import DomainError


class BackupError(DomainError):
    """A copy cannot be made, read or trusted; the house itself is as it was."""

    status, code = 500, "backup"


class Target(Protocol):
    """Bytes by key (relative POSIX path) on another medium."""

    place: str  # where it is, in words without a secret
    append_only: bool
    several: bool  # may `take` be called by several threads at once?

    def sizes(self, prefix: str) -> dict[str, int]:
        """Key → length of everything finished under a prefix that ends in “/”."""

    def add(self, key: str, chunks: Iterable[bytes]) -> None:
        """Take the bytes under a new key; raises StorageError (code “exists” if it is taken).

        They may be lost until `flush` came back.
        """

    def take(self, key: str, source: BinaryIO) -> None:
        """As `add`, of all that is left of an unbuffered file."""

    def flush(self) -> None:
        """Everything added is there for good, each file whole."""

    def open(self, key: str) -> BinaryIO:
        """Raises BackupError (code “part-missing”) when there is no such key."""

    def tidy(self) -> int:
        """Remove what killed runs left unfinished of what was listed since; how many.

        On an append-only target too: it never had a name, so no copy speaks of it.
        """

    def remove(self, key: str) -> None:
        """For retention only; raises BackupError on an append-only target."""


def missing_part(key: str) -> BackupError:
    return BackupError(
        f"备份里找不到 {key}。",
        f"{key} is not in the backup.",
        hint_zh="请换另一份备份，或另一处备份目标。",
        hint_en="Use another copy, or another target.",
        code="part-missing",
    )


def append_only_refusal(place: str) -> BackupError:
    return BackupError(
        f"备份目标“{place}”只增不改，没有删除任何东西。",
        f"The target “{place}” is append-only; nothing was removed.",
        code="append-only",
    )
