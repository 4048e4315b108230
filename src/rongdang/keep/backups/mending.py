"""A damaged or missing file made whole: from the second copy, else from its group's parity.

What was damaged is moved aside, never thrown away. The mended file takes its place only after it
was proved whole; a power cut between leaves a missing file, which the next scrub mends again.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from rongdang.base.durable import storage_error, sync_folder
from rongdang.base.leftovers import unfinished
from rongdang.keep.backups import parity
from rongdang.keep.backups.copying import path_of
from rongdang.keep.backups.models import KeptFile, ParityGroup, Part
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.protecting import block_path
from rongdang.keep.backups.targets.folder import FolderTarget

Whole = Callable[[Path], bool]


def mend(name: str, whole: Whole) -> str:
    """How it was mended (“copy”, “parity”), or "" when nothing could; `whole` judges the result."""
    sources: tuple[tuple[str, Callable[[str], Iterable[bytes] | None]], ...] = (
        ("copy", _from_second_copy),
        ("parity", _from_parity),
    )
    for how, source in sources:
        pieces = source(name)
        if pieces is not None and _install(name, pieces, whole):
            return how
    return ""


def put_aside(path: Path, name: str) -> None:
    """Keep the damaged file for whoever has to find out what happened."""
    if not path.exists():
        return
    root: Path = settings.VAR_DIR / "damaged"
    goal = root / timezone.now().strftime("%Y%m%dT%H%M%S%f") / name
    goal.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    shutil.move(path, goal)


def _install(name: str, pieces: Iterable[bytes], whole: Whole) -> bool:
    path = path_of(name)
    temporary = unfinished(path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("wb") as file:
            for piece in pieces:
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        if not whole(temporary):
            return False
        put_aside(path, name)
        temporary.rename(path)
        sync_folder(path.parent)
    except OSError as error:
        raise storage_error(error) from error
    except BackupError:
        return False
    finally:
        temporary.unlink(missing_ok=True)
    return True


def _from_second_copy(name: str) -> Iterator[bytes] | None:
    if not settings.SECOND_COPY:
        return None
    copy = FolderTarget(Path(settings.SECOND_COPY).resolve(), append_only=True)
    row = Part.objects.filter(target=copy.place, name=name).first()
    key = row.key if row else name
    if not (copy.root / key).is_file():
        return None
    return _stream(copy, key)


def _stream(copy: FolderTarget, key: str) -> Iterator[bytes]:
    with copy.open(key) as file:
        while piece := file.read(1 << 20):
            yield piece


def _from_parity(name: str) -> Iterator[bytes] | None:
    row = KeptFile.objects.select_related("group").filter(name=name).first()
    if row is None or row.group is None:
        return None
    members = {member.place: member for member in row.group.members.all()}
    whole = {place for place, one in members.items() if place != row.place and _holds(one)}
    lost = sorted(set(members) - whole)
    blocks = [
        path
        for path, digest in zip(
            (block_path(row.group, "p"), block_path(row.group, "q")),
            (row.group.p_digest, row.group.q_digest),
            strict=True,
        )
        if digest_of(path) == digest
    ]
    if len(lost) > len(blocks):
        return None
    return _rebuilt(row, row.group, {place: members[place] for place in whole}, lost)


def _rebuilt(
    row: KeptFile, group: ParityGroup, whole: dict[int, KeptFile], lost: list[int]
) -> Iterator[bytes]:
    left = row.size
    with ExitStack() as stack:
        files = {
            place: stack.enter_context(path_of(one.name).open("rb")) for place, one in whole.items()
        }
        p, q = (
            stack.enter_context(block_path(group, block).open("rb"))
            if digest_of(block_path(group, block)) == digest
            else None
            for block, digest in (("p", group.p_digest), ("q", group.q_digest))
        )
        for pieces in parity.rebuild(files, lost, group.block, p, q):
            piece = pieces[lost.index(row.place)][:left]
            left -= len(piece)
            yield piece


def _holds(row: KeptFile) -> bool:
    return digest_of(path_of(row.name)) == row.digest


def digest_of(path: Path) -> str:
    """SHA-256 of a file; "" when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""
