"""The log read in parts, one after the other or by several processes at once.

A part begins at a multiple of a large power of two, so that the tree before it is a few subtrees.
What those were when it began is compared with what the part before came to.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, connections

from rongdang.base.ledger.chunks import CHUNK

WORTH = 100_000  # entries; fewer are read sooner than a process is begun
MOST = 4
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Cut:
    """How the log is cut for reading: entries of a chunk (a power of two), and parts; 0: as it pays."""

    chunk: int = CHUNK
    parts: int = 0


AS_IT_PAYS = Cut()


def begins(size: int, cut: Cut) -> list[int]:
    """Where parts begin: the first at 0, each at most as long as the one before."""
    hands = cut.parts or _hands(size)
    share = -(-size // hands)
    step = max(cut.chunk, 1 << max(0, share.bit_length() - 5))
    return sorted({share * number // step * step for number in range(hands)})


def _hands(size: int) -> int:
    """Processes that may share the work: only one where a second could not be begun safely."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 1
    return min(cores, MOST) if size >= WORTH and may_fork() else 1


def may_fork() -> bool:
    """Not beside other threads, whose locks would stay locked, nor where a second sees less than we."""
    memory = getattr(connection, "is_in_memory_db", lambda: False)()
    if memory or connection.in_atomic_block or not hasattr(os, "fork"):
        return False
    try:
        return sum(1 for _ in Path("/proc/self/task").iterdir()) == 1
    except OSError:
        return threading.active_count() == 1


@contextmanager
def beside(
    read: Callable[[int], Result], parts: Sequence[int]
) -> Iterator[Callable[[int], Result]]:
    """`read` of each of these parts begins in a process of its own; what is given asks for it.

    A part whose process died is read here. Where no process may be begun, all are.
    """
    running = [_Elsewhere(lambda part=part: read(part)) for part in parts if may_fork()]  # type: ignore[misc]
    by_part = dict(zip(parts, running, strict=False))

    def result(part: int) -> Result:
        try:
            found: Result = by_part[part].result()
        except (KeyError, EOFError):
            return read(part)
        return found

    try:
        yield result
    finally:
        for one in running:
            one.end()


class _Elsewhere:
    """Something worked out in a child of this process, on a connection of its own."""

    def __init__(self, act: Callable[[], object]) -> None:
        context = multiprocessing.get_context("fork")
        self._here, there = context.Pipe(duplex=False)
        self._process: BaseProcess = context.Process(
            target=_work, args=(act, self._here, there), daemon=True
        )
        self._process.start()
        there.close()

    def result(self) -> Any:
        """What the act gave; raises EOFError when its process died."""
        return self._here.recv()

    def end(self) -> None:
        self._process.terminate()
        self._process.join()
        self._here.close()


def _work(act: Callable[[], object], ours: Connection, there: Connection) -> None:
    ours.close()  # so that it is told when the parent is gone
    inherited = connections["default"]
    connections["default"] = connection.copy()
    try:
        there.send(act())
    finally:
        there.close()
        os._exit(0 if inherited else 1)  # the parent's connection is neither used nor closed here
