"""A target in a folder: another disk, a mounted share, a stick.

Files are written under a temporary name. `flush` makes a whole batch durable with one sync of the
file system, then gives the files their names: a name never stands for half a file.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import BinaryIO, cast

from rongdang.base.durable import StorageError, storage_error
from rongdang.base.leftovers import is_left, unfinished
from rongdang.keep.backups import moving
from rongdang.keep.backups.ports import append_only_refusal, missing_part

BATCH = 512  # files
NO_LINKS = (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS)


class FolderTarget:
    def __init__(self, root: Path, *, append_only: bool) -> None:
        self.root, self.append_only = root, append_only
        self.place, self.several = str(root), True
        self._waiting: list[tuple[Path, Path]] = []
        self._made: set[Path] = set()
        self._unfinished: set[Path] = set()  # as they were met while listing

    def sizes(self, prefix: str) -> dict[str, int]:
        found: dict[str, int] = {}
        self._list(self.root / prefix, prefix.rstrip("/"), found)
        return found

    def add(self, key: str, chunks: Iterable[bytes]) -> None:
        def fill(file: BinaryIO) -> None:
            for chunk in chunks:
                moving.write(file, chunk)

        self._new(key, fill)
        if len(self._waiting) >= BATCH:
            self.flush()

    def take(self, key: str, source: BinaryIO) -> None:
        def fill(file: BinaryIO) -> None:
            moving.copy(source, file)

        self._new(key, fill)

    def _new(self, key: str, fill: Callable[[BinaryIO], None]) -> None:
        """Filled under a temporary name; `flush` gives it its own."""
        goal = self.root / key
        temporary = unfinished(goal)
        try:
            self._folder(goal.parent)
            _must_be_free(goal)
            with temporary.open("wb", buffering=0) as file:
                fill(cast(BinaryIO, file))
        except BaseException as error:
            temporary.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise storage_error(error) from error
            raise
        self._waiting.append((temporary, goal))

    def flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if not waiting:
            return
        named: list[Path] = []
        try:
            sync_file_system(self.root)
            for temporary, goal in waiting:
                _give_name(temporary, goal)
                named.append(goal)
            sync_file_system(self.root)
        except BaseException as error:
            for path in [*named, *(temporary for temporary, _ in waiting)]:
                path.unlink(missing_ok=True)  # of this very batch: nobody was told of it yet
            if isinstance(error, OSError):
                raise storage_error(error) from error
            raise

    def open(self, key: str) -> BinaryIO:
        try:
            return (self.root / key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise missing_part(key) from error
        except OSError as error:
            raise storage_error(error) from error

    def remove(self, key: str) -> None:
        if self.append_only:
            raise append_only_refusal(self.place)
        path = self.root / key
        try:
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # it holds other files
                path.parent.rmdir()
                self._made.discard(path.parent)
        except OSError as error:
            raise storage_error(error) from error

    def tidy(self) -> int:
        waiting = {temporary for temporary, _goal in self._waiting}
        left = [path for path in self._unfinished - waiting if is_left(path)]
        for path in left:
            with contextlib.suppress(OSError):  # a medium that lets nothing go keeps it
                path.unlink(missing_ok=True)
        self._unfinished.clear()
        return len(left)

    def _folder(self, folder: Path) -> None:
        if folder not in self._made:
            folder.mkdir(parents=True, exist_ok=True)
            self._made.add(folder)

    def _list(self, folder: Path, prefix: str, found: dict[str, int]) -> None:
        try:
            entries = list(os.scandir(folder))
        except (FileNotFoundError, NotADirectoryError):
            return
        except OSError as error:
            raise storage_error(error) from error
        for entry in entries:
            key = f"{prefix}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                self._list(folder / entry.name, key, found)
            elif entry.name.endswith(".tmp"):
                self._unfinished.add(folder / entry.name)
            else:
                found[key] = entry.stat(follow_symlinks=False).st_size


def sync_file_system(folder: Path) -> None:
    """One sync for all files below, where the system has it; else of everything."""
    call = (
        getattr(ctypes.CDLL(None, use_errno=True), "syncfs", None) if os.name == "posix" else None
    )
    if call is None:
        os.sync()
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        if call(descriptor) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))
    finally:
        os.close(descriptor)


def _give_name(temporary: Path, goal: Path) -> None:
    """Never over another file; where the medium knows no links, the look before is all there is."""
    try:
        os.link(temporary, goal)
    except FileExistsError as error:
        raise _taken(goal.name) from error
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        if goal.exists():
            raise _taken(goal.name) from error
        temporary.rename(goal)
        return
    temporary.unlink()


def _must_be_free(goal: Path) -> None:
    if goal.exists():
        raise _taken(goal.name)


def _taken(name: str) -> StorageError:
    return StorageError(
        f"备份目标里已有 {name}，没有覆盖。",
        f"The target holds {name} already; nothing was overwritten.",
        code="exists",
    )
