"""A file that lies with the parent, read by the child in pieces as its parsers ask for them."""

from __future__ import annotations

import io
import json
import struct
from functools import lru_cache
from typing import BinaryIO

BLOCK = 1 << 16  # as the envelope of a stored object is cut
HELD = 32  # blocks in memory: a parser goes back and forth between few places


class Remote(io.RawIOBase):
    """Readable from any place; each block is asked for over `out` and comes back over `back`."""

    def __init__(self, size: int, out: BinaryIO, back: BinaryIO) -> None:
        super().__init__()
        self._size, self._out, self._back, self._position = size, out, back, 0
        self._block = lru_cache(maxsize=HELD)(self._fetch)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max(0, (0, self._position, self._size)[whence] + offset)
        return self._position

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # no name for it on 3.11
        if not len(view) or self._position >= self._size:
            return 0
        index, start = divmod(self._position, BLOCK)
        taken = self._block(index)[start : start + len(view)]
        view[: len(taken)] = taken
        self._position += len(taken)
        return len(taken)

    def _fetch(self, index: int) -> bytes:
        size = min(BLOCK, self._size - index * BLOCK)
        head = json.dumps({"kind": "read", "size": 0, "at": index * BLOCK, "length": size}).encode()
        self._out.write(struct.pack(">I", len(head)) + head)
        self._out.flush()
        data = self._back.read(size)
        if len(data) < size:
            raise EOFError("the parent has gone")
        return data
