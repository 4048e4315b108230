"""Writing a file so that after a power cut it is there whole, or not at all."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from rongdang.base.errors import DomainError


class StorageError(DomainError):
    """The disk did not take the bytes; nothing half-written stays behind."""

    status, code = 507, "storage"


DISK = (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO)
# What databases say of their disk: SQLite and SQLCipher, PostgreSQL. Their errors bear no number.
FULL = ("database or disk is full", "no space left on device")
SHUT = ("readonly database", "read-only transaction", "unable to open database file")
BROKEN = ("disk i/o error", "input/output error")


def write_durably(path: Path, data: bytes, *, mode: int = 0o666) -> None:
    """Temporary name → flush → rename → flush the folder; raises StorageError, leaves nothing."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with open(temporary, "wb", opener=lambda name, flags: os.open(name, flags, mode)) as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        temporary.unlink(missing_ok=True)
        raise storage_error(error) from error


def sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def disk_trouble(error: Exception) -> StorageError | None:
    """In words what a full, read-only or broken disk made fail; None for any other failure."""
    if isinstance(error, OSError):
        return storage_error(error) if error.errno in DISK else None
    if not any(kind.__name__ == "DatabaseError" for kind in type(error).__mro__):
        return None
    said = str(error).lower()
    for words, number in ((FULL, errno.ENOSPC), (SHUT, errno.EROFS), (BROKEN, errno.EIO)):
        if any(word in said for word in words):
            return storage_error(OSError(number, os.strerror(number)))
    return None


def storage_error(error: OSError) -> StorageError:
    """What the disk said, in words a clerk can act on."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(
            "磁盘满了，这一步没有写入；以前存好的都在。",
            "The disk is full; this step wrote nothing. All that was stored before is intact.",
            hint_zh="请系统管理员腾出空间，再点重试。",
            hint_en="Ask the system officer to free space, then try again.",
            code="disk-full",
        )
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return StorageError(
            "存储现在只能读、不能写，这一步没有写入；以前存好的都在。",
            "Storage is read-only; this step wrote nothing. All that was stored before is intact.",
            hint_zh="请系统管理员检查磁盘和权限。",
            hint_en="Ask the system officer to check the disk and its permissions.",
            code="read-only",
        )
    return StorageError(
        f"存储出错（{error.strerror}），这一步没有写入；以前存好的都在。",
        f"Storage failed ({error.strerror}); this step wrote nothing. Earlier data is intact.",
        hint_zh="请系统管理员检查磁盘，再点重试。",
        hint_en="Ask the system officer to check the disk, then try again.",
    )
