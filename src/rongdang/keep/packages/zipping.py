"""Zips made as they are sent: without compression, one member in memory at a time."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator

_EPOCH = (1980, 1, 1, 0, 0, 0)


class _Sink:
    """A file to write to that gives back what was written; it cannot seek."""

    def __init__(self) -> None:
        self._held = bytearray()

    def write(self, data: bytes) -> int:
        self._held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits."""

    def take(self) -> bytes:
        taken = bytes(self._held)
        self._held.clear()
        return taken


def zip_chunks(members: Iterable[tuple[str, Callable[[], bytes]]]) -> Iterator[bytes]:
    """The bytes of a zip; the same members give the same bytes."""
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]  # write and flush are enough
        for name, read in members:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), read())
            yield sink.take()
    yield sink.take()
