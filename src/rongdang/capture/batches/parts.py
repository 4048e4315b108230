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
from rongdang.base.durable import write_durably


def _folder(upload_id: uuid.UUID) -> Path:
    return Path(settings.VAR_DIR) / "parts" / str(upload_id)


def keep(upload_id: uuid.UUID, offset: int, data: bytes) -> None:
    """Write one part, encrypted and flushed to the disk, before anybody is told it arrived."""
    folder = _folder(upload_id)
    folder.mkdir(parents=True, exist_ok=True)
    sealed = envelope.seal(settings.KEYRING, "parts", data)
    write_durably(folder / f"{offset:020d}", sealed)


@contextmanager
def joined(upload_id: uuid.UUID) -> Iterator[BinaryIO]:
    """All parts in order as one stream, decrypted one part at a time."""
    yield io.BufferedReader(_Parts(sorted(_folder(upload_id).iterdir())))


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
