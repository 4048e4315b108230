"""Heads in a file of the audit officer's: one JSON line each, only ever added to.

Each line carries the proof that its log begins with that of the line before, so the file can be
checked without the database. It lies where who owns the database cannot write: another machine's
share, or a medium that is taken out.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rongdang.base.durable import storage_error
from rongdang.base.errors import DomainError
from rongdang.base.ledger.heads import SignedHead

TAIL = 1 << 16  # more than one line


@dataclass(frozen=True, slots=True)
class Line:
    """`since` is the size of the line before that `proof` leads on from; 0 begins a chain.

    `base` of a chain begun anew is the size up to which the one before still holds.
    """

    head: SignedHead
    since: int = 0
    proof: tuple[bytes, ...] = ()
    base: int | None = None


def last_line(path: Path) -> Line | None:
    """The newest head in the file; None while there is no file."""
    if not path.exists():
        return None
    with _open(path, os.O_RDONLY) as descriptor:
        size = os.fstat(descriptor).st_size
        rows = os.pread(descriptor, TAIL, max(0, size - TAIL)).splitlines()
    whole = [row for row in rows if _is_whole(row)]
    return _line(whole[-1], path) if whole else None


def lines(path: Path) -> Iterator[Line]:
    with _open(path, os.O_RDONLY) as descriptor, os.fdopen(os.dup(descriptor), "rb") as file:
        for row in file:
            if _is_whole(row):
                yield _line(row, path)


def standing(path: Path) -> dict[int, bytes]:
    """Roots by size that the log has to fit: what two officers agreed to give up is not among them."""
    roots: dict[int, bytes] = {}
    for line in lines(path):
        if line.base is not None:
            roots = {size: root for size, root in roots.items() if size <= line.base}
        roots[line.head.size] = line.head.root
    return roots


def add_line(path: Path, line: Line) -> None:
    """Append and flush; a line that a power cut tore is ended and left, and counts for nothing."""
    told: dict[str, Any] = line.head.to_dict()
    told |= {"since": line.since, "proof": [step.hex() for step in line.proof]}
    if line.base is not None:
        told["base"] = line.base
    data = json.dumps(told, sort_keys=True).encode() + b"\n"
    with _open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT) as descriptor:
        size = os.fstat(descriptor).st_size
        torn = size and os.pread(descriptor, 1, size - 1) != b"\n"
        os.write(descriptor, b"\n" + data if torn else data)
        os.fsync(descriptor)


def _is_whole(row: bytes) -> bool:
    return row.rstrip().endswith(b"}")


@contextmanager
def _open(path: Path, flags: int) -> Iterator[int]:
    try:
        descriptor = os.open(path, flags, 0o644)
        try:
            yield descriptor
        finally:
            os.close(descriptor)
    except OSError as error:
        raise storage_error(error) from error


def _line(row: bytes, path: Path) -> Line:
    try:
        told = json.loads(row)
        proof = tuple(bytes.fromhex(step) for step in told["proof"])
        return Line(SignedHead.from_dict(told), int(told["since"]), proof, told.get("base"))
    except (DomainError, ValueError, KeyError, TypeError) as error:
        raise DomainError(
            f"外存账本头的文件“{path.name}”有一行读不出来，账本没有比对成。",
            f"A line of “{path.name}”, the file of heads kept outside, cannot be read; "
            "the log was not compared.",
            hint_zh="请审计员用自己留的副本换回这个文件。",
            hint_en="Ask the audit officer to put back his own copy of the file.",
            code="heads-file-damaged",
            status=500,
        ) from error
