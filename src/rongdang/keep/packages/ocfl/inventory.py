"""The inventory of an object: what it holds, version by version, by digest."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from rongdang.base.errors import DomainError

SPEC = "1.1"
TYPE = "https://ocfl.io/{}/spec/#inventory"
ALGORITHM = "sha512"
CONTENT = "content"
FILE = "inventory.json"


class Digest(Protocol):
    def update(self, data: bytes, /) -> object: ...

    def hexdigest(self) -> str: ...


# Those an inventory may name (OCFL 1.1, 3.5.2 and extension 0009); others cannot be checked.
ALGORITHMS: Mapping[str, Callable[[], Digest]] = {
    "md5": lambda: hashlib.md5(usedforsecurity=False),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
    "sha512": hashlib.sha512,
    "sha512/256": lambda: hashlib.new("sha512_256"),
    "blake2b-512": hashlib.blake2b,
    "blake2b-160": lambda: hashlib.blake2b(digest_size=20),
    "blake2b-256": lambda: hashlib.blake2b(digest_size=32),
    "blake2b-384": lambda: hashlib.blake2b(digest_size=48),
}


class OcflError(DomainError):
    """The sealed store is not as OCFL wants it; nothing was changed."""

    status, code = 500, "ocfl"


@dataclass(frozen=True, slots=True)
class VersionNote:
    """When, why and by whom a version was made; `address` of the maker is a URI."""

    created: datetime
    message: str
    name: str
    address: str

    def block(self, state: Mapping[str, list[str]]) -> dict[str, Any]:
        """The version as it stands in an inventory."""
        return {
            "created": self.created.isoformat(timespec="seconds"),
            "message": self.message,
            "state": state,
            "user": {"name": self.name, "address": self.address},
        }


@dataclass(frozen=True, slots=True)
class Inventory:
    """An inventory that was read; `body` is the whole JSON."""

    body: Mapping[str, Any]
    raw: bytes

    @property
    def head(self) -> str:
        return str(self.body["head"])

    @property
    def number(self) -> int:
        return int(self.head[1:])

    def state(self, version: str = "") -> dict[str, str]:
        """Logical path → digest."""
        state = self.body["versions"][version or self.head]["state"]
        return {path: digest for digest, paths in state.items() for path in paths}

    def content_path(self, logical: str, version: str = "") -> str:
        """Where in the object the bytes of a logical path lie; KeyError if there are none."""
        digest = self.state(version)[logical]
        return str(self.body["manifest"][digest][0])

    @property
    def digest(self) -> str:
        """SHA-512 of the inventory itself: pins every byte of the object."""
        return hashlib.sha512(self.raw).hexdigest()


def read_inventory(folder: Path) -> Inventory | None:
    """The inventory in that folder, compared with its sidecar; None when there is none.

    Raises OcflError when it cannot be trusted.
    """
    path = folder / FILE
    if not path.is_file():
        return None
    raw = path.read_bytes()
    sidecar = folder / f"{FILE}.{ALGORITHM}"
    try:
        told = sidecar.read_text(encoding="ascii").split()[:1]
        body = json.loads(raw)
    except (OSError, ValueError, RecursionError) as error:
        raise _damaged(folder) from error
    if told != [hashlib.sha512(raw).hexdigest()] or not isinstance(body, dict):
        raise _damaged(folder)
    return Inventory(body, raw)


def _damaged(folder: Path) -> OcflError:
    return OcflError(
        f"入库对象 {folder.name} 的清单与它的摘要不符，没有往里写任何东西。",
        f"The inventory of sealed object {folder.name} differs from its digest; nothing was written.",
        hint_zh="请系统管理员从备份恢复这个对象，再运行 rongdang verify。",
        hint_en="Restore this object from backup, then run rongdang verify.",
        code="inventory-damaged",
    )


def next_inventory(
    object_id: str,
    before: Inventory | None,
    note: VersionNote,
    *,
    added: Mapping[str, Mapping[str, str]],
    kept: Iterable[str],
) -> Inventory:
    """The inventory of the version after `before`.

    `added`: logical path → {algorithm: digest} of files that lie in the new version's content
    folder; bytes that the object holds already are pointed to. `kept`: logical paths taken over.
    """
    head = f"v{before.number + 1 if before else 1}"
    manifest, fixity, versions = _held(before)
    state: dict[str, list[str]] = {}
    for logical in kept:
        assert before is not None
        state.setdefault(before.state()[logical], []).append(logical)
    for logical, digests in added.items():
        digest, place = digests[ALGORITHM], f"{head}/{CONTENT}/{logical}"
        if digest not in manifest:
            manifest[digest] = [place]
            fixity.setdefault(digests["sha256"], []).append(place)
        state.setdefault(digest, []).append(logical)
    body = {
        "id": object_id,
        "type": TYPE.format(SPEC),
        "digestAlgorithm": ALGORITHM,
        "head": head,
        "manifest": manifest,
        "fixity": {"sha256": fixity},
        "versions": {**versions, head: note.block(state)},
    }
    return Inventory(body, json.dumps(body, ensure_ascii=False, indent=1).encode() + b"\n")


def _held(
    before: Inventory | None,
) -> tuple[dict[str, list[str]], dict[str, list[str]], dict[str, Any]]:
    """Manifest, SHA-256 fixity and versions so far, as copies to add to."""
    body = before.body if before else {"manifest": {}, "versions": {}}
    fixity = body.get("fixity", {}).get("sha256", {})
    manifest = {digest: list(paths) for digest, paths in body["manifest"].items()}
    return (
        manifest,
        {digest: list(paths) for digest, paths in fixity.items()},
        dict(body["versions"]),
    )
