"""What a copy consists of, signed by the house under its ledger key.

Encryption to a public key does not tell who wrote: anybody can. The signature does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.keyring import LEDGER, Keyring
from rongdang.base.cipher.suites import signature_holds
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.secrecy import damaged

FORMAT = "rongdang backup 1"
PARTS = "rongdang parts 1"
DATABASE, PARTS_FILE, MANIFEST = "database.age", "parts.age", "manifest.age"


@dataclass(frozen=True, slots=True)
class Listed:
    """One file of the house: its name here, where the target keeps it, SHA-256 and length."""

    name: str
    key: str
    digest: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    product: str
    log: str  # first leaf of the house's ledger: which house this is
    made_at: str  # UTC, ISO 8601
    engine: str  # sqlite or postgresql
    encrypted: bool  # is the database file itself encrypted?
    database: dict[str, Any]  # SHA-256 and length, encrypted to the recipients
    parts: dict[str, Any]  # the same of the list; count and bytes of what it names
    counts: dict[str, int]
    ledger_size: int
    ledger_root: str
    recipients: list[str]
    missing: list[str] = field(default_factory=list)  # gone from the house before the copy
    format: str = FORMAT


def signed(manifest: Manifest, keyring: Keyring) -> bytes:
    body = json.dumps(asdict(manifest), ensure_ascii=False, sort_keys=True)
    signer = keyring.signer(LEDGER)
    told = {
        "body": body,
        "suite": signer.suite,
        "key_id": signer.key_id,
        "public_key": signer.public_key.hex(),
        "signature": signer.sign(body.encode()).hex(),
    }
    return json.dumps(told, ensure_ascii=False).encode()


def read_signed(data: bytes, keyring: Keyring) -> Manifest:
    """Raises BackupError unless this ring's own key signed exactly these words."""
    try:
        told = json.loads(data)
        body, suite, key_id = str(told["body"]), int(told["suite"]), str(told["key_id"])
        public, signature = bytes.fromhex(told["public_key"]), bytes.fromhex(told["signature"])
    except (ValueError, KeyError, TypeError) as error:
        raise damaged(MANIFEST) from error
    if keyring.public_key(_held(keyring, key_id), suite) != public or not signature_holds(
        suite, public, signature, body.encode()
    ):
        raise BackupError(
            "备份清单的签名不对：不是本机构写的，或被改动。没有恢复任何东西。",
            "The manifest's signature is wrong: another wrote it, or it was changed. Nothing was restored.",
            hint_zh="请换另一份备份，并报告安全保密员。",
            hint_en="Use another copy, and tell the security officer.",
            code="manifest-signature",
        )
    return _manifest(body)


def _held(keyring: Keyring, key_id: str) -> str:
    try:
        return keyring.key(key_id).id
    except KeyringError as error:
        raise BackupError(
            "密钥目录里没有这份备份那时的密钥，恢复了也打不开；没有恢复任何东西。",
            "The key folder does not hold the keys of this backup; what it holds would stay shut. "
            "Nothing was restored.",
            hint_zh="请安全保密员先从托管处取回密钥目录（RONGDANG_KEYS），再恢复。",
            hint_en="Put the escrowed key folder in place (RONGDANG_KEYS), then restore.",
            code="keys-missing",
        ) from error


def _manifest(body: str) -> Manifest:
    try:
        read = Manifest(**json.loads(body))
    except (ValueError, TypeError) as error:
        raise damaged(MANIFEST) from error
    if read.format != FORMAT:
        raise BackupError(
            f"这份备份的写法（{read.format}）比本机的程序新，没有恢复。",
            f"This backup's format ({read.format}) is newer than this program; nothing was restored.",
            hint_zh="请先升级程序。",
            hint_en="Upgrade the program first.",
            code="backup-format",
        )
    return read


def list_lines(parts: Iterable[Listed]) -> Iterator[bytes]:
    yield f"{PARTS}\n".encode()
    for part in parts:
        yield f"{part.digest}\t{part.size}\t{part.name}\t{part.key}\n".encode()


def read_list(data: bytes) -> list[Listed]:
    head, *lines = data.decode("utf-8").splitlines()
    if head != PARTS:
        raise damaged(PARTS_FILE)
    rows = (line.split("\t") for line in lines)
    return [Listed(name, key, digest, int(size)) for digest, size, name, key in rows]
