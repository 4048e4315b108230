"""Is what was brought back equal to what was copied? Counts, digests, the ledger's root."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

from rongdang.base.cipher.envelope import EnvelopeReader
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import DomainError
from rongdang.keep.backups.copying import OBJECTS, object_name
from rongdang.keep.backups.manifest import Listed, Manifest
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.snapshot import facts_of, recomputed_root
from rongdang.keep.objects.digests import of as digests_of
from rongdang.keep.objects.models import StoredObject


class ObjectCheck:
    """Opens each object that came back with its own key, and compares the plain bytes' digests."""

    def __init__(self, alias: str, keyring: Keyring) -> None:
        self.alias, self.keyring = alias, keyring
        self._rows: dict[str, StoredObject] = {}

    def look_up(self, names: Sequence[str]) -> None:
        """Fetch what the database says of these, all at once."""
        keys = [key for name in names if (key := _key(name)) is not None]
        rows = StoredObject.objects.using(self.alias).filter(pk__in=keys)
        self._rows = {object_name(row.pk): row for row in rows}

    def judges(self, name: str) -> bool:
        """Not a file of the sealed store: that is judged by its list; its own digests lie inside it."""
        return name.startswith(OBJECTS)

    def holds(self, name: str, file: BinaryIO) -> bool:
        """Of an object that was looked up; needs no database."""
        stored = self._rows.get(name)
        return stored is not None and opens(stored, file, self.keyring)


def _key(name: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(name.rsplit("/", 1)[-1]) if name.startswith(OBJECTS) else None
    except ValueError:
        return None


def opens_at(stored: StoredObject, path: Path, keyring: Keyring) -> bool:
    """As `opens`, of the file at `path`."""
    try:
        with path.open("rb") as file:
            return opens(stored, file, keyring)
    except OSError:
        return False


def opens(stored: StoredObject, file: BinaryIO, keyring: Keyring) -> bool:
    """Do these encrypted bytes open with the object's own key, and match its digests?"""
    digests = digests_of(stored)
    try:
        key = keyring.unwrap(stored.key_id, bytes(stored.wrapped_key), stored.pk.bytes)
        with EnvelopeReader(file, key) as reader:
            if reader.header.file_id != stored.pk:
                return False
            for chunk in reader.chunks():
                digests.update(chunk)
    except (DomainError, OSError):
        return False
    return digests.fit(stored)


def compare_database(alias: str, manifest: Manifest, *, read: int, left_out: int) -> None:
    """Raises BackupError naming what differs; `read` and `left_out` count objects."""
    facts = facts_of(alias)
    differ = [
        f"{table} {facts.counts.get(table, 0)}≠{count}"
        for table, count in manifest.counts.items()
        if facts.counts.get(table, 0) != count
    ]
    size, root = recomputed_root(alias)
    if (size, root) != (manifest.ledger_size, manifest.ledger_root):
        differ.append(f"ledger {size}≠{manifest.ledger_size}")
    differ += _objects_differ(alias, read, left_out)
    _refuse(differ)


def known_then(alias: str, parts: Sequence[Listed]) -> list[Listed]:
    """Of a copy's files those that an earlier database speaks of; the sealed store comes whole."""
    live = StoredObject.objects.using(alias).filter(shredded_at=None)
    names = {object_name(pk) for pk in live.values_list("pk", flat=True).iterator(2000)}
    return [part for part in parts if not part.name.startswith(OBJECTS) or part.name in names]


def compare_with_itself(alias: str, *, read: int, left_out: int) -> tuple[int, str]:
    """A moment no manifest speaks of: its tree is its entries', its objects are there; size and root."""
    facts, (size, root) = facts_of(alias), recomputed_root(alias)
    differ = []
    if (size, root) != (facts.ledger_size, facts.ledger_root):
        differ.append(f"ledger {size}≠{facts.ledger_size}")
    differ += _objects_differ(alias, read, left_out)
    _refuse(differ)
    return size, root


def _objects_differ(alias: str, read: int, left_out: int) -> list[str]:
    live = StoredObject.objects.using(alias).filter(shredded_at=None).count()
    return [] if live == read + left_out else [f"objects {read}≠{live - left_out}"]


def _refuse(differ: Sequence[str]) -> None:
    if differ:
        raise BackupError(
            f"恢复出来的与备份清单不符（{'，'.join(differ)}），没有恢复任何东西。",
            f"What came back differs from the manifest ({', '.join(differ)}); nothing was restored.",
            hint_zh="请换另一份备份。",
            hint_en="Use another copy.",
            code="not-equal",
        )
