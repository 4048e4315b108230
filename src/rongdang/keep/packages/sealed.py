"""The sealed form of a case file: one OCFL object, its bytes in encrypted zip volumes.

Each version adds `volume-N.zip.rde` (N = version): a zip without compression, sealed under the key
ring as one stream, so that a stolen disk shows neither names nor pages nor their number. The newest
volume holds `目录.json` (the whole catalogue; where each page's bytes lie) and `目录.txt`; pages of
earlier versions stay in theirs. `说明.txt` beside it tells how to open it. docs/decisions/0004.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO, cast

from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.sealed import ChunkReader, open_sealed, sealed
from rongdang.keep.packages.ocfl.inventory import Inventory, OcflError, VersionNote
from rongdang.keep.packages.ocfl.storage import Staged, StorageRoot
from rongdang.keep.packages.zipping import zip_chunks

PURPOSE = "sealed"
CATALOGUE, CATALOGUE_TEXT, EXPLANATION = "目录.json", "目录.txt", "说明.txt"
FORMAT = "rongdang-sealed 1"


@dataclass(frozen=True, slots=True)
class Member:
    """One file to keep: name inside the volume, SHA-256 of its bytes, and how to read them."""

    name: str
    digest: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Contents:
    """What a version is to hold. `catalogue` names bytes by SHA-256; places are filled in here."""

    object_id: str
    catalogue: Mapping[str, Any]
    text: str  # the catalogue for people
    members: tuple[Member, ...] = field(default=())


class SealedStore:
    """Sealed case files under one storage root."""

    def __init__(self, folder: Path, keyring: Keyring) -> None:
        self.root, self.keyring = StorageRoot(folder), keyring

    def stage(self, contents: Contents, note: VersionNote) -> Staged:
        """Build the next version; bytes that an earlier volume holds are not written again."""
        before = self.root.complete(contents.object_id)
        volume = volume_name(before.number + 1 if before else 1)
        held = self.places(contents.object_id) if before else {}
        wanted = {member.digest: member for member in reversed(contents.members)}
        places = {
            digest: held.get(digest, (volume, member.name)) for digest, member in wanted.items()
        }
        fresh = [member for digest, member in wanted.items() if digest not in held]
        body = {"format": FORMAT, **contents.catalogue, "places": places}
        chunks = zip_chunks(
            [
                (CATALOGUE, lambda: _json(body)),
                (CATALOGUE_TEXT, contents.text.encode),
                *((member.name, member.read) for member in reversed(fresh)),
            ]
        )
        needed = {place[0] for place in places.values()} - {volume}
        return self.root.stage(
            contents.object_id,
            {
                volume: sealed(self.keyring, PURPOSE, cast(BinaryIO, ChunkReader(chunks))),
                EXPLANATION: iter([explanation().encode()]),
            },
            note,
            kept=sorted(needed),
        )

    def catalogue(self, object_id: str, version: str = "") -> dict[str, Any] | None:
        """The catalogue of the newest (or a named) version; None when nothing is sealed.

        Raises OcflError, DamagedError or KeyringError when it cannot be read.
        """
        inventory = self.root.inventory(object_id)
        if inventory is None:
            return None
        number = int((version or inventory.head)[1:])
        with self.open_volume(object_id, volume_name(number), version) as volume:
            body: dict[str, Any] = json.loads(volume.read(CATALOGUE))
        return body

    def places(self, object_id: str) -> dict[str, tuple[str, str]]:
        """SHA-256 → (volume, name inside it) of all bytes in the newest version."""
        body = self.catalogue(object_id)
        return {
            digest: (place[0], place[1])
            for digest, place in (body or {"places": {}})["places"].items()
        }

    def open_volume(self, object_id: str, name: str, version: str = "") -> zipfile.ZipFile:
        """A volume (of the newest version, if none is named), decrypted as it is read."""
        file = self.root.open(object_id, name, version)
        try:
            reader = open_sealed(self.keyring, PURPOSE, file)
            return zipfile.ZipFile(io.BufferedReader(reader, 1 << 16))
        except zipfile.BadZipFile as error:
            file.close()
            raise _unreadable(name) from error
        except BaseException:
            file.close()
            raise

    def read(self, object_id: str, digest: str) -> bytes:
        """The bytes with that SHA-256 from the newest version."""
        place = self.places(object_id).get(digest)
        if place is None:
            raise _unreadable(digest)
        with self.open_volume(object_id, place[0]) as volume:
            return volume.read(place[1])

    def inventory(self, object_id: str) -> Inventory | None:
        return self.root.inventory(object_id)


def volume_name(number: int) -> str:
    return f"volume-{number}.zip.rde"


def explanation() -> str:
    """How to open it, in words for whoever finds the disk: no name, no number of a person."""
    return (Path(__file__).parent / "sealed_explanation.txt").read_text(encoding="utf-8")


def _unreadable(what: str) -> OcflError:
    return OcflError(
        f"入库对象里读不出 {what}。",
        f"{what} cannot be read from the sealed object.",
        hint_zh="请系统管理员从备份恢复，再运行 rongdang verify。",
        hint_en="Restore it from backup, then run rongdang verify.",
        code="missing",
    )


def _json(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).encode()
