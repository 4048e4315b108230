"""What a killed process left under a temporary name, known by that name: the machine and the process.

Whoever writes such names removes, at its next run, those of processes that are no more. Never one of
a living process; of another machine, which may share the disk, only what nobody has written to for days.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import socket
import time
from collections.abc import Callable
from pathlib import Path

SILENT_DAYS = 2
BEGUN = time.time()  # of this process, or shortly after
_FILE = re.compile(r"\..+\.(?:([0-9a-f]{6})-)?(\d+)\.tmp")
_FOLDER = re.compile(r"[a-z]+-([0-9a-f]{6})-(\d+)-\w+")


def _machine() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:6]


def _own() -> str:
    return f"{_machine()}-{os.getpid()}"


def unfinished(path: Path) -> Path:
    """The name beside `path` under which this process writes it, until it is whole."""
    return path.with_name(f".{path.name}.{_own()}.tmp")


def folder_prefix(kind: str) -> str:
    """For `tempfile.mkdtemp`: of which kind it is, and whose."""
    return f"{kind}-{_own()}-"


def is_left(path: Path) -> bool:
    """Is this the file or folder of a process that is no more?"""
    match = _FILE.fullmatch(path.name) or _FOLDER.fullmatch(path.name)
    if match is None:
        return False
    try:
        written = path.lstat().st_mtime
    except OSError:  # gone meanwhile
        return False
    if match[1] != _machine():
        return time.time() - written > SILENT_DAYS * 86400
    number = int(match[2])
    # A container's processes have the same numbers each time it starts.
    return written < BEGUN if number == os.getpid() else not _lives(number)


def names_a_living(note: Path) -> bool:
    """Does the first word of that file, if it is there, say the number of a living process?"""
    try:
        return _lives(int(note.read_text().split()[0]))
    except FileNotFoundError:
        return False
    except (OSError, ValueError, IndexError):
        return True  # it cannot be told: let it be


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        pass
    return True


def remove_files(folder: Path) -> None:
    """Remove the unfinished files which dead processes left in the folder itself."""
    for path in folder.glob(".*.tmp"):
        if is_left(path):
            path.unlink(missing_ok=True)


def remove_folders(
    root: Path, kind: str, *, in_use: Callable[[Path], bool] = lambda _path: False
) -> int:
    """Remove the folders of that kind which dead processes left below `root`; how many.

    `in_use` keeps one whose owner is dead but which another process still works in.
    """
    gone = 0
    for path in root.glob(f"{kind}-*"):
        if path.is_dir() and not path.is_symlink() and is_left(path) and not in_use(path):
            shutil.rmtree(path, ignore_errors=True)
            gone += not path.exists()
    return gone
