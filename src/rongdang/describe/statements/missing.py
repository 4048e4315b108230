"""Rows that the source no longer has: told, with the day, and never obeyed."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db import transaction
from django.utils import timezone

from rongdang.describe.statements.digests import SIZE
from rongdang.describe.statements.models import Batch, Source, Statement

AT_ONCE = 5000


def keys_read(run: uuid.UUID) -> set[bytes]:
    """Keys of the rows a run has read so far, also before it was stopped or killed."""
    found: set[bytes] = set()
    for packed in Batch.objects.filter(run=run).values_list("keys", flat=True).iterator():
        whole = bytes(packed)
        found.update(whole[at : at + SIZE] for at in range(0, len(whole), SIZE))
    return found


def note_missing(source: Source, run: uuid.UUID, read: set[bytes]) -> int:
    """Mark the statements whose row was not among those read; how many are marked by this run.

    May be ended half-way and run again.
    """
    now = timezone.now()
    for some in _portions(source):
        gone = [pk for pk, key in some if bytes(key) not in read]
        if gone:
            with transaction.atomic():
                Statement.objects.filter(pk__in=gone, missing_run=None).update(
                    missing_at=now, missing_run=run
                )
    return Statement.objects.filter(missing_run=run).count()


def forget_keys(run: uuid.UUID) -> None:
    """The run has ended: which rows it read is told by what they say."""
    Batch.objects.filter(run=run).update(keys=b"")


def _portions(source: Source) -> Iterator[list[tuple[uuid.UUID, bytes]]]:
    """(id, key) of what holds of the source and was not missed before, in the order of the keys."""
    last = b""
    holding = Statement.objects.filter(source=source, ended_at=None, missing_run=None)
    while True:
        rows = holding.filter(key__gt=last).order_by("key").values_list("pk", "key")[:AT_ONCE]
        some = [(pk, bytes(key)) for pk, key in rows]
        if not some:
            return
        yield some
        last = some[-1][1]
