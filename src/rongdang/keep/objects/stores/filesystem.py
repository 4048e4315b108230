"""Objects as files, two levels of folders by the end of their id."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import BinaryIO

from rongdang.base.durable import StorageError, storage_error, sync_folder


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class FilesystemStore:
    """Temporary name → flush → link under the final name (fails if taken) → flush the folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def add(self, key: str, chunks: Iterable[bytes]) -> None:
        goal = self.root / key
        temporary, named = goal.with_name(f".{goal.name}.{os.getpid()}.tmp"), False
        try:
            goal.parent.mkdir(parents=True, exist_ok=True)
            with temporary.open("xb") as file:
                for chunk in chunks:
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            os.link(temporary, goal)
            named = True
            sync_folder(goal.parent)
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

    def add_many(self, files: Mapping[str, bytes]) -> None:
        named: list[Path] = []
        written: list[tuple[Path, Path]] = []
        try:
            for key, data in files.items():
                goal = self.root / key
                temporary = goal.with_name(f".{goal.name}.{os.getpid()}.tmp")
                goal.parent.mkdir(parents=True, exist_ok=True)
                written.append((temporary, goal))
                with temporary.open("xb") as file:
                    file.write(data)
            for (
                temporary,
                goal,
            ) in written:  # the disk writes them together, not one after the other
                _flush(temporary)
                os.link(temporary, goal)
                named.append(goal)
            for folder in {goal.parent for goal in named}:
                sync_folder(folder)
        except OSError as error:
            for goal in named:  # what is refused is not kept either
                goal.unlink(missing_ok=True)
            raise storage_error(error) from error
        finally:
            for temporary, _goal in written:
                temporary.unlink(missing_ok=True)

    def replace(
        self, key: str, chunks: Iterable[bytes], *, check: Callable[[BinaryIO], None]
    ) -> None:
        goal = self.root / key
        temporary = goal.with_name(f".{goal.name}.{os.getpid()}.tmp")
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
