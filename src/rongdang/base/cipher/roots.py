"""Where the root key lies. A root wraps the keys of the ring; what `ring.json` records of it opens it.

`file`: 32 random bytes in a file of mode 0600 (also on another medium, or in memory after a join).
`passphrase`: Argon2id (RFC 9106) of a passphrase read from a file, such as a credential of the
service manager. `pkcs11`: a key that never leaves its token (`tokens.py`).
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.suites import AES, NONCE_SIZE, suite
from rongdang.base.durable import write_durably

ROOT_HEAD = "rongdang root key 1"
FILE, PASSPHRASE, PKCS11 = "file", "passphrase", "pkcs11"
PROVIDERS = (FILE, PASSPHRASE, PKCS11)
LEAST_PASSPHRASE = 20  # characters; what it protects can be tried on a copy, without any lock-out
# Second recommended choice of RFC 9106, section 4: 64 MiB, three passes, four lanes.
ARGON2 = {"time_cost": 3, "memory_kib": 65536, "lanes": 4}

Record = dict[str, Any]


class Root(Protocol):
    """Wraps and unwraps key material; `record` is what `ring.json` says of it, never a secret."""

    record: Record

    def wrap(self, data: bytes, aad: bytes) -> bytes: ...

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        """Raises DamagedError when it was not wrapped so, or not by this root."""


class SecretRoot:
    """A root whose 32 bytes are in this process's memory: from a file, a passphrase, shares."""

    def __init__(self, secret: bytes, record: Record, number: int = AES.number) -> None:
        self.secret, self.record = secret, record
        chosen = suite(number)
        self._aead = chosen.aead(chosen.derive(secret, b"rongdang ring"))

    def wrap(self, data: bytes, aad: bytes) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return nonce + self._aead.encrypt(nonce, data, aad)

    def unwrap(self, blob: bytes, aad: bytes) -> bytes:
        return self._aead.decrypt(blob[:NONCE_SIZE], blob[NONCE_SIZE:], aad)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootAccess:
    """What this machine knows about roots. `kind` is what a first run makes; later the ring says it."""

    folder: Path  # of the root key's file
    kind: str = FILE
    passphrase_file: Path | None = None
    module: str = ""  # path of the PKCS#11 library
    token: str = ""  # label of the token
    pin_file: Path | None = None

    def make(self, *, number: int, name: str = "root.key") -> Root:
        """A new root; nothing is written until `establish`. A token's key is made in the token."""
        if self.kind == PASSPHRASE:
            record = {"provider": PASSPHRASE, "salt": os.urandom(16).hex(), **ARGON2}
            return SecretRoot(self._stretch(record), record, number)
        if self.kind == PKCS11:
            from rongdang.base.cipher import tokens

            return tokens.make(self._reach(), self.token, f"rongdang-{os.urandom(4).hex()}")
        return SecretRoot(os.urandom(32), {"provider": FILE, "file": name}, number)

    def establish(self, root: Root) -> None:
        """Write the file of a root that has one."""
        if root.record["provider"] == FILE and isinstance(root, SecretRoot):
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            text = f"{ROOT_HEAD}\n{root.secret.hex()}\n"
            write_durably(self.folder / root.record["file"], text.encode(), mode=0o600)

    def open(self, record: Record, number: int) -> Root:
        """The root a ring speaks of; raises KeyringError when it cannot be reached."""
        provider = record.get("provider")
        if provider == FILE:
            return SecretRoot(_read_file(self.folder / record["file"]), record, number)
        if provider == PASSPHRASE:
            return SecretRoot(self._stretch(record), record, number)
        if provider == PKCS11:
            from rongdang.base.cipher import tokens

            return tokens.open_root(self._reach(), record)
        raise _unreachable(f"不认识的根密钥种类“{provider}”", f"unknown kind of root “{provider}”")

    def present(self, record: Record) -> bool:
        """Is there anything to open that root with? Only a file can be missing."""
        return record.get("provider") != FILE or (self.folder / record["file"]).exists()

    def files(self) -> list[Path]:
        """Files of root keys in the folder, whether or not a ring speaks of them."""
        return sorted(self.folder.glob("root*.key"))

    def _stretch(self, record: Record) -> bytes:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            read_passphrase(self.passphrase_file).encode(),
            bytes.fromhex(record["salt"]),
            time_cost=record["time_cost"],
            memory_cost=record["memory_kib"],
            parallelism=record["lanes"],
            hash_len=32,
            type=Type.ID,
        )

    def _reach(self) -> tuple[str, str]:
        if not self.module or self.pin_file is None:
            raise _unreachable(
                "没有设置密码机的程序库和口令文件", "the token's library and PIN file are not set"
            )
        return self.module, _first_line(self.pin_file)


def read_passphrase(path: Path | None) -> str:
    """The first line of the file; raises KeyringError when it is missing or too short."""
    if path is None:
        raise _unreachable("没有设置口令文件", "no passphrase file is set")
    passphrase = _first_line(path)
    if len(passphrase) < LEAST_PASSPHRASE:
        raise KeyringError(
            f"口令太短，至少 {LEAST_PASSPHRASE} 个字符；没有做任何改动。",
            f"The passphrase is too short: at least {LEAST_PASSPHRASE} characters. Nothing changed.",
            code="passphrase-short",
        )
    return passphrase


def _first_line(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").split("\n", 1)[0].strip()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreachable(f"文件 {path.name} 读不出来", f"{path.name} cannot be read") from error


def _read_file(path: Path) -> bytes:
    if path.stat().st_mode & 0o077:
        raise KeyringError(
            "根密钥文件别人也能读，已停止使用。",
            "The root key file can be read by others; it is not used.",
            hint_zh=f"请把权限改成只有本用户可读：chmod 600 {path.name}",
            hint_en=f"Make it readable by this user only: chmod 600 {path.name}",
            code="root-key-open",
        )
    head, _, rest = path.read_text(encoding="ascii", errors="replace").partition("\n")
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


def _unreachable(zh: str, en: str) -> KeyringError:
    return KeyringError(
        f"根密钥打不开：{zh}。没有读出也没有改动任何内容。",
        f"The root key cannot be reached: {en}. Nothing was read or changed.",
        hint_zh="请安全保密员检查根密钥的设置（docs/security/keys.md）。",
        hint_en="Ask the security officer to check the root key's settings (docs/security/keys.md).",
        code="root-unreachable",
    )
