"""A file that lies with the parent, read by the child in pieces as its parsers ask for them."""

from __future__ import annotations

import json
import struct
from functools import lru_cache
from typing import BinaryIO

from rongdang.base.blocks import BlockReader

BLOCK = 1 << 16  # as the envelope of a stored object is cut
HELD = 32  # blocks in memory: a parser goes back and forth between few places


class Remote(BlockReader):
    """Each block is asked for over `out` and comes back over `back`.

    `file`: which of the files the parent holds, where several belong together.
    """

    def __init__(self, size: int, out: BinaryIO, back: BinaryIO, *, file: int = 0) -> None:
        super().__init__(size, BLOCK)
        self._out, self._back, self._file = out, back, file
        self._held = lru_cache(maxsize=HELD)(self._fetch)

    def block(self, index: int) -> bytes:
        return self._held(index)

    def _fetch(self, index: int) -> bytes:
        size = min(BLOCK, self.length - index * BLOCK)
        wanted = {"kind": "read", "size": 0, "at": index * BLOCK, "length": size}
        head = json.dumps({**wanted, "file": self._file}).encode()
        self._out.write(struct.pack(">I", len(head)) + head)
        self._out.flush()
        data = self._back.read(size)
        if len(data) < size:
            raise EOFError("the parent has gone")
        return data
