"""Every step of an act that a dying machine could be cut off after.

A step is one write, one fsync, one new name (link, rename), one removal, one commit. `images` lets
the act run once and keeps a copy of the whole house after each of its steps: what the disk holds if
the power goes there, with the bytes that were written but not yet flushed cut away. `failing` lets
the act fail at its n-th step on the disk, as a full or read-only disk makes it fail.
"""

import builtins
import ctypes
import errno
import io
import os
import shutil
from contextlib import contextmanager
from pathlib import Path

from django.db.backends.base.base import BaseDatabaseWrapper

NAMES = ("fsync", "link", "rename", "replace", "unlink", "copy_file_range")


class Steps:
    """Patches the doors to the disk while it lasts; calls `after(label)` behind each step."""

    def __init__(self, root, *, before=None, after=None):
        self.root, self.before, self.after = Path(root), before, after
        self.labels, self.unflushed = [], set()
        self._real = {}

    def __enter__(self):
        for name in NAMES:
            self._real[name] = getattr(os, name)
            setattr(os, name, self._call(name))
        self._real["open"], self._real["commit"] = io.open, BaseDatabaseWrapper._commit
        io.open = builtins.open = self._open
        BaseDatabaseWrapper._commit = self._commit_of()
        self._real["CDLL"] = ctypes.CDLL
        ctypes.CDLL = self._library
        return self

    def __exit__(self, *_):
        for name in NAMES:
            setattr(os, name, self._real[name])
        io.open = builtins.open = self._real["open"]
        BaseDatabaseWrapper._commit = self._real["commit"]
        ctypes.CDLL = self._real["CDLL"]

    def step(self, label, act):
        if self.before is not None:
            self.before(label)
        value = act()
        self.labels.append(label)
        if self.after is not None:
            with self.asleep():
                self.after(label)
        return value

    @contextmanager
    def asleep(self):
        self.__exit__()
        try:
            yield
        finally:
            self.__enter__()

    def _call(self, name):
        real = self._real[name]

        def call(*args, **kwargs):
            if name == "fsync":
                self.unflushed.discard(os.fstat(args[0]).st_ino)
            if name == "copy_file_range":  # the system writes, from one file to another
                self.unflushed.add(os.fstat(args[1]).st_ino)
                return self.step("write", lambda: real(*args, **kwargs))
            return self.step(name, lambda: real(*args, **kwargs))

        return call

    def _library(self, name, *args, **kwargs):
        """The system's own, whose `syncfs` is a flush of everything."""
        library = self._real["CDLL"](name, *args, **kwargs)
        if name is not None:
            return library
        sync = library.syncfs

        def flushed(descriptor):
            told = sync(descriptor)
            self.unflushed.clear()
            return told

        def syncfs(descriptor):
            return self.step("fsync", lambda: flushed(descriptor))

        library.syncfs = syncfs
        return library

    def _commit_of(self):
        steps, real = self, self._real["commit"]

        def commit(wrapper):
            return steps.step("commit", lambda: real(wrapper))

        return commit

    def _open(self, file, mode="r", *args, **kwargs):
        opened = self._real["open"](file, mode, *args, **kwargs)
        inside = isinstance(file, str | Path) and Path(file).is_relative_to(self.root)
        if inside and "b" in mode and set(mode) & set("wx"):
            self.unflushed.add(os.fstat(opened.fileno()).st_ino)
            return Watched(opened, self)
        return opened


class Watched:
    """A file opened for writing: each write is a step."""

    def __init__(self, file, steps):
        self._file, self._steps = file, steps

    def write(self, data):
        self._steps.unflushed.add(os.fstat(self._file.fileno()).st_ino)
        return self._steps.step("write", lambda: self._written(data))

    def _written(self, data):
        count = self._file.write(data)
        self._file.flush()
        return count

    def __enter__(self):
        self._file.__enter__()
        return self

    def __exit__(self, *args):
        return self._file.__exit__(*args)

    def __getattr__(self, name):
        return getattr(self._file, name)


def images(root, goal, act):
    """[(label, folder)]: the house under `root` as it lies after every step of `act`."""
    kept = []

    def keep(label):
        place = Path(goal) / f"{len(kept):03d}-{label}"
        copy_cut(Path(root), place, steps.unflushed)
        kept.append((label, place))

    with Steps(root, after=keep) as steps:
        act()
    return kept


def copy_cut(root, place, unflushed):
    """A copy of the folder; a file whose bytes were not flushed since they were written loses them."""
    for here, _, files in os.walk(root):
        goal = place / Path(here).relative_to(root)
        goal.mkdir(parents=True, exist_ok=True)
        for name in files:
            if name.endswith("-shm"):  # made anew from the log beside the database
                continue
            source = Path(here) / name
            shutil.copy(source, goal / name)
            if source.stat().st_ino in unflushed:
                os.truncate(goal / name, 0)


def failing(root, number, code, act):
    """Let `act` fail at its step `number` on the disk; the error it gave, or None at its end."""
    seen = 0

    def fail(label):
        nonlocal seen
        if label not in ("write", "fsync", "link", "rename", "replace"):
            return
        seen += 1
        if seen == number:
            raise OSError(code, os.strerror(code))

    with Steps(root, before=fail):
        try:
            act()
        except Exception as error:
            return error
    return None


FULL, READ_ONLY = errno.ENOSPC, errno.EROFS
