"""Sealed streams: the same layout as `envelope.seal`, for files too large for memory.

magic "RDS1" | length of wrapped key, 2 bytes | wrapped key | envelope "RDE1".
"""

from __future__ import annotations

import io
import uuid
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from rongdang.base.cipher.envelope import (
    SEALED_MAGIC,
    EnvelopeReader,
    encrypted,
    new_key,
    read_header,
)
from rongdang.base.cipher.errors import damaged
from rongdang.base.cipher.keyring import Keyring


def sealed(keyring: Keyring, purpose: str, source: BinaryIO) -> Iterator[bytes]:
    """The chunks of a sealed stream of what `source` gives."""
    key, file_id = new_key(), uuid.uuid4()
    key_id, wrapped = keyring.wrap(purpose, key, file_id.bytes)
    yield SEALED_MAGIC + len(wrapped).to_bytes(2, "big") + wrapped
    yield from encrypted(source, key, key_id=key_id, file_id=file_id, number=keyring.suite)


def open_sealed(keyring: Keyring, purpose: str, file: BinaryIO) -> EnvelopeReader:
    """The plaintext, readable from any place; raises DamagedError or KeyringError."""
    head = file.read(6)
    if head[:4] != SEALED_MAGIC:
        raise damaged("不是本系统的加密文件", "it is not a sealed blob")
    wrapped = file.read(int.from_bytes(head[4:], "big"))
    body = cast(BinaryIO, _From(file, 6 + len(wrapped)))
    header = read_header(body)
    if keyring.key(header.key_id).purpose != purpose:
        raise damaged("用途不符", "it was sealed for another purpose")
    return EnvelopeReader(body, keyring.unwrap(header.key_id, wrapped, header.file_id.bytes))


class ChunkReader(io.RawIOBase):
    """What an iterator of chunks gives, as a file to read once."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        super().__init__()
        self._chunks, self._held = iter(chunks), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer).cast("B")  # type: ignore[arg-type]  # no name for it on 3.11
        while not len(self._held):
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._held = memoryview(chunk)
        taken = min(len(view), len(self._held))
        view[:taken] = self._held[:taken]
        self._held = self._held[taken:]
        return taken


class _From(io.RawIOBase):
    """A file from `start` on, as if it began there."""

    def __init__(self, file: BinaryIO, start: int) -> None:
        super().__init__()
        self._file, self._start = file, start

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        shift = self._start if whence == io.SEEK_SET else 0
        return self._file.seek(offset + shift, whence) - self._start

    def read(self, size: int | None = -1) -> bytes:
        return self._file.read(-1 if size is None else size)

    def close(self) -> None:
        self._file.close()
        super().close()
