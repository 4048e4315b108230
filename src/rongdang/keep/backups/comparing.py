"""Is what was brought back equal to what was copied? Counts, digests, the ledger's root."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path

from rongdang.base.cipher.envelope import EnvelopeReader
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import DomainError
from rongdang.keep.backups.manifest import Manifest
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.snapshot import facts_of, recomputed_root
from rongdang.keep.objects.models import StoredObject

AT_ONCE = 1 << 23  # bytes; longer objects are read by pieces


class ObjectCheck:
    """Opens each object that came back with its own key, and compares the plain bytes' digest."""

    def __init__(self, alias: str, keyring: Keyring) -> None:
        self.alias, self.keyring = alias, keyring
        self.read, self.wrong = 0, list[str]()

    def holds(self, name: str, path: Path) -> bool:
        """A file of the sealed store is judged by its list alone; its own digests lie inside it."""
        if not name.startswith("objects/") or not self.alias:
            return True
        stored = self._row(name)
        if stored is None or not opens(stored, path, self.keyring):
            self.wrong.append(name)
            return False
        self.read += 1
        return True

    def _row(self, name: str) -> StoredObject | None:
        try:
            key = uuid.UUID(name.rsplit("/", 1)[-1])
        except ValueError:
            return None
        return StoredObject.objects.using(self.alias).filter(pk=key).first()


def opens(stored: StoredObject, path: Path, keyring: Keyring) -> bool:
    """Do the encrypted bytes at `path` open with the object's own key, and match its digest?"""
    digest, size = hashlib.sha256(), 0
    try:
        key = keyring.unwrap(stored.key_id, bytes(stored.wrapped_key), stored.pk.bytes)
        with path.open("rb") as file, EnvelopeReader(file, key) as reader:
            if reader.header.file_id != stored.pk:
                return False
            while piece := reader.readall() if reader.length <= AT_ONCE else reader.read(1 << 20):
                digest.update(piece)
                size += len(piece)
    except (DomainError, OSError):
        return False
    return digest.hexdigest() == stored.digest and size == stored.size


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
    live = StoredObject.objects.using(alias).filter(shredded_at=None).count()
    if live != read + left_out:
        differ.append(f"objects {read}≠{live - left_out}")
    if differ:
        raise BackupError(
            f"恢复出来的与备份清单不符（{'，'.join(differ)}），没有恢复任何东西。",
            f"What came back differs from the manifest ({', '.join(differ)}); nothing was restored.",
            hint_zh="请换另一份备份。",
            hint_en="Use another copy.",
            code="not-equal",
        )
