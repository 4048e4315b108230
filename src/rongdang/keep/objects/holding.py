"""While a backup runs, nothing leaves the store: what is destroyed meanwhile goes afterwards.

A lock on a file, so that it holds between processes and ends with the process that held it.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from django.conf import settings


def _lock_file() -> BinaryIO:
    settings.OBJECT_ROOT.mkdir(parents=True, exist_ok=True)
    path = settings.OBJECT_ROOT.with_name(f"{settings.OBJECT_ROOT.name}.lock")
    return path.open("ab")


@contextmanager
def nothing_leaves() -> Iterator[None]:
    """Files of the store stay until the end of the block."""
    with _lock_file() as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def may_leave() -> Iterator[bool]:
    """Is it free to remove files now? Stays so until the end of the block."""
    with _lock_file() as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
            return
        yield True
