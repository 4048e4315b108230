"""A copy brought back into an empty place, proved equal before it counts.

Everything is built in `.restoring` inside the place. Only when every file, the database's counts
and the ledger's root are as the signed manifest says does it move out; the database moves last,
so that nothing which looks like a house is ever half of one. Stopped, it is taken up again.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from rongdang.base.cipher.keyring import Keyring
from rongdang.base.durable import StorageError, storage_error, sync_folder, write_durably
from rongdang.keep.backups import refusals, secrecy
from rongdang.keep.backups.comparing import (
    ObjectCheck,
    compare_database,
    compare_with_itself,
    known_then,
)
from rongdang.keep.backups.copying import OBJECTS
from rongdang.keep.backups.fetching import Fetcher
from rongdang.keep.backups.manifest import (
    DATABASE,
    MANIFEST,
    PARTS_FILE,
    Listed,
    Manifest,
    read_list,
    read_signed,
)
from rongdang.keep.backups.ports import BackupError, Target
from rongdang.keep.backups.postgresql.bringing import (
    CLUSTER,
    REPLAYED,
    Source,
    base_moment,
    brought,
    joined,
)
from rongdang.keep.backups.retention import COPIES, NAME, copies_of, moment
from rongdang.keep.backups.snapshot import opened
from rongdang.keep.backups.targets.folder import sync_file_system

PLACE, STATE = ".restoring", "state.json"
HOUSE_FILE = "rongdang.db"
Say = Callable[[str], None]


@dataclass(slots=True)
class Restored:
    """What was brought back."""

    copy: str
    files: int = 0
    bytes: int = 0
    objects_read: int = 0
    ledger_size: int = 0
    ledger_root: str = ""
    left_out: list[str] = field(default_factory=list)  # damaged, and allowed to be

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Copy:
    """A finished copy, opened: its manifest is ours, its list is whole, its files are there."""

    source: Target
    name: str
    manifest: Manifest
    parts: list[Listed]
    identities: Sequence[Any]
    until: datetime | None = None  # an earlier moment than the copy's own

    @property
    def cluster(self) -> Source | None:
        """Where the pieces of a PostgreSQL cluster lie."""
        if self.manifest.engine != "postgresql":
            return None
        return Source(self.source, self.manifest.database, self.until)

    def key(self, file: str) -> str:
        return f"{COPIES}{self.name}/{file}"


def open_copy(
    source: Target, *, identities: Sequence[Any], keyring: Keyring, name: str = ""
) -> Copy:
    """The newest (or a named) copy; raises BackupError for whatever makes it unfit to restore."""
    finished, half = copies_of(source)
    if name and name in half:
        raise refusals.half(name)
    if not finished or (name and name not in finished):
        raise refusals.half(half[-1]) if half and not name else refusals.none(source.place, name)
    chosen = name or finished[-1]

    def read(file: str) -> bytes:
        with source.open(f"{COPIES}{chosen}/{file}") as stream:
            return secrecy.decrypt_bytes(stream, identities, file)

    manifest = read_signed(read(MANIFEST), keyring)
    listed = read(PARTS_FILE)
    if hashlib.sha256(listed).hexdigest() != manifest.parts["names"]:
        raise secrecy.damaged(PARTS_FILE)
    copy = Copy(source, chosen, manifest, read_list(listed), identities)
    if copy.cluster is not None:
        copy.cluster.all_there()
        return copy
    sizes = source.sizes(f"{COPIES}{chosen}/")
    if sizes.get(copy.key(DATABASE)) != manifest.database["size"]:
        raise secrecy.damaged(DATABASE)
    return copy


def open_at(
    source: Target, until: datetime, *, identities: Sequence[Any], keyring: Keyring
) -> Copy:
    """The house as it was at a moment between two copies; raises BackupError where that cannot be."""

    def open_named(name: str) -> Copy:
        return open_copy(source, identities=identities, keyring=keyring, name=name)

    names = [moment(name) for name in copies_of(source)[0]]
    later = [at for at in names if at >= until]
    if not later or later[0] == names[0]:
        raise refusals.not_reached(until, names)
    copy = open_named(later[0].strftime(NAME))
    if copy.cluster is None:
        raise refusals.not_reached(until, names)
    database = copy.manifest.database
    if base_moment(database) >= until:
        earlier = open_named(names[names.index(later[0]) - 1].strftime(NAME))
        if earlier.cluster is None:
            raise refusals.not_reached(until, names)
        database = joined(earlier.manifest.database, database)
    return replace(copy, manifest=replace(copy.manifest, database=database), until=until)


def restore(
    copy: Copy, into: Path, *, keyring: Keyring, allow_damaged: bool = False, say: Say = print
) -> Restored:
    """Raises BackupError or StorageError; then the place holds no house, and says so."""
    place = into / PLACE
    told = _state(into)
    if told.get("moving") and told["copy"] == copy.name:
        _move_out(place, into)
        return Restored(**told["result"])
    _must_be_empty(into, told)
    _all_there(copy, allow_damaged=allow_damaged)
    _prepare(place, told, copy.name)
    try:
        result = _build(copy, place, keyring, say, allow_damaged=allow_damaged)
    except StorageError:
        raise  # the disk: what is done stays, the next run takes it up
    except BackupError:
        shutil.rmtree(place, ignore_errors=True)
        raise
    _write_state(place, {"copy": copy.name, "moving": True, "result": result.to_dict()})
    _move_out(place, into)
    return result


def _state(into: Path) -> dict[str, Any]:
    """What an earlier run, stopped midway, says of itself."""
    try:
        told: dict[str, Any] = json.loads((into / PLACE / STATE).read_text())
    except (OSError, ValueError):
        return {}
    return told


def _write_state(place: Path, told: dict[str, Any]) -> None:
    try:
        sync_file_system(place)
    except OSError as error:
        raise storage_error(error) from error
    write_durably(place / STATE, json.dumps(told).encode())


def _must_be_empty(into: Path, told: dict[str, Any]) -> None:
    try:
        held = {path.name for path in into.iterdir()} if into.exists() else set()
    except OSError as error:
        raise refusals.not_empty(into) from error
    if held - {PLACE} or told.get("moving"):
        raise refusals.not_empty(into)


def _prepare(place: Path, told: dict[str, Any], name: str) -> None:
    """The building place; what was built of another copy goes."""
    try:
        if place.exists() and told.get("copy") != name:
            shutil.rmtree(place)
        place.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise storage_error(error) from error
    _write_state(place, {"copy": name})


def _all_there(copy: Copy, *, allow_damaged: bool) -> None:
    """Every file with its length, before anything is written."""
    sizes = {**copy.source.sizes("objects/"), **copy.source.sizes("sealed/")}
    wrong = [part.name for part in copy.parts if sizes.get(part.key) != part.size]
    if wrong and not allow_damaged:
        raise refusals.parts_wrong(wrong)


def _build(copy: Copy, place: Path, keyring: Keyring, say: Say, *, allow_damaged: bool) -> Restored:
    result = Restored(copy.name, ledger_size=copy.manifest.ledger_size)
    with _database(copy, place) as alias:
        parts = copy.parts if copy.until is None else known_then(alias, copy.parts)
        damaged = Fetcher(copy.source, place, ObjectCheck(alias, keyring), say).fetch(parts)
        wrong = [*copy.manifest.missing, *damaged]
        if wrong and not allow_damaged:
            raise refusals.parts_wrong(wrong)
        result.files, result.left_out = len(parts), wrong
        result.bytes = sum(part.size for part in parts)
        result.objects_read = _objects(part.name for part in parts) - _objects(damaged)
        counted = {"read": result.objects_read, "left_out": _objects(wrong)}
        if copy.until is None:
            compare_database(alias, copy.manifest, **counted)
            result.ledger_root = copy.manifest.ledger_root
        else:
            result.ledger_size, result.ledger_root = compare_with_itself(alias, **counted)
    return result


def _objects(names: Iterable[str]) -> int:
    return sum(name.startswith(OBJECTS) for name in names)


@contextmanager
def _database(copy: Copy, place: Path) -> Iterator[str]:
    """The copied database, whole and open."""
    if copy.cluster is not None:
        with brought(copy.cluster, place, lambda *piece: _bring_piece(copy, *piece)) as alias:
            yield alias
        return
    goal = place / HOUSE_FILE
    if not goal.exists():
        _fetch(copy, DATABASE, goal)
    with opened(goal, encrypted=copy.manifest.encrypted) as alias:
        yield alias


def _fetch(copy: Copy, file: str, goal: Path) -> None:
    """Decrypt a file of the copy; it has its name only when it is whole."""
    temporary = goal.with_name(f".{goal.name}.tmp")
    told = copy.manifest.database if file == DATABASE else {}
    try:
        with copy.source.open(copy.key(file)) as stream, temporary.open("wb") as written:
            digested = _Digested(stream)
            secrecy.decrypt(digested, written.write, copy.identities, file)  # type: ignore[arg-type]  # reads only
            digested.read_all()
            written.flush()
            os.fsync(written.fileno())
        _must_equal(digested.digest.hexdigest(), told.get("digest", ""), file)
        temporary.rename(goal)
    except BaseException as error:
        temporary.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise storage_error(error) from error
        raise


def _bring_piece(copy: Copy, key: str, goal: Callable[[bytes], object], digest: str) -> None:
    """Decrypt a piece of a cluster; raises BackupError when it is not the one that was put."""
    with copy.source.open(key) as stream:
        digested = _Digested(stream)
        secrecy.decrypt(digested, goal, copy.identities, key)  # type: ignore[arg-type]  # reads only
        digested.read_all()
    _must_equal(digested.digest.hexdigest(), digest, key)


def _must_equal(digest: str, told: str, file: str) -> None:
    if told and digest != told:
        raise secrecy.damaged(file)


class _Digested:
    """A stream whose bytes are digested as they are read."""

    def __init__(self, stream: Any) -> None:
        self._stream, self.digest = stream, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        piece: bytes = self._stream.read(size)
        self.digest.update(piece)
        return piece

    def read_all(self) -> None:
        while self.read(1 << 20):
            pass


def _move_out(place: Path, into: Path) -> None:
    """Files first, the database last. Cut off here, it is taken up again."""
    try:
        names = sorted(
            (path.name for path in place.iterdir()), key=lambda name: name in (HOUSE_FILE, CLUSTER)
        )
        for name in names:
            if name not in (STATE, REPLAYED):
                (place / name).rename(into / name)
        sync_folder(into)
        shutil.rmtree(place)
        sync_folder(into)
    except OSError as error:
        raise storage_error(error) from error
