"""Landlock (Linux 5.13+): a process gives up the file system, and the net, for good.

Numbers from the kernel's uapi/linux/landlock.h; the three calls have the same number on every machine.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Iterable
from pathlib import Path

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
ASK_VERSION, PATH_BENEATH = 1, 1
READ_FILE, READ_DIR = 1 << 2, 1 << 3
# How many rights over files each version of the interface knows; 4 adds the net, 6 signals.
FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 4: 15, 5: 16}
NET, NET_RIGHTS = 4, 3
SCOPED, SCOPES = 6, 3


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("net", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """The kernel's version of the interface; 0 where there is none."""
    if not sys.platform.startswith("linux"):
        return 0
    return max(0, _call(CREATE_RULESET, None, 0, ASK_VERSION))


def restrict(readable: Iterable[Path]) -> bool:
    """From here on only files below `readable` can be opened, and only to be read.

    False where the kernel has no landlock; then nothing changed. Needs no-new-privileges.
    """
    known = version()
    if not known:
        return False
    rules = _Ruleset(
        files=(1 << FILE_RIGHTS.get(known, 16)) - 1,
        net=NET_RIGHTS if known >= NET else 0,
        scoped=SCOPES if known >= SCOPED else 0,
    )
    size = 24 if known >= SCOPED else 16 if known >= NET else 8
    ruleset = _call(CREATE_RULESET, ctypes.byref(rules), size, 0)
    if ruleset < 0:
        return False
    try:
        for path in readable:
            _allow(ruleset, path)
        return _call(RESTRICT_SELF, ruleset, 0) == 0
    finally:
        os.close(ruleset)


def _allow(ruleset: int, path: Path) -> None:
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there needs no way to it
    try:
        rights = READ_FILE | READ_DIR if path.is_dir() else READ_FILE
        rule = _Beneath(allowed=rights, parent=parent)
        _call(ADD_RULE, ruleset, PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)


def _call(number: int, *arguments: object) -> int:
    system = ctypes.CDLL(None, use_errno=True).syscall
    wide = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    return int(system(ctypes.c_long(number), *wide))
