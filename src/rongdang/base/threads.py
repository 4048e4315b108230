"""The same act on many things at once, where the act is bytes: digests, ciphers and files.

Those let go of the interpreter's lock, so each core has something to do. The act may not touch the
database: a connection belongs to its thread.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import contextmanager
from typing import Protocol, TypeVar

WORTH = 4 << 20  # bytes; less is done sooner than threads are begun
MOST = 4
Thing = TypeVar("Thing")
Result = TypeVar("Result")


class Run(Protocol):
    """Results in the order of the things; all have ended when the first error is raised."""

    def __call__(
        self, act: Callable[[Thing], Result], things: Iterable[Thing], /
    ) -> list[Result]: ...


@contextmanager
def at_once(size: int) -> Iterator[Run]:
    """A `Run` for work on so many bytes; for few of them, one thing after the other."""
    cores = (
        len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    )
    if size < WORTH or cores < 2:
        yield _one_by_one
        return
    with ThreadPoolExecutor(min(cores, MOST), thread_name_prefix="at-once") as pool:

        def run(act: Callable[[Thing], Result], things: Iterable[Thing], /) -> list[Result]:
            futures = [pool.submit(act, thing) for thing in things]
            wait(futures)
            return [future.result() for future in futures]

        yield run


def _one_by_one(act: Callable[[Thing], Result], things: Iterable[Thing], /) -> list[Result]:
    return [act(thing) for thing in things]
