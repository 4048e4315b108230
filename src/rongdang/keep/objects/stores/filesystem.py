"""Objects as files, two levels of folders by the end of their id."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from rongdang.base.cipher.suites import Buffer
from rongdang.base.durable import StorageError, storage_error, sync_folder
from rongdang.base.leftovers import unfinished


def _make_folders(folders: Iterable[Path], root: Path) -> set[Path]:
    """The folders whose entries change: those given, and above a new one the one that names it."""
    changed = set[Path]()
    for folder in folders:
        changed.add(folder)
        line = [folder, *folder.parents]
        new = [above for above in line[: line.index(root)] if not above.is_dir()]
        changed.update(above.parent for above in new)
        folder.mkdir(parents=True, exist_ok=True)
    return changed


def _write(temporary: Path, chunks: Iterable[Buffer]) -> None:
    with temporary.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
        file.flush()
        _let_go(file.fileno())


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        _let_go(descriptor)
    finally:
        os.close(descriptor)


def _let_go(descriptor: int) -> None:
    """Memory need not hold it: what is not written yet begins to be, what is written is dropped."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


class FilesystemStore:
    """Temporary name → flush → link under the final name (fails if taken) → flush the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, key: str, chunks: Iterable[Buffer]) -> None:
        goal = self.root / key
        temporary, named = unfinished(goal), False
        try:
            changed = _make_folders({goal.parent}, self.root)
            with temporary.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, goal)
            named = True
            for folder in changed:
                sync_folder(folder)
        except FileExistsError as error:
            raise StorageError(
                "同名对象已经存在，没有覆盖。",
                "An object of that name exists; nothing was overwritten.",
                code="exists",
            ) from error
        except OSError as error:
            if named:  # what is refused is not kept either
                goal.unlink(missing_ok=True)
            raise storage_error(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def add_many(self, files: Mapping[str, Iterable[Buffer]]) -> None:
        goals = [self.root / key for key in files]
        temporaries = [unfinished(goal) for goal in goals]
        named: list[Path] = []

        try:
            changed = _make_folders({goal.parent for goal in goals}, self.root)
            for temporary, chunks in zip(temporaries, files.values(), strict=True):
                _write(temporary, chunks)
            # The disk had them all in hand before the first is waited for.
            for temporary, goal in zip(temporaries, goals, strict=True):
                _flush(temporary)
                os.link(temporary, goal)
                named.append(goal)
            for folder in changed:
                sync_folder(folder)
        except OSError as error:
            for goal in named:  # what is refused is not kept either
                goal.unlink(missing_ok=True)
            raise storage_error(error) from error
        finally:
            for temporary in temporaries:
                temporary.unlink(missing_ok=True)

    def replace(
        self, key: str, chunks: Iterable[Buffer], *, check: Callable[[BinaryIO], None]
    ) -> None:
        goal = self.root / key
        temporary = unfinished(goal)
        try:
            with temporary.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            with temporary.open("rb") as written:
                check(written)
            temporary.rename(goal)
            sync_folder(goal.parent)
        except OSError as error:
            raise storage_error(error) from error
        finally:
            temporary.unlink(missing_ok=True)

    def open(self, key: str) -> BinaryIO:
        try:
            return (self.root / key).open("rb")
        except FileNotFoundError as error:
            raise StorageError(
                "存储里找不到这个对象，可能被移走或删除。账上还有它的记录。",
                "The object is not in the store; it may have been moved or deleted. Its record stands.",
                hint_zh="请系统管理员从备份恢复，再运行 rongdang verify。",
                hint_en="Restore it from backup, then run rongdang verify.",
                code="missing",
                status=500,
            ) from error
        except OSError as error:
            if error.errno in (errno.EACCES, errno.EIO):
                raise storage_error(error) from error
            raise

    def names(self) -> Iterator[str]:
        if not self.root.is_dir():
            return
        for path in sorted(self.root.rglob("*")):
            if path.is_file():
                yield path.relative_to(self.root).as_posix()

    def destroy(self, key: str) -> None:
        (self.root / key).unlink(missing_ok=True)
