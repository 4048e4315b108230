"""Files of the house into a target: what it holds already is left alone, nothing is overwritten."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction

from rongdang.base.cipher.suites import AES
from rongdang.base.durable import storage_error
from rongdang.base.threads import at_once
from rongdang.keep.backups import moving
from rongdang.keep.backups.manifest import Listed
from rongdang.keep.backups.models import Part
from rongdang.keep.backups.ports import Target
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.services import key_of
from rongdang.keep.packages.ocfl.storage import STAGING

BATCH, BATCH_BYTES = 2048, 512 << 20  # what is made durable, and put on record, at a time
OBJECTS, SEALED = "objects/", "sealed/"
ROOT_FILES = ("inventory.json", "inventory.json.sha512")  # of an OCFL object: its newest version's


def path_of(name: str) -> Path:
    """Where a file of that name lies in this house."""
    area, _, rest = name.partition("/")
    root: Path = settings.OBJECT_ROOT if area == "objects" else settings.SEALED_ROOT
    return root / rest


def object_name(object_id: object) -> str:
    return OBJECTS + key_of(object_id)  # type: ignore[arg-type]  # a UUID, from a values_list


def sealed_names() -> list[str]:
    """Every file of the sealed store, whatever is still being built left out."""
    root: Path = settings.SEALED_ROOT
    return [
        SEALED + path.relative_to(root).as_posix()
        for path in sorted(root.rglob("*"))
        if path.is_file() and STAGING not in path.parts and not path.name.endswith(".tmp")
    ]


@dataclass(slots=True)
class Copied:
    """What came of it."""

    parts: list[Listed] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)  # not in the house, nor in the target
    new_parts: int = 0
    new_bytes: int = 0
    replaced: set[str] = field(default_factory=set)  # keys of ours in the target, listed no more
    strange: set[str] = field(default_factory=set)  # keys there that no row of ours speaks of


class Copier:
    """One pass over all files of the house for one target."""

    def __init__(self, target: Target, progress: Callable[[str], None] | None = None) -> None:
        self.target, self.say = target, progress or (lambda _text: None)
        self.copied = Copied()
        self._rows = {
            row.name: row for row in Part.objects.filter(target=target.place).iterator(2000)
        }
        rows = StoredObject.objects.filter(shredded_at=None).exclude(suite=AES.number)
        self._suites = {
            object_name(pk): number for pk, number in rows.values_list("pk", "suite").iterator(2000)
        }
        self._held = {**target.sizes(OBJECTS), **target.sizes(SEALED)}
        self._fresh: list[Listed] = []
        self._due: list[tuple[str, str, Path]] = []  # name, key, where it lies
        self._due_bytes = 0

    def copy(self, names: Iterable[str]) -> Copied:
        """Raises StorageError; what was copied before is kept and known to the next run."""
        done = 0
        try:
            for done, name in enumerate(names, 1):
                self._one(name)
                if len(self._due) + len(self._fresh) >= BATCH or self._due_bytes >= BATCH_BYTES:
                    self._settle()
                    self.say(f"备份 / backup {done}")
            self._copy_due()
        finally:
            self._record()
        self.say(f"备份 / backup {done}")
        self._tell_unlisted()
        return self.copied

    def _tell_unlisted(self) -> None:
        listed = {part.key for part in self.copied.parts}
        unlisted, ours = self._held.keys() - listed, {row.key for row in self._rows.values()}
        self.copied.replaced, self.copied.strange = unlisted & ours, unlisted - ours

    def _one(self, name: str) -> None:
        path, row = path_of(name), self._rows.get(name)
        there = row is not None and self._held.get(row.key) == row.size
        try:
            size = path.stat().st_size
        except FileNotFoundError:
            if row is not None and there:
                self.copied.parts.append(_listed(row))
            else:
                self.copied.missing.append(name)
            return
        except OSError as error:
            raise storage_error(error) from error
        if row is not None and there and row.size == size and self._unchanged(row, path):
            self.copied.parts.append(_listed(row))
            return
        self._choose(name, path, size)

    def _unchanged(self, row: Part, path: Path) -> bool:
        """Only the root inventory of a sealed object and its sidecar ever change: they are read anew."""
        parts = row.name.split("/")
        mutable = parts[-1] in ROOT_FILES and not parts[-2].startswith("v")
        return _digest(path) == row.digest if mutable else row.suite == self._suite(row.name)

    def _suite(self, name: str) -> int:
        """As the rows told when this pass began: a file's bytes may be of a later suite, never of an earlier."""
        return self._suites.get(name, AES.number)

    def _choose(self, name: str, path: Path, size: int) -> None:
        """A free key for it, unless the target holds these very bytes already."""
        key = name
        for number in range(2, 1000):
            if key not in self._held:
                break
            if self._held[key] == size and (same := self._same(key, path)):
                self._known(Listed(name, key, same, size))
                return
            key = f"{name}~{number}"
        self._held[key] = size
        self._due.append((name, key, path))
        self._due_bytes += size

    def _copy_due(self) -> None:
        due, size = self._due, self._due_bytes
        self._due, self._due_bytes = [], 0
        with at_once(size if self.target.several else 0) as run:
            taken = run(self._taken, due)
        for part in taken:
            self._held[part.key] = part.size
            self._known(part)
            self.copied.new_parts += 1
            self.copied.new_bytes += part.size

    def _taken(self, due: tuple[str, str, Path]) -> Listed:
        """Digest and copy are of one open file: replaced meanwhile, it is the earlier one twice."""
        name, key, path = due
        try:
            with path.open("rb", buffering=0) as file:
                source = cast(BinaryIO, file)
                self.target.take(key, source)
                size = file.tell()
                file.seek(0)
                return Listed(name, key, moving.digest_of(source), size)
        except OSError as error:
            raise storage_error(error) from error

    def _same(self, key: str, path: Path) -> str:
        """The digest when what the target holds under that key is this file; else nothing."""
        digest = _digest(path)
        with self.target.open(key) as theirs:
            return digest if moving.digest_of(theirs) == digest else ""

    def _known(self, part: Listed) -> None:
        self.copied.parts.append(part)
        self._fresh.append(part)

    def _settle(self) -> None:
        self._copy_due()
        self._record()

    def _record(self) -> None:
        """Durable there first, then on record here; what was taken before an error has its name too."""
        self.target.flush()
        if not self._fresh:
            return
        rows = [
            Part(
                target=self.target.place,
                name=one.name,
                key=one.key,
                digest=one.digest,
                size=one.size,
                suite=self._suite(one.name),
            )
            for one in self._fresh
        ]
        with transaction.atomic():
            Part.objects.bulk_create(
                rows,
                update_conflicts=True,
                unique_fields=["target", "name"],
                update_fields=["key", "digest", "size", "suite"],
            )
        self._fresh = []


def _digest(path: Path) -> str:
    try:
        with path.open("rb", buffering=0) as file:
            return moving.digest_of(cast(BinaryIO, file))
    except OSError as error:
        raise storage_error(error) from error


def _listed(row: Part) -> Listed:
    return Listed(row.name, row.key, row.digest, row.size)
