"""Where encrypted bytes lie: a store adds and reads; it cannot overwrite."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import BinaryIO, Protocol

from rongdang.base.cipher.suites import Buffer


class Store(Protocol):
    """Opaque bytes by key (a relative POSIX path)."""

    def add(self, key: str, chunks: Iterable[Buffer]) -> None:
        """Keep the chunks durably under a new key; raises StorageError, and then keeps nothing."""

    def add_many(self, files: Mapping[str, Iterable[Buffer]]) -> None:
        """As `add`, of all or none: each file flushed, and each folder once.

        A piece may be written over once the next is asked for.

        What is opened next comes from the medium and not from memory, where the system can do so.
        """

    def open(self, key: str) -> BinaryIO: ...

    def replace(
        self, key: str, chunks: Iterable[Buffer], *, check: Callable[[BinaryIO], None]
    ) -> None:
        """Only for a change of suite: other bytes of the same content under the same key.

        Written durably beside it, read by `check`, which raises when it is not right; then put in
        place by one rename. Raises StorageError; until the rename the earlier bytes stand.
        """

    def names(self) -> Iterator[str]: ...

    def destroy(self, key: str) -> None:
        """Only for lawful destruction, and for what no row speaks of."""
