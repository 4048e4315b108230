"""A file for the time of one piece of work: on the disk, for memory must not grow; encrypted there."""

from __future__ import annotations

import io
import os
import tempfile

from rongdang.base.cipher.suites import AES, TAG_SIZE, suite

CHUNK = 1 << 16


class Spool(io.RawIOBase):
    """Written once from its first byte to its last, then read from any place; gone when it is closed.

    Its key is in this object only, its chunks are numbered by their nonces. Raises DamagedError when
    the disk gives back something else than was written.
    """

    def __init__(self, number: int = AES.number) -> None:
        super().__init__()
        chosen = suite(number)
        self._cipher = chosen.aead(os.urandom(chosen.key_size))
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - closed with this one
        self._sealed, self._tail = 0, bytearray()  # whole chunks on the disk; what follows them
        self._position, self._held, self._held_index = 0, b"", -1

    def readable(self) -> bool:
        return True

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    @property
    def length(self) -> int:
        return self._sealed * CHUNK + len(self._tail)

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._position = max(0, (0, self._position, self.length)[whence] + offset)
        return self._position

    def write(self, data: object) -> int:
        if self._position != self.length:
            raise io.UnsupportedOperation("a spool is written at its end only")
        view = memoryview(data).cast("B")  # type: ignore[arg-type]  # no name for it on 3.11
        self._tail += view
        if len(self._tail) >= CHUNK:
            whole = len(self._tail) // CHUNK * CHUNK
            ready = bytes(self._tail[:whole])
            del self._tail[:whole]
            self._file.seek(self._sealed * (CHUNK + TAG_SIZE))
            for start in range(0, whole, CHUNK):
                part = ready[start : start + CHUNK]
                self._file.write(self._cipher.encrypt(_nonce(self._sealed), part, b""))
                self._sealed += 1
        self._position = self.length
        return len(view)

    def readinto(self, buffer: object) -> int:
        """As many bytes as are asked for, up to the end: some readers take fewer for the end."""
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # no name for it on 3.11
        taken = 0
        while taken < len(view) and self._position < self.length:
            index, start = divmod(self._position, CHUNK)
            part = memoryview(self._chunk(index))[start : start + len(view) - taken]
            view[taken : taken + len(part)] = part
            taken += len(part)
            self._position += len(part)
        return taken

    def close(self) -> None:
        self._file.close()
        super().close()

    def _chunk(self, index: int) -> bytes:
        if index == self._sealed:
            return bytes(self._tail)
        if index != self._held_index:
            self._file.seek(index * (CHUNK + TAG_SIZE))
            sealed = self._file.read(CHUNK + TAG_SIZE)
            self._held, self._held_index = self._cipher.decrypt(_nonce(index), sealed, b""), index
        return self._held


def _nonce(index: int) -> bytes:
    return index.to_bytes(12, "big")
