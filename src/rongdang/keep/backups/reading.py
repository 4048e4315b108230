"""One file of the house re-read: is it whole, and if not, what can be done."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from rongdang.keep.backups.comparing import opens_at
from rongdang.keep.backups.copying import OBJECTS, SEALED, object_name, path_of, sealed_names
from rongdang.keep.backups.findings import Finding
from rongdang.keep.backups.mending import digest_of, mend
from rongdang.keep.backups.models import KeptFile
from rongdang.keep.backups.sealed_files import (
    expected,
    is_root_file,
    renew_root_file,
    root_file_whole,
    said_whole,
)
from rongdang.keep.objects.models import StoredObject

BATCH = 200
NEVER = datetime(1970, 1, 1, tzinfo=UTC)


def due(begun: datetime) -> list[str]:
    """Names of all files not read since `begun`, the longest unread first."""
    objects = StoredObject.objects.filter(shredded_at=None).values_list("verified_at", "pk")
    rows = [(at or NEVER, object_name(pk)) for at, pk in objects.iterator(2000)]
    known = dict(
        KeptFile.objects.filter(name__startswith=SEALED).values_list("name", "verified_at")
    )
    rows += [(known.get(name) or NEVER, name) for name in {*known, *expected(), *sealed_names()}]
    return [name for at, name in sorted(rows) if at < begun]


class Reader:
    """Re-reads files one by one; records what is whole in batches."""

    def __init__(self) -> None:
        self.found: list[Finding] = []
        self.renewed = 0  # whole, but written anew since it was last read
        self._whole: list[KeptFile] = []
        self._objects: list[uuid.UUID] = []

    def read(self, name: str) -> int:
        """Bytes read; a finding is added when it is not whole, and mended where that is possible."""
        size = path_of(name).stat().st_size if path_of(name).is_file() else 0
        row = KeptFile.objects.filter(name=name).first()
        if name.startswith(OBJECTS):
            self._object(name, row)
        else:
            self._sealed(name, row)
        if len(self._whole) + len(self._objects) >= BATCH:
            self.settle()
        return size

    def settle(self) -> None:
        """Write down what was found whole."""
        now = timezone.now()
        StoredObject.objects.filter(pk__in=self._objects).update(verified_at=now)
        for row in self._whole:
            row.verified_at = now
        fields = ["size", "digest", "verified_at", "group"]
        KeptFile.objects.bulk_create(
            self._whole, update_conflicts=True, unique_fields=["name"], update_fields=fields
        )
        self._whole, self._objects = [], []

    def _object(self, name: str, row: KeptFile | None) -> None:
        key, lost = uuid.UUID(name.rsplit("/", 1)[-1]), not path_of(name).is_file()
        stored = StoredObject.objects.filter(pk=key, shredded_at=None).first()
        if stored is None:  # lawfully destroyed since the list was made
            KeptFile.objects.filter(name=name).delete()
            return

        def whole(path: Path) -> bool:
            return opens_at(stored, path, settings.KEYRING)

        if whole(path_of(name)) or (self._wrong(name, lost=lost, mended=mend(name, whole))):
            self._objects.append(stored.pk)
            self._keep(name, row)

    def _sealed(self, name: str, row: KeptFile | None) -> None:
        path = path_of(name)
        lost = not path.is_file()
        if is_root_file(name):
            sound = root_file_whole(path)
            how = "version" if not sound and renew_root_file(path) else ""
            if sound or self._wrong(name, lost=lost, mended=how):
                self._keep(name, row)
            return

        def whole(candidate: Path) -> bool:
            if row is not None and digest_of(candidate) == row.digest:
                return True
            return candidate.is_file() and said_whole(path, candidate) is True

        if whole(path) or self._wrong(name, lost=lost, mended=mend(name, whole)):
            self._keep(name, row)

    def _wrong(self, name: str, *, lost: bool, mended: str) -> bool:
        code, zh, en = (
            ("missing", "不在存储里。", "It is not in the store.")
            if lost
            else ("damaged", "与存入时不同。", "It is not as it was put.")
        )
        self.found.append(Finding(code, name, zh, en, mended))
        return bool(mended)

    def _keep(self, name: str, row: KeptFile | None) -> None:
        path = path_of(name)
        fresh = KeptFile(name=name, digest=digest_of(path), size=path.stat().st_size)
        if row is not None and row.digest == fresh.digest:
            fresh.group_id = row.group_id
        elif row is not None:
            self.renewed += 1
        self._whole.append(fresh)
