"""Bytes from file to file, by the system itself where it can, else through memory used again."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import threading
from typing import BinaryIO

PIECE = 1 << 20
NOT_BY_SYSTEM = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)
_own = threading.local()


def copy(source: BinaryIO, goal: BinaryIO) -> int:
    """All that is left of `source`; how many bytes. Neither may hold a buffer of its own."""
    copied = _by_system(source, goal)
    while count := _read(source):
        write(goal, memoryview(_buffer())[:count])
        copied += count
    return copied


def digest_of(source: BinaryIO) -> str:
    """SHA-256 of all that is left of it."""
    digest = hashlib.sha256()
    while count := _read(source):
        digest.update(memoryview(_buffer())[:count])
    return digest.hexdigest()


def let_go(file: BinaryIO) -> None:
    """What was flushed need not stay in memory: read next, it comes from the medium."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _by_system(source: BinaryIO, goal: BinaryIO) -> int:
    """Without a way through this process; 0 where the system, or such a file, knows no such thing."""
    copied = 0
    try:
        ends = source.fileno(), goal.fileno()
        while count := os.copy_file_range(*ends, 1 << 30):
            copied += count
    except (AttributeError, io.UnsupportedOperation):
        return 0
    except OSError as error:
        if copied or error.errno not in NOT_BY_SYSTEM:
            raise
    return copied


def _read(source: BinaryIO) -> int:
    """Into this thread's buffer; a stream that is no file may give its own bytes only."""
    if hasattr(source, "readinto"):
        return int(source.readinto(_buffer()) or 0)
    piece = source.read(PIECE)
    _buffer()[: len(piece)] = piece
    return len(piece)


def write(goal: BinaryIO, piece: bytes | memoryview) -> None:
    """All of it: a file without a buffer may take less at a time."""
    piece = memoryview(piece)
    while piece:
        piece = piece[goal.write(piece) :]


def _buffer() -> bytearray:
    if not hasattr(_own, "buffer"):
        _own.buffer = bytearray(PIECE)
    held: bytearray = _own.buffer
    return held
