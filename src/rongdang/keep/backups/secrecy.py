"""Copies are encrypted with age to people who are not here: the house itself cannot open them.

Recipients are public keys (age1…) in a setting; the identities lie with two officers, off-line.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, cast

import pyrage

from rongdang.base.durable import write_durably
from rongdang.keep.backups.ports import BackupError

LEAST_RECIPIENTS = 2
MARK = "AGE-SECRET-KEY-"


@dataclass(frozen=True, slots=True)
class Written:
    """What an encryption gave: SHA-256 and length of the encrypted bytes."""

    digest: str
    size: int


def recipients(named: Sequence[str]) -> list[Any]:
    """Public keys of the setting; raises BackupError for a wrong one, or fewer than two."""
    keys = []
    for text in dict.fromkeys(one.strip() for one in named if one.strip()):
        try:
            keys.append(pyrage.x25519.Recipient.from_str(text))
        except pyrage.RecipientError as error:
            raise BackupError(
                f"备份公钥“{text[:12]}…”写得不对，没有备份。",
                f"The backup recipient “{text[:12]}…” is not an age public key; nothing was done.",
                hint_zh="公钥以 age1 开头；用 rongdang backup-key 生成。",
                hint_en="It begins with age1; make one with rongdang backup-key.",
                code="recipient",
            ) from error
    if len(keys) < LEAST_RECIPIENTS:
        raise BackupError(
            f"备份要加密给两个人，现在只有 {len(keys)} 个公钥；没有备份。",
            f"A backup is encrypted to two people; there are {len(keys)} recipients. Nothing was done.",
            hint_zh="两位负责人各用 rongdang backup-key 生成一对，公钥写进 RONGDANG_BACKUP_RECIPIENTS（逗号分开）。",
            hint_en="Each of two officers makes a pair with rongdang backup-key; put both public keys "
            "into RONGDANG_BACKUP_RECIPIENTS, separated by a comma.",
            code="recipients",
        )
    return keys


def identities(path: Path) -> list[Any]:
    """Private keys from an age identity file."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
        found = [
            pyrage.x25519.Identity.from_str(line.strip())
            for line in lines
            if line.strip().startswith(MARK)
        ]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError) as error:
        raise _no_identity(path.name) from error
    if not found:
        raise _no_identity(path.name)
    return found


def new_identity() -> tuple[Any, Any]:
    """A pair for once: (identity, recipient)."""
    identity = pyrage.x25519.Identity.generate()
    return identity, identity.to_public()


def write_identity(path: Path) -> str:
    """A new pair: the private key into a file for its owner only; the public key is given back."""
    if path.exists():
        raise BackupError(
            f"“{path.name}”已经存在，没有覆盖。",
            f"“{path.name}” exists; it was not overwritten.",
            code="exists",
        )
    identity, recipient = new_identity()
    write_durably(path, f"# public key: {recipient}\n{identity}\n".encode(), mode=0o600)
    return str(recipient)


def encrypt(source: BinaryIO, goal: Callable[[bytes], object], keys: Sequence[Any]) -> Written:
    """Encrypt a stream; `goal` takes the pieces. Its own errors come through unchanged."""
    sink = _Sink(goal)
    try:
        pyrage.encrypt_io(source, cast(BinaryIO, sink), list(keys))
    except BaseException as error:
        if sink.error is not None:
            raise sink.error from error
        raise
    return Written(sink.digest.hexdigest(), sink.size)


def decrypt(
    source: BinaryIO, goal: Callable[[bytes], object], keys: Sequence[Any], what: str
) -> None:
    """Decrypt a stream; raises BackupError for another's key and for a changed or cut file."""
    sink = _Sink(goal)
    try:
        pyrage.decrypt_io(source, cast(BinaryIO, sink), list(keys))
    except pyrage.DecryptError as error:
        if sink.error is not None:
            raise sink.error from error
        if "matching key" in str(error):
            raise _wrong_key() from error
        raise damaged(what) from error
    except OSError as error:
        if sink.error is not None:
            raise sink.error from error
        raise damaged(what) from error


def decrypt_bytes(source: BinaryIO, keys: Sequence[Any], what: str) -> bytes:
    held = io.BytesIO()
    decrypt(source, held.write, keys, what)
    return held.getvalue()


def damaged(what: str) -> BackupError:
    return BackupError(
        f"备份里的 {what} 被改动或不完整，没有恢复任何东西。",
        f"{what} in the backup was changed or is not whole; nothing was restored.",
        hint_zh="请换另一份备份，或另一处备份目标；并查明这一份为什么坏了。",
        hint_en="Use another copy or another target, and find out why this one is damaged.",
        code="backup-damaged",
    )


class _Sink(io.RawIOBase):
    """Hands pieces on, counts and digests them, and remembers what the other side raised."""

    def __init__(self, goal: Callable[[bytes], object]) -> None:
        super().__init__()
        self.goal, self.digest, self.size = goal, hashlib.sha256(), 0
        self.error: BaseException | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        try:
            self.goal(piece)
        except BaseException as error:
            self.error = error
            raise
        self.digest.update(piece)
        self.size += len(piece)
        return len(piece)


def _wrong_key() -> BackupError:
    return BackupError(
        "这把私钥打不开这份备份，没有恢复任何东西。",
        "This identity does not open this backup; nothing was restored.",
        hint_zh="请用备份时登记的两位负责人之一的私钥文件。",
        hint_en="Use the identity file of one of the two officers the backup was made for.",
        code="wrong-key",
    )


def _no_identity(name: str) -> BackupError:
    return BackupError(
        f"私钥文件“{name}”里没有可用的 age 私钥，没有恢复任何东西。",
        f"The file “{name}” holds no usable age identity; nothing was restored.",
        hint_zh=f"文件里应有一行以 {MARK} 开头。",
        hint_en=f"It should hold a line that begins with {MARK}.",
        code="no-identity",
    )
