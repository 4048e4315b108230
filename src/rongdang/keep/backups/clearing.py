"""What was lawfully destroyed leaves the targets too, once no copy that lists it is kept any more.

From a copy on, a file is listed no longer: its object was destroyed, or another took its place.
Copies before that one still name it, and their databases hold its key; the rule of retention lets
them go one by one. After the last of them the file goes. Only what this house knows as its own is
ever removed, and nothing from an append-only target.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

from django.conf import settings
from django.db import transaction

from rongdang.base.ledger.services import record
from rongdang.keep.backups.copying import OBJECTS, Copied
from rongdang.keep.backups.models import Part, Unlisted
from rongdang.keep.backups.ports import Target
from rongdang.keep.backups.retention import copies_of
from rongdang.keep.objects.models import StoredObject

AT_ONCE = 500
Row = TypeVar("Row")


def note(target: Target, copied: Copied, copy: str) -> None:
    """Remember what the finished copy of that name lists no more."""
    if target.append_only:
        return
    listed = {part.key for part in copied.parts}
    known = Unlisted.objects.filter(target=target.place)
    waiting = set(known.values_list("key", flat=True))
    fresh = (copied.replaced | _destroyed(copied.strange)) - listed - waiting
    with transaction.atomic():
        for keys in _some(waiting & listed):  # they are wanted again
            known.filter(key__in=keys).delete()
        for keys in _some(fresh):
            Part.objects.filter(target=target.place, key__in=keys).delete()
        rows = [Unlisted(target=target.place, key=key, since=copy) for key in sorted(fresh)]
        Unlisted.objects.bulk_create(rows, batch_size=AT_ONCE, ignore_conflicts=True)


def clear(target: Target) -> int:
    """Remove what no kept copy lists; how many files. Raises BackupError or StorageError.

    Cut off in between, the next run removes the rest: a row goes after its file.
    """
    finished, _half = copies_of(target)
    if target.append_only or not finished:
        return 0
    due = Unlisted.objects.filter(target=target.place, since__lte=finished[0])
    gone = 0
    for rows in _some(due.order_by("pk").values_list("pk", "key")):
        for _pk, key in rows:
            target.remove(key)
        gone += len(rows)
        Unlisted.objects.filter(pk__in=[pk for pk, _key in rows]).delete()
    if gone:
        with transaction.atomic():
            detail = {"target": target.place, "files": gone, "oldest_copy": finished[0]}
            record("backup:clear", actor=None, detail=detail)
    return gone


def clear_aside() -> int:
    """Damaged files that were put aside go when their object is destroyed; how many."""
    root: Path = settings.VAR_DIR / "damaged"
    paths = {path.relative_to(root).as_posix(): path for path in root.glob(f"*/{OBJECTS}*/*/*")}
    gone = _destroyed(paths)
    for name in gone:
        paths[name].unlink(missing_ok=True)
    return len(gone)


def _destroyed(keys: Iterable[str]) -> set[str]:
    """Those of objects that were lawfully destroyed here: their rows stay, with their time."""
    by_id = [(identity, key) for key in keys if (identity := _identity(key)) is not None]
    found = set[str]()
    for some in _some(by_id):
        rows = StoredObject.objects.filter(pk__in=[one for one, _key in some])
        gone = set(rows.exclude(shredded_at=None).values_list("pk", flat=True))
        found |= {key for one, key in some if one in gone}
    return found


def _identity(key: str) -> uuid.UUID | None:
    """Of the object whose file lies under this key, perhaps as a second of its name (“~2”)."""
    try:
        return uuid.UUID(key.rsplit("/", 1)[-1].partition("~")[0])
    except ValueError:
        return None


def _some(rows: Iterable[Row]) -> Iterator[list[Row]]:
    ordered = list(rows)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
