"""Reads on the log: written before the answer leaves, and reads that come together share a commit.

A read changes nothing, so its entry needs no transaction but its own; with one commit each, a disk's
flush would be the speed of every page. Nothing is put off: `record_read` returns when its entry is
committed, or raises what kept it from being so, and then the page is not shown.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from django.db import connection, transaction

from rongdang.base.ledger.services import Draft, record_many


class _Read:
    """One entry on its way; `error` is why it is not on the log."""

    def __init__(self, draft: Draft) -> None:
        self.draft = draft
        self.done = False
        self.error: BaseException | None = None


class _Queue:
    """Reads waiting for the log: the first who finds nobody writing writes for all who wait."""

    def __init__(self) -> None:
        self.turn = threading.Condition()
        self.waiting: list[_Read] = []
        self.writing = False

    def join(self, read: _Read) -> list[_Read]:
        """Wait until somebody has written the entry (then []), or it is one's own turn to write."""
        with self.turn:
            self.waiting.append(read)
            while self.writing and not read.done:
                self.turn.wait()
            if read.done:
                return []
            self.writing = True
            together, self.waiting = self.waiting, []
            return together

    def leave(self, together: list[_Read], error: BaseException | None) -> None:
        """They are written, or none of them is; the next may go."""
        with self.turn:
            for read in together:
                read.done, read.error = True, error
            self.writing = False
            self.turn.notify_all()


_queue = _Queue()


def record_read(
    event: str,
    *,
    actor: object,
    subject: object | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Note that `actor` read `subject`; inside a transaction the entry goes with it."""
    read = _Read(Draft(event=event, actor=actor, subject=subject, detail=detail))
    if connection.in_atomic_block:
        record_many([read.draft])
        return
    together = _queue.join(read)
    if together:
        _write(together)
    elif read.error is not None:
        raise read.error


def _write(together: list[_Read]) -> None:
    """One transaction for all of them; what goes wrong is everybody's."""
    error: BaseException | None = None
    try:
        with transaction.atomic():
            record_many([read.draft for read in together])
    except BaseException as raised:
        error = raised
        raise
    finally:
        _queue.leave(together, error)
