"""A signed head: the few lines that prove later what the log was."""

from __future__ import annotations

from datetime import UTC, datetime

from rongdang.base.cipher.suites import signature_holds


def head_message(
    *, log: str, size: int, root: bytes, at: datetime, suite: int, key_id: str
) -> bytes:
    """The bytes that are signed; plain text, so that paper can carry them."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return "\n".join(
        ("rongdang head 1", log, str(size), root.hex(), moment, str(suite), key_id, "")
    ).encode("ascii")


def head_holds(
    *,
    log: str,
    size: int,
    root: bytes,
    at: datetime,
    suite: int,
    key_id: str,
    public_key: bytes,
    signature: bytes,
) -> bool:
    """Was this head signed by that key?"""
    message = head_message(log=log, size=size, root=root, at=at, suite=suite, key_id=key_id)
    return signature_holds(suite, public_key, signature, message)
