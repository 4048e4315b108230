"""A storage root: objects found by the digest of their id, versions added whole or not at all.

A version is built in `extensions/rongdang-staging`, flushed, and moved into place by one rename.
Then the root inventory follows; a crash between the two is completed by the next run.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from rongdang.base.durable import storage_error, sync_folder, write_durably
from rongdang.base.ids import uuid7
from rongdang.keep.packages.ocfl.inventory import (
    ALGORITHM,
    CONTENT,
    FILE,
    SPEC,
    Inventory,
    OcflError,
    VersionNote,
    next_inventory,
    read_inventory,
)

LAYOUT = "0003-hash-and-id-n-tuple-storage-layout"
STAGING = "rongdang-staging"
STALE = 3600.0  # seconds after which an unfinished version is rubbish of a killed process


@dataclass(frozen=True, slots=True)
class Staged:
    """A version that is complete on disk but not yet part of the object."""

    folder: Path
    goal: Path
    inventory: Inventory

    def install(self) -> None:
        """Make it the object's newest version; raises OcflError when another was first."""
        try:
            if self.inventory.number == 1:
                self.goal.parent.mkdir(parents=True, exist_ok=True)
                self._move(self.folder, self.goal)
                for folder in list(self.goal.parents)[1:4]:  # the tuples may be new
                    sync_folder(folder)
            else:
                version = self.goal / self.inventory.head
                self._move(self.folder / self.inventory.head, version)
                _install_inventory(self.folder, self.goal, self.inventory)
            self.discard()
        except OSError as error:
            raise storage_error(error) from error

    def discard(self) -> None:
        """Take away what is left of the building place."""
        _clear(self.folder)

    def _move(self, source: Path, goal: Path) -> None:
        if goal.exists():
            raise OcflError(
                "这一版刚由别人入库，没有覆盖。",
                "This version has just been sealed by somebody else; nothing was overwritten.",
                code="version-exists",
                status=409,
            )
        source.rename(goal)
        sync_folder(goal.parent)


class StorageRoot:
    """OCFL 1.1 storage root in a folder; made on first use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path_of(self, object_id: str) -> Path:
        """Extension 0003: three tuples of three hex digits, then the id, percent-encoded."""
        digest = hashlib.sha256(object_id.encode()).hexdigest()
        encoded = "".join(
            chr(c) if (chr(c).isalnum() and c < 128) or chr(c) in "-_" else f"%{c:02x}"
            for c in object_id.encode()
        )
        if len(encoded) > 100:
            encoded = f"{encoded[:100]}-{digest}"
        return self.folder / digest[:3] / digest[3:6] / digest[6:9] / encoded

    def objects(self) -> Iterator[Path]:
        """Folders of all objects, in order of path."""
        for path in sorted(self.folder.rglob("0=ocfl_object_*")):
            if "extensions" not in path.relative_to(self.folder).parts:
                yield path.parent

    def inventory(self, object_id: str) -> Inventory | None:
        return read_inventory(self.path_of(object_id))

    def open(self, object_id: str, logical: str, version: str = "") -> BinaryIO:
        """The bytes of a logical path; raises OcflError when there are none."""
        inventory = self.inventory(object_id)
        try:
            assert inventory is not None
            return (self.path_of(object_id) / inventory.content_path(logical, version)).open("rb")
        except (AssertionError, KeyError, FileNotFoundError) as error:
            raise OcflError(
                f"入库存储里找不到 {logical}，可能被移走或删除。",
                f"{logical} is not in the sealed store; it may have been moved or deleted.",
                hint_zh="请系统管理员从备份恢复，再运行 rongdang verify。",
                hint_en="Restore it from backup, then run rongdang verify.",
                code="missing",
            ) from error

    def complete(self, object_id: str) -> Inventory | None:
        """Finish what a crash between rename and root inventory left; the newest inventory."""
        goal = self.path_of(object_id)
        if not goal.is_dir():
            return None
        numbers = [int(p.name[1:]) for p in goal.glob("v*") if p.name[1:].isdecimal()]
        newest = read_inventory(goal / f"v{max(numbers, default=0)}")
        if newest is None:
            return read_inventory(goal)
        try:
            current = read_inventory(goal)
        except OcflError:
            if (goal / FILE).read_bytes() != newest.raw:
                raise
            current = None
        if current is None or current.number == newest.number - 1:
            place = self._place(goal)
            try:
                _install_inventory(place, goal, newest)
            except OSError as error:
                raise storage_error(error) from error
            finally:
                _clear(place)
            return newest
        return current

    def stage(
        self,
        object_id: str,
        files: Mapping[str, Iterable[bytes]],
        note: VersionNote,
        *,
        kept: Iterable[str] = (),
    ) -> Staged:
        """Build the next version from new files and logical paths kept from the one before.

        Raises StorageError, and then nothing is left behind.
        """
        before = self.complete(object_id)
        goal, number = self.path_of(object_id), before.number + 1 if before else 1
        place = self._place(goal)
        try:
            self._prepare(goal.name)
            added = {
                logical: _write(place / f"v{number}" / CONTENT / logical, chunks)
                for logical, chunks in files.items()
            }
            inventory = next_inventory(object_id, before, note, added=added, kept=kept)
            staged = Staged(place, goal, inventory)
            _drop_known(staged, added)
            _finish(staged)
        except BaseException as error:
            _clear(place)
            if isinstance(error, OSError):
                raise storage_error(error) from error
            raise
        return staged

    def _place(self, goal: Path) -> Path:
        """Where a version of that object is built."""
        return self.folder / "extensions" / STAGING / f"{goal.name}.{uuid7()}"

    def _prepare(self, name: str) -> None:
        """The root's own files; and away with what a killed run left of this object."""
        staging = self.folder / "extensions" / STAGING
        (self.folder / "extensions" / LAYOUT).mkdir(parents=True, exist_ok=True)
        declaration = self.folder / f"0=ocfl_{SPEC}"
        if not declaration.exists():
            config = {
                "extensionName": LAYOUT,
                "digestAlgorithm": "sha256",
                "tupleSize": 3,
                "numberOfTuples": 3,
            }
            described = {"extension": LAYOUT, "description": "sha256, 3 x 3, then the encoded id"}
            for path, body in (
                (self.folder / "extensions" / LAYOUT / "config.json", config),
                (self.folder / "ocfl_layout.json", described),
            ):
                write_durably(path, json.dumps(body, indent=1).encode())
            write_durably(declaration, f"ocfl_{SPEC}\n".encode())
        for left in staging.glob(f"{name}.*") if staging.is_dir() else ():
            if time.time() - left.stat().st_mtime > STALE:
                shutil.rmtree(left, ignore_errors=True)


