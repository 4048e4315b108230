"""`ring.json`: the keys by purpose, each wrapped by the root, and what the root is.

Format 2 says which root and which suite wrapped it; format 1 knew one kind of root only, the file
`root.key`. A row's associated data is `rongdang ring ID PURPOSE VERSION`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.roots import Record, Root, RootAccess
from rongdang.base.cipher.suites import AES
from rongdang.base.durable import write_durably

NAME = "ring.json"
FIRST_ROOT: Record = {"provider": "file", "file": "root.key"}


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key by purpose: 32 bytes from which each suite derives what it needs."""

    id: str  # purpose.version.random: a ring made anew never claims another ring's names
    purpose: str
    version: int
    material: bytes
    made: str = ""  # UTC time, ISO 8601; "" for keys made before this was noted


@dataclass(frozen=True, slots=True)
class RingFile:
    """The file as it stands, its keys still wrapped."""

    root: Record
    suite: int
    rows: tuple[dict[str, Any], ...]

    def keys(self, root: Root) -> list[RingKey]:
        """Raises DamagedError when the root is not this ring's, or a row was changed."""
        return [
            RingKey(
                row["id"],
                row["purpose"],
                row["version"],
                root.unwrap(bytes.fromhex(row["wrapped"]), _bound(row)),
                row.get("made", ""),
            )
            for row in self.rows
        ]


def read(folder: Path) -> RingFile:
    """Raises KeyringError when the file is not whole."""
    try:
        told = json.loads((folder / NAME).read_text())
        rows = tuple(dict(row) for row in told["keys"])
        return RingFile(
            dict(told.get("root", FIRST_ROOT)), int(told.get("suite", AES.number)), rows
        )
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringError(
            "密钥环文件 ring.json 已损坏，没有打开任何内容。",
            "The key ring file ring.json is damaged; nothing was opened.",
            hint_zh="请安全保密员从密钥备份恢复。",
            hint_en="Ask the security officer to restore it from the key backup.",
            code="ring-damaged",
        ) from error


def write(folder: Path, root: Root, keys: Iterable[RingKey], *, suite: int) -> None:
    """All at once, or not at all."""
    rows = []
    for key in keys:
        row: dict[str, Any] = {"id": key.id, "purpose": key.purpose, "version": key.version}
        wrapped = root.wrap(key.material, _bound(row)).hex()
        rows.append({**row, "made": key.made, "wrapped": wrapped})
    told = {"format": 2, "root": root.record, "suite": suite, "keys": rows}
    write_durably(folder / NAME, json.dumps(told, indent=1).encode(), mode=0o600)


def whole(folder: Path, access: RootAccess) -> bool:
    """Are both there, ring and root?"""
    return (folder / NAME).exists() and access.present(read(folder).root)


def begin(folder: Path, access: RootAccess, *, suite: int) -> None:
    """First run: an empty ring, then its root. Anything else that is missing was lost."""
    there = (folder / NAME).exists()
    if there:
        held = read(folder)
        if access.present(held.root):
            return
        if held.rows:
            raise _lost(str(held.root.get("file")))
    elif access.files():
        raise _lost(NAME)
    root = access.make(number=suite)
    write(folder, root, [], suite=suite)
    access.establish(root)


def _lost(missing: str) -> KeyringError:
    return KeyringError(
        f"密钥目录里缺少 {missing}。没有新建密钥，已加密的内容都还在，但打不开。",
        f"{missing} is missing from the key folder. No key was made; content is there but shut.",
        hint_zh=f"请安全保密员从密钥备份中放回 {missing}，或用 rongdang keys join 合并份额。",
        hint_en=f"Ask the security officer to put {missing} back, or to join shares (rongdang keys join).",
        code="key-file-missing",
    )


def _bound(row: dict[str, Any]) -> bytes:
    return f"rongdang ring {row['id']} {row['purpose']} {row['version']}".encode()
