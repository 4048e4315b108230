"""Parts of a file on its way in: each kept encrypted on disk until the whole is an object."""

from __future__ import annotations

import io
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from rongdang.base.cipher import envelope
from rongdang.base.durable import storage_error, sync_folder, write_durably
from rongdang.base.errors import DomainError


def _folder(upload_id: uuid.UUID) -> Path:
    return Path(settings.VAR_DIR) / "parts" / str(upload_id)


def keep(upload_id: uuid.UUID, data: bytes) -> Path:
    """Write one part, encrypted and flushed, under a name of its own; it has no place yet."""
    folder = _folder(upload_id)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise storage_error(error) from error
    path = folder / f"new-{uuid.uuid4().hex}"
    write_durably(path, envelope.seal(settings.KEYRING, "parts", data))
    return path


def place(upload_id: uuid.UUID, offset: int, part: Path) -> None:
    """Give a kept part its place; called by the one sender whose turn it is."""
    try:
        part.rename(_folder(upload_id) / f"{offset:020d}")
        sync_folder(_folder(upload_id))
    except OSError as error:
        raise storage_error(error) from error


@contextmanager
def joined(upload_id: uuid.UUID) -> Iterator[BinaryIO]:
    """All parts in order as one stream, decrypted one part at a time."""
    yield io.BufferedReader(_Parts(sorted(_folder(upload_id).glob("0*"))))


def drop(upload_id: uuid.UUID) -> None:
    shutil.rmtree(_folder(upload_id), ignore_errors=True)


class _Parts(io.RawIOBase):
    def __init__(self, paths: list[Path]) -> None:
        self._paths = iter(paths)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # typeshed has no name for it on 3.11
        while not self._rest:
            path = next(self._paths, None)
            if path is None:
                return 0
            self._rest = envelope.unseal(settings.KEYRING, "parts", path.read_bytes())
        taken = min(len(view), len(self._rest))
        view[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


class Exactly(io.RawIOBase):
    """A stream that holds as many bytes as were announced, or the reading of it is refused.

    A scanner that is still writing, or a line that broke, must not leave half a file behind as if
    it were the whole.
    """

    def __init__(self, source: BinaryIO, size: int, name: str) -> None:
        self._source, self._size, self._name = source, size, name
        self._given = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self._source.read(size)
        self._given += len(data)
        if self._given > self._size or (not data and size and self._given < self._size):
            raise DomainError(
                f"“{self._name}”的长度和说好的 {self._size} 字节不一样，没有收下。",
                f"“{self._name}” does not hold the {self._size} bytes announced; it was not kept.",
                hint_zh="可能还没扫完或没拷完，请完成后再交。",
                hint_en="It may still be being written; hand it in when it is finished.",
                code="size-differs",
            )
        return data
