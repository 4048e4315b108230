"""A disk that refuses, and what happens while it is flushed: put in where the system's calls are.

Nothing of the house is stood in for: its code runs into the error as it would on such a disk.
"""

import errno
import os
from contextlib import contextmanager
from pathlib import Path

import pytest

FULL, READ_ONLY = errno.ENOSPC, errno.EROFS
WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def fault(number):
    return OSError(number, os.strerror(number))


@contextmanager
def at_flush(act):
    """`act(path)` runs before every flush of a file or folder; what it raises is the disk's answer."""
    real = os.fsync

    def fsync(descriptor):
        act(Path(os.readlink(f"/proc/self/fd/{descriptor}")))
        real(descriptor)

    with pytest.MonkeyPatch.context() as border:
        border.setattr(os, "fsync", fsync)
        yield


@contextmanager
def refusing(number, below="/"):
    """A disk that takes nothing more: no flush below that folder comes about."""

    def act(path):
        if path.is_relative_to(below):
            raise fault(number)

    with at_flush(act):
        yield


@contextmanager
def once_flushed(act, below):
    """`act()` once, at the first flush below that folder: somebody is quicker."""
    done = []

    def seen(path):
        if not done and path.is_relative_to(below):
            done.append(path)
            act()

    with at_flush(seen):
        yield
    assert done


@contextmanager
def read_only(folder):
    """A share that can be read and not written, for root too."""
    reals = {name: getattr(os, name) for name in ("open", "mkdir", "rename", "replace", "unlink")}

    def refused(name):
        def call(path, *args, **more):
            inside = isinstance(path, str | Path) and Path(path).is_relative_to(folder)
            if inside and not (name == "open" and not args[0] & WRITES):
                raise fault(READ_ONLY)
            return reals[name](path, *args, **more)

        return call

    with pytest.MonkeyPatch.context() as border:
        for name in reals:
            border.setattr(os, name, refused(name))
        yield
