"""Encryption on the way: what a program writes goes into the target without lying anywhere plain."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from queue import Queue
from typing import Any

from rongdang.keep.backups import secrecy

WAITING = 16  # pieces between the two sides


class Encrypted:
    """The encrypted pieces of a stream; `written` stands once they were all taken.

    What the source or the encryption raised is raised to whoever takes the pieces.
    """

    def __init__(self, source: Any, recipients: Sequence[Any]) -> None:
        self._source, self._recipients = _Watched(source), recipients
        self._queue: Queue[bytes | None] = Queue(WAITING)
        self._error: BaseException | None = None
        self._stopped = False
        self.written: secrecy.Written | None = None

    def __iter__(self) -> Iterator[bytes]:
        thread = threading.Thread(target=self._encrypt, daemon=True)
        thread.start()
        try:
            while (piece := self._queue.get()) is not None:
                yield piece
        finally:
            self._stopped = True
            while thread.is_alive():
                self._drain()
                thread.join(0.01)
        if error := self._source.error or self._error:
            raise error

    def _encrypt(self) -> None:
        try:
            self.written = secrecy.encrypt(self._source, self._give, self._recipients)  # type: ignore[arg-type]  # reads only
        except BaseException as error:  # noqa: BLE001  # raised again on the other side
            self._error = error
        self._queue.put(None)

    def _give(self, piece: bytes) -> None:
        if self._stopped:
            raise BrokenPipeError
        self._queue.put(piece)

    def _drain(self) -> None:
        while not self._queue.empty():
            self._queue.get_nowait()


class _Watched:
    """A source that remembers what it raised: the encryption gives it back as another error."""

    def __init__(self, source: Any) -> None:
        self._source = source
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        try:
            piece: bytes = self._source.read(size)
        except BaseException as error:
            self.error = error
            raise
        return piece