def _install_inventory(place: Path, goal: Path, inventory: Inventory) -> None:
    """Root inventory and sidecar, each replaced in one step from the building place.

    The object's own folder never holds a half-written file, however the machine dies.
    """
    place.mkdir(parents=True, exist_ok=True)
    for name, data in ((FILE, inventory.raw), (f"{FILE}.{ALGORITHM}", _sidecar(inventory))):
        write_durably(place / name, data)
        (place / name).replace(goal / name)
        sync_folder(goal)


def _write(path: Path, chunks: Iterable[bytes]) -> dict[str, str]:
    """Write, flush; the digests of what was written."""
    sums = {name: hashlib.new(name) for name in (ALGORITHM, "sha256")}
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as file:
        for chunk in chunks:
            file.write(chunk)
            for one in sums.values():
                one.update(chunk)
        file.flush()
        os.fsync(file.fileno())
    return {name: one.hexdigest() for name, one in sums.items()}


def _drop_known(staged: Staged, added: Mapping[str, Mapping[str, str]]) -> None:
    """Bytes the object holds already are pointed to, not kept twice."""
    held = {path for paths in staged.inventory.body["manifest"].values() for path in paths}
    for logical in added:
        place = f"{staged.inventory.head}/{CONTENT}/{logical}"
        if place not in held:
            (staged.folder / place).unlink()
    content = staged.folder / staged.inventory.head / CONTENT
    if content.is_dir() and not any(content.iterdir()):
        content.rmdir()


def _clear(place: Path) -> None:
    shutil.rmtree(place, ignore_errors=True)
    try:
        place.parent.rmdir()
    except OSError:
        return  # another version is being built beside it


def _finish(staged: Staged) -> None:
    """Inventory and sidecar into the version (and into a new object's root), all flushed."""
    version = staged.folder / staged.inventory.head
    version.mkdir(parents=True, exist_ok=True)
    folders = [version]
    if staged.inventory.number == 1:
        write_durably(staged.folder / f"0=ocfl_object_{SPEC}", f"ocfl_object_{SPEC}\n".encode())
        folders.append(staged.folder)
    for folder in reversed(folders):
        write_durably(folder / FILE, staged.inventory.raw)
        write_durably(folder / f"{FILE}.{ALGORITHM}", _sidecar(staged.inventory))
    for folder in (version, *(path for path in version.rglob("*") if path.is_dir())):
        sync_folder(folder)


def _sidecar(inventory: Inventory) -> bytes:
    return f"{inventory.digest} {FILE}\n".encode()
