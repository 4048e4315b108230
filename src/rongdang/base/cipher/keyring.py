"""The key ring: one root key → keys by purpose and version → a key for each object.

`root.key` (mode 0600) wraps the keys in `ring.json`; those wrap the objects' keys. Rotating a
purpose adds a version: new things use it, old ones stay readable. The ring is written before the
root, so a root without a ring, or a filled ring without its root, is a loss and never a first run.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rongdang.base.cipher.errors import KeyringError, damaged
from rongdang.base.cipher.suites import AES, NONCE_SIZE, Aead, Signer, suite
from rongdang.base.durable import write_durably

ROOT_HEAD = "rongdang root key 1"
OBJECTS, DATABASE, BLIND_INDEX, LEDGER = "objects", "database", "blind-index", "ledger"


@dataclass(frozen=True, slots=True)
class RingKey:
    """One key by purpose: 32 bytes from which each suite derives what it needs."""

    id: str  # purpose.version.random: a ring made anew never claims another ring's names
    purpose: str
    version: int
    material: bytes


class Keyring:
    """Keys in a folder; opened at first use, safe between threads and processes."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._keys: dict[str, RingKey] = {}
        self._ciphers: dict[tuple[str, int], Aead] = {}
        self._guard = threading.RLock()

    def active(self, purpose: str) -> RingKey:
        """The newest key of a purpose; made on first use."""
        with self._guard:
            if not self._keys:
                self._read()
            return self._newest(purpose) or self._add(purpose, versions=0)

    def key(self, key_id: str) -> RingKey:
        """The key of that name; raises KeyringError if this ring does not hold it."""
        with self._guard:
            if key_id not in self._keys:
                self._read()
            if key_id in self._keys:
                return self._keys[key_id]
        raise KeyringError(
            f"密钥环里没有密钥“{key_id}”，用它加密的内容现在打不开，但没有丢。",
            f"The key ring holds no key “{key_id}”; what it encrypts cannot be opened, yet is there.",
            hint_zh="请安全保密员把原来的密钥文件放回密钥目录。",
            hint_en="Ask the security officer to put the original key files back.",
            code="no-such-key",
        )

    def rotate(self, purpose: str) -> RingKey:
        """Start a new version of a purpose; earlier ones only decrypt from now on."""
        with self._guard:
            return self._add(purpose, versions=self.active(purpose).version)

    def secret(self, purpose: str) -> bytes:
        """32 bytes that stay the same for the life of the ring, even when keys rotate."""
        self.active(purpose)
        return min(
            (key for key in self._keys.values() if key.purpose == purpose),
            key=lambda key: key.version,
        ).material

    def secret_text(self, purpose: str) -> str:
        """The same in 64 hex digits."""
        return self.secret(purpose).hex()

    def signer(self, purpose: str = LEDGER) -> Signer:
        key = self.active(purpose)
        return Signer(key.id, AES.derive(key.material, b"rongdang sign", 32))

    def public_key(self, key_id: str) -> bytes:
        """What anyone needs to check signatures made under that key."""
        return Signer(
            key_id, AES.derive(self.key(key_id).material, b"rongdang sign", 32)
        ).public_key

    def wrap(
        self, purpose: str, secret: bytes, aad: bytes, *, number: int = 1
    ) -> tuple[str, bytes]:
        """(key id, suite ‖ nonce ‖ ciphertext); `aad` binds it to the row it belongs to."""
        key = self.active(purpose)
        nonce = os.urandom(NONCE_SIZE)
        sealed = self._cipher(key, number).encrypt(nonce, secret, _bound(key.id, number, aad))
        return key.id, bytes((number,)) + nonce + sealed

    def unwrap(self, key_id: str, wrapped: bytes, aad: bytes) -> bytes:
        """Raises KeyringError for an unknown key, DamagedError for a changed or moved blob."""
        if len(wrapped) <= 1 + NONCE_SIZE:
            raise damaged("密钥信封是空的", "the wrapped key is empty")
        key, number = self.key(key_id), wrapped[0]
        nonce, sealed = wrapped[1 : 1 + NONCE_SIZE], wrapped[1 + NONCE_SIZE :]
        return self._cipher(key, number).decrypt(nonce, sealed, _bound(key_id, number, aad))

    def _cipher(self, key: RingKey, number: int) -> Aead:
        cipher = self._ciphers.get((key.id, number))
        if cipher is None:
            chosen = suite(number)
            cipher = chosen.aead(chosen.derive(key.material, b"rongdang wrap"))
            self._ciphers[key.id, number] = cipher
        return cipher

    def _newest(self, purpose: str) -> RingKey | None:
        mine = [key for key in self._keys.values() if key.purpose == purpose]
        return max(mine, key=lambda key: key.version, default=None)

    def _add(self, purpose: str, *, versions: int) -> RingKey:
        """Append a version beyond `versions`, unless another process did so meanwhile."""
        with self._locked():
            self._read()
            newest = self._newest(purpose)
            if newest is not None and newest.version > versions:
                return newest
            version = (newest.version if newest else 0) + 1
            key_id = f"{purpose}.{version}.{os.urandom(4).hex()}"
            key = RingKey(key_id, purpose, version, os.urandom(32))
            _write_ring(self.folder, _read_root(self.folder), [*self._keys.values(), key])
            self._keys[key_id] = key
            return key

    def _read(self) -> None:
        if not (self.folder / "root.key").exists() or not (self.folder / "ring.json").exists():
            with self._locked():
                _begin(self.folder)
        self._keys = {key.id: key for key in _read_ring(self.folder, _read_root(self.folder))}

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One process at a time changes the ring; re-entrant within this one."""
        with self._guard:
            depth = getattr(self, "_depth", 0)
            if depth:
                self._depth = depth + 1
                try:
                    yield
                finally:
                    self._depth -= 1
                return
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with (self.folder / "ring.lock").open("a") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                self._depth = 1
                try:
                    yield
                finally:
                    self._depth = 0


def _bound(key_id: str, number: int, aad: bytes) -> bytes:
    return f"rongdang wrap {number} {key_id} ".encode() + aad


def _begin(folder: Path) -> None:
    """First run: an empty ring, then the root. Anything else that is missing was lost."""
    root, ring = folder / "root.key", folder / "ring.json"
    if root.exists() and ring.exists():
        return
    if root.exists() or (ring.exists() and _rows(folder)):
        missing = "ring.json" if root.exists() else "root.key"
        raise KeyringError(
            f"密钥目录里缺少 {missing}。没有新建密钥，已加密的内容都还在，但打不开。",
            f"{missing} is missing from the key folder. No key was made; content is there but shut.",
            hint_zh=f"请安全保密员从密钥备份中放回 {missing}。",
            hint_en=f"Ask the security officer to put {missing} back from the key backup.",
            code="key-file-missing",
        )
    secret = os.urandom(32)
    _write_ring(folder, secret, [])
    write_durably(root, f"{ROOT_HEAD}\n{secret.hex()}\n".encode(), mode=0o600)


def _read_root(folder: Path) -> bytes:
    path = folder / "root.key"
    if path.stat().st_mode & 0o077:
        raise KeyringError(
            "根密钥文件别人也能读，已停止使用。",
            "The root key file can be read by others; it is not used.",
            hint_zh=f"请把权限改成只有本用户可读：chmod 600 {path.name}",
            hint_en=f"Make it readable by this user only: chmod 600 {path.name}",
            code="root-key-open",
        )
    head, _, rest = path.read_text(encoding="ascii").partition("\n")
    try:
        secret = bytes.fromhex(rest.strip())
    except ValueError:
        secret = b""
    if head != ROOT_HEAD or len(secret) != 32:
        raise KeyringError(
            "根密钥文件已损坏，没有打开任何内容。",
            "The root key file is damaged; nothing was opened.",
            hint_zh="请安全保密员从密钥备份恢复。",
            hint_en="Ask the security officer to restore it from the key backup.",
            code="root-key-damaged",
        )
    return secret


def _rows(folder: Path) -> list[dict[str, Any]]:
    try:
        rows: list[dict[str, Any]] = json.loads((folder / "ring.json").read_text())["keys"]
    except (ValueError, KeyError, TypeError) as error:
        raise KeyringError(
            "密钥环文件 ring.json 已损坏，没有打开任何内容。",
            "The key ring file ring.json is damaged; nothing was opened.",
            hint_zh="请安全保密员从密钥备份恢复。",
            hint_en="Ask the security officer to restore it from the key backup.",
            code="ring-damaged",
        ) from error
    return rows


def _read_ring(folder: Path, root: bytes) -> list[RingKey]:
    listed: list[dict[str, Any]] = _rows(folder)
    cipher = AES.aead(AES.derive(root, b"rongdang ring"))
    keys = []
    for row in listed:
        blob = bytes.fromhex(row["wrapped"])
        bound = f"rongdang ring {row['id']} {row['purpose']} {row['version']}".encode()
        material = cipher.decrypt(blob[:NONCE_SIZE], blob[NONCE_SIZE:], bound)
        keys.append(RingKey(row["id"], row["purpose"], row["version"], material))
    return keys


def _write_ring(folder: Path, root: bytes, keys: list[RingKey]) -> None:
    cipher = AES.aead(AES.derive(root, b"rongdang ring"))
    rows = []
    for key in keys:
        nonce = os.urandom(NONCE_SIZE)
        bound = f"rongdang ring {key.id} {key.purpose} {key.version}".encode()
        blob = nonce + cipher.encrypt(nonce, key.material, bound)
        rows.append(
            {"id": key.id, "purpose": key.purpose, "version": key.version, "wrapped": blob.hex()}
        )
    text = json.dumps({"format": 1, "suite": AES.number, "keys": rows}, indent=1)
    write_durably(folder / "ring.json", text.encode(), mode=0o600)
