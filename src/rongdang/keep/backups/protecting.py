"""Parity beside the store: for every twenty files two blocks, on another disk if the setting says so.

A file lies in one group. When one of a group is lawfully destroyed or changed, the group is made
anew from those that are whole.
"""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings
from django.db import transaction

from rongdang.base.durable import storage_error, sync_folder
from rongdang.base.ids import uuid7
from rongdang.keep.backups import parity
from rongdang.keep.backups.copying import object_name, path_of
from rongdang.keep.backups.models import KeptFile, ParityGroup
from rongdang.keep.objects.models import StoredObject

GROUP = 20  # members; two blocks beside them cost a tenth
LEAST = 2  # alone, a file would cost twice its own length
ROUND = 8
IN_MAKING = 3600  # seconds in which a group whose blocks lie there may not be written down yet


def block_path(group: ParityGroup, block: str) -> Path:
    name = str(group.pk)
    root: Path = settings.PARITY_ROOT
    return root / name[-2:] / f"{name}.{block}"


def protect(*, everything: bool) -> int:
    """Make groups of files that were found whole and lie in none; how many groups.

    Neighbours by length share a group, so that little is filled up. Unless `everything` is asked
    for, a group waits until it is full.
    """
    loose = list(
        KeptFile.objects.filter(group=None, verified_at__isnull=False).order_by("size", "name")
    )
    made = 0
    for start in range(0, len(loose), GROUP):
        members = loose[start : start + GROUP]
        if len(members) == GROUP or (everything and len(members) >= LEAST):
            made += _make(members)
    return made


def dissolve(group: ParityGroup) -> None:
    """Its members wait for another group; its blocks go."""
    paths = [block_path(group, block) for block in "pq"]
    group.delete()
    for path in paths:
        path.unlink(missing_ok=True)


def tidy() -> int:
    """Forget destroyed objects, and dissolve the groups that lost a member so; how many."""
    gone = StoredObject.objects.filter(shredded_at__isnull=False).values_list("pk", flat=True)
    names = [object_name(pk) for pk in gone.iterator(2000)]
    for start in range(0, len(names), 500):
        KeptFile.objects.filter(name__in=names[start : start + 500]).delete()
    _drop_strays()
    broken = 0
    for group in ParityGroup.objects.prefetch_related("members").iterator(chunk_size=500):
        places = sorted(member.place for member in group.members.all())
        if places != list(range(len(places))) or len(places) < LEAST:
            dissolve(group)
            broken += 1
    return broken


def _drop_strays() -> None:
    """Blocks of groups that were never written down: their run was killed."""
    known = set(map(str, ParityGroup.objects.values_list("pk", flat=True)))
    for path in settings.PARITY_ROOT.glob("*/*.[pq]"):
        if path.stem not in known and time.time() - path.stat().st_mtime > IN_MAKING:
            path.unlink(missing_ok=True)


def _make(members: Sequence[KeptFile]) -> bool:
    """One group; False when a member was not as it was found (the next scrub looks at it)."""
    block = -(-max(member.size for member in members) // ROUND) * ROUND
    group = ParityGroup(id=uuid7(), block=block)
    paths = [block_path(group, name) for name in "pq"]
    try:
        sums = _write(members, block, paths)
    except FileNotFoundError:
        sums = None
    except OSError as error:
        for path in paths:
            path.unlink(missing_ok=True)
        raise storage_error(error) from error
    if sums is None:
        for path in paths:
            path.unlink(missing_ok=True)
        return False
    group.p_digest, group.q_digest = sums
    with transaction.atomic():
        group.save(force_insert=True)
        for place, member in enumerate(members):
            member.group, member.place = group, place
        KeptFile.objects.bulk_update(members, ["group", "place"], batch_size=200)
    return True


def _write(
    members: Sequence[KeptFile], block: int, paths: Sequence[Path]
) -> tuple[str, str] | None:
    sums = [hashlib.sha256(), hashlib.sha256()]
    paths[0].parent.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        read = [Digesting(stack.enter_context(path_of(one.name).open("rb"))) for one in members]
        written = [stack.enter_context(path.open("wb")) for path in paths]

        def take(*pieces: bytes) -> None:
            for file, digest, piece in zip(written, sums, pieces, strict=True):
                file.write(piece)
                digest.update(piece)

        parity.encode(read, block, take)  # type: ignore[arg-type]  # read() is all it asks for
        for file in written:
            file.flush()
            os.fsync(file.fileno())
    sync_folder(paths[0].parent)
    if any(file.digest.hexdigest() != one.digest for file, one in zip(read, members, strict=True)):
        return None
    return sums[0].hexdigest(), sums[1].hexdigest()


class Digesting:
    """A file whose bytes are digested as they are read."""

    def __init__(self, file: object) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int) -> bytes:
        piece: bytes = self._file.read(size)  # type: ignore[attr-defined]  # any readable
        self.digest.update(piece)
        return piece
