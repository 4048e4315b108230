"""Escrow: all keys of a ring in one age file, for a medium of its own. It opens without the ring.

age (https://age-encryption.org/v1) is read by other tools too, in a century as well; `keys` inside is
plain JSON: id, purpose, version and 32 bytes in hex of each key.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import pyrage

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.ring_file import RingKey

FORMAT = "rongdang escrow 1"


def write(
    keys: Sequence[RingKey], *, recipients: Sequence[str] = (), passphrase: str = ""
) -> bytes:
    """An age file for the recipients (age1…), or under the passphrase."""
    rows = [
        {
            "id": key.id,
            "purpose": key.purpose,
            "version": key.version,
            "made": key.made,
            "material": key.material.hex(),
        }
        for key in keys
    ]
    text = json.dumps({"format": FORMAT, "keys": rows}, indent=1).encode()
    if not recipients:
        return bytes(pyrage.passphrase.encrypt(text, passphrase))
    try:
        return bytes(
            pyrage.encrypt(text, [pyrage.x25519.Recipient.from_str(r) for r in recipients])
        )
    except (pyrage.RecipientError, pyrage.EncryptError) as error:
        raise _refused("收件人不是 age 公钥", "a recipient is no age public key") from error


def read(sealed: bytes, *, identity: str = "", passphrase: str = "") -> list[RingKey]:
    """The keys; raises KeyringError when it does not open or is no escrow of ours."""
    try:
        if identity:
            text = pyrage.decrypt(sealed, [pyrage.x25519.Identity.from_str(identity)])
        else:
            text = pyrage.passphrase.decrypt(sealed, passphrase)
        told: dict[str, Any] = json.loads(text)
        rows: list[dict[str, Any]] = told["keys"] if told["format"] == FORMAT else []
        keys = [
            RingKey(
                row["id"],
                row["purpose"],
                row["version"],
                bytes.fromhex(row["material"]),
                row.get("made", ""),
            )
            for row in rows
        ]
    except (
        pyrage.DecryptError,
        pyrage.IdentityError,
        ValueError,
        KeyError,
        TypeError,
    ) as error:
        raise _refused("打不开，或不是密钥托管文件", "it does not open, or is no escrow") from error
    if not keys:
        raise _refused("里面没有密钥", "it holds no keys")
    return keys


def _refused(zh: str, en: str) -> KeyringError:
    return KeyringError(
        f"密钥托管没有办成：{zh}。没有改动任何密钥。",
        f"The escrow did not come about: {en}. No key was changed.",
        code="escrow",
    )
