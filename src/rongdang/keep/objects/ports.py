"""Where encrypted bytes lie: a store adds and reads; it cannot overwrite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol


class Store(Protocol):
    """Opaque bytes by key (a relative POSIX path)."""

    def add(self, key: str, chunks: Iterable[bytes]) -> None:
        """Keep the chunks durably under a new key; raises StorageError, and then keeps nothing."""

    def open(self, key: str) -> BinaryIO: ...

    def names(self) -> Iterator[str]: ...

    def destroy(self, key: str) -> None:
        """Only for lawful destruction, and for what no row speaks of."""
