"""A copy brought back into an empty place, proved equal before it counts.

Everything is built in `.restoring` inside the place. Only when every file, the database's counts
and the ledger's root are as the signed manifest says does it move out; the database moves last,
so that nothing which looks like a house is ever half of one. Stopped, it is taken up again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from rongdang.base.cipher.keyring import Keyring
from rongdang.base.durable import StorageError, storage_error, sync_folder, write_durably
from rongdang.keep.backups import secrecy
from rongdang.keep.backups.comparing import ObjectCheck, compare_database
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
from rongdang.keep.backups.retention import COPIES, copies_of
from rongdang.keep.backups.snapshot import opened
from rongdang.keep.backups.targets.folder import sync_file_system

PLACE, STATE = ".restoring", "state.json"
HOUSE_FILE = "rongdang.db"
EVERY = 50  # files between two words of progress
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

    def key(self, file: str) -> str:
        return f"{COPIES}{self.name}/{file}"


def open_copy(
    source: Target, *, identities: Sequence[Any], keyring: Keyring, name: str = ""
) -> Copy:
    """The newest (or a named) copy; raises BackupError for whatever makes it unfit to restore."""
    finished, half = copies_of(source)
    if name and name in half:
        raise _half(name)
    if not finished or (name and name not in finished):
        raise _half(half[-1]) if half and not name else _none(source.place, name)
    chosen = name or finished[-1]

    def read(file: str) -> bytes:
        with source.open(f"{COPIES}{chosen}/{file}") as stream:
            return secrecy.decrypt_bytes(stream, identities, file)

    manifest = read_signed(read(MANIFEST), keyring)
    listed = read(PARTS_FILE)
    if hashlib.sha256(listed).hexdigest() != manifest.parts["names"]:
        raise secrecy.damaged(PARTS_FILE)
    copy = Copy(source, chosen, manifest, read_list(listed), identities)
    sizes = source.sizes(f"{COPIES}{chosen}/")
    if sizes.get(copy.key(DATABASE)) != manifest.database["size"]:
        raise secrecy.damaged(DATABASE)
    return copy


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
        raise _not_empty(into) from error
    if held - {PLACE} or told.get("moving"):
        raise _not_empty(into)


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
        raise _parts_wrong(wrong)


def _build(copy: Copy, place: Path, keyring: Keyring, say: Say, *, allow_damaged: bool) -> Restored:
    result = Restored(copy.name, ledger_size=copy.manifest.ledger_size)
    wrong: list[str] = list(copy.manifest.missing)
    with _database(copy, place) as alias:
        check = ObjectCheck(alias, keyring)
        for done, part in enumerate(copy.parts, 1):
            if done % EVERY == 1:
                check.look_up([one.name for one in copy.parts[done - 1 : done - 1 + EVERY]])
            if not _part(copy, part, place, check):
                wrong.append(part.name)
            result.files, result.bytes = done, result.bytes + part.size
            if done % EVERY == 0:
                say(f"恢复 / restored {done}/{len(copy.parts)}")
        if wrong and not allow_damaged:
            raise _parts_wrong(wrong)
        result.objects_read, result.left_out = check.read, wrong
        gone = sum(name.startswith("objects/") for name in wrong)
        compare_database(alias, copy.manifest, read=check.read, left_out=gone)
        result.ledger_root = copy.manifest.ledger_root
    return result


@contextmanager
def _database(copy: Copy, place: Path) -> Iterator[str]:
    """The copied database, whole and open."""
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


def _part(copy: Copy, part: Listed, place: Path, check: ObjectCheck) -> bool:
    """Bring one file back; False when it is not as it was put. What is there already is compared."""
    goal = place / part.name
    if goal.exists() and _digest_of(goal) != part.digest:
        goal.unlink()
    try:
        if not goal.exists():
            return _brought(copy, part, goal, check)
        with goal.open("rb") as file:
            return check.holds(part.name, file)
    except OSError as error:
        raise storage_error(error) from error


def _brought(copy: Copy, part: Listed, goal: Path, check: ObjectCheck) -> bool:
    """It has its name only when its bytes are the listed ones; short files are judged in memory."""
    goal.parent.mkdir(parents=True, exist_ok=True)
    temporary = goal.with_name(f".{goal.name}.tmp")
    try:
        held = _copied(copy, part, temporary)
        if held is None:
            return False
        whole = check.holds(part.name, io.BytesIO(held) if held else temporary.open("rb"))
        if whole:
            temporary.rename(goal)
        return whole
    finally:
        temporary.unlink(missing_ok=True)


def _copied(copy: Copy, part: Listed, goal: Path) -> bytes | None:
    """Written, and equal to the list? None if not; the bytes themselves where they are few."""
    digest, first = hashlib.sha256(), b""
    try:
        stream = copy.source.open(part.key)
    except BackupError:
        return None
    with stream, goal.open("wb", buffering=0) as file:
        while piece := stream.read(1 << 20):
            first = first or piece
            digest.update(piece)
            file.write(piece)
    if digest.hexdigest() != part.digest:
        return None
    return first if len(first) == part.size else b""


def _digest_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _move_out(place: Path, into: Path) -> None:
    """Files first, the database last. Cut off here, it is taken up again."""
    try:
        names = sorted((path.name for path in place.iterdir()), key=lambda name: name == HOUSE_FILE)
        for name in names:
            if name != STATE:
                (place / name).rename(into / name)
        sync_folder(into)
        shutil.rmtree(place)
        sync_folder(into)
    except OSError as error:
        raise storage_error(error) from error


def _parts_wrong(names: Sequence[str]) -> BackupError:
    shown = "、".join(names[:20]) + ("……" if len(names) > 20 else "")
    return BackupError(
        f"备份里有 {len(names)} 个文件缺少或被改动：{shown}。没有恢复任何东西。",
        f"{len(names)} files of the backup are missing or were changed: {shown}. Nothing was restored.",
        hint_zh="请换另一份备份或另一处目标；实在没有，加 --allow-damaged 恢复其余的。",
        hint_en="Use another copy or target; if there is none, --allow-damaged restores the rest.",
        code="parts-damaged",
    )


def _half(name: str) -> BackupError:
    return BackupError(
        f"备份“{name}”没有做完，不能用；没有恢复任何东西。",
        f"The copy “{name}” was never finished; nothing was restored.",
        hint_zh="请用更早的一份（不写 --copy 就是最近做完的一份）。",
        hint_en="Use an earlier one (without --copy it is the newest finished).",
        code="half-copy",
    )


def _none(place: str, name: str) -> BackupError:
    return BackupError(
        f"“{place}”里没有{'这份' if name else '做完的'}备份，没有恢复任何东西。",
        f"“{place}” holds no {'such' if name else 'finished'} copy; nothing was restored.",
        hint_zh="请核对备份目标。",
        hint_en="Check the place of the backup.",
        code="no-copy",
    )


def _not_empty(into: Path) -> BackupError:
    return BackupError(
        f"“{into}”不是空的，没有恢复；里面的东西都没有动。",
        f"“{into}” is not empty; nothing was restored and nothing in it was touched.",
        hint_zh="请另选一个空文件夹。",
        hint_en="Choose an empty folder.",
        code="not-empty",
    )
