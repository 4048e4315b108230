"""A file read from any place, one block at a time; where a block comes from is the reader's own."""

from __future__ import annotations

import io
from abc import abstractmethod


class BlockReader(io.RawIOBase):
    """`length` bytes, given in blocks of `block_size`; the last may be shorter."""

    def __init__(self, length: int, block_size: int) -> None:
        super().__init__()
        self.length, self.block_size, self._position = length, block_size, 0

    @abstractmethod
    def block(self, index: int) -> bytes:
        """The bytes of one block."""

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max(0, (0, self._position, self.length)[whence] + offset)
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # no name for it on 3.11
        if not len(view) or self._position >= self.length:
            return 0
        index, start = divmod(self._position, self.block_size)
        taken = self.block(index)[start : start + len(view)]
        view[: len(taken)] = taken
        self._position += len(taken)
        return len(taken)
