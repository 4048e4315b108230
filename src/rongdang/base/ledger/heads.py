"""A signed head: the few lines that prove later what the log was. Pure: knows bytes, not rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rongdang.base.cipher.suites import signature_holds
from rongdang.base.errors import DomainError


class HeadError(DomainError):
    """What was handed over as a head is none."""

    status, code = 422, "no-head"


def moment_text(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def head_message(
    *, log: str, size: int, root: bytes, at: datetime, suite: int, key_id: str
) -> bytes:
    """The bytes that are signed; plain text, so that paper can carry them."""
    return "\n".join(
        ("rongdang head 1", log, str(size), root.hex(), moment_text(at), str(suite), key_id, "")
    ).encode("ascii")


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedHead:
    """A head as it leaves the house: all that is needed to check it stands in it."""

    log: str  # which log: the hash of its first leaf, in hex
    size: int
    root: bytes
    at: datetime
    suite: int
    key_id: str
    public_key: bytes
    signature: bytes

    def message(self) -> bytes:
        return head_message(
            log=self.log,
            size=self.size,
            root=self.root,
            at=self.at,
            suite=self.suite,
            key_id=self.key_id,
        )

    def holds(self) -> bool:
        """Was this head signed by that key?"""
        return holds(self.suite, self.public_key, self.signature, self.message())

    def to_dict(self) -> dict[str, Any]:
        return {
            "log": self.log,
            "size": self.size,
            "root": self.root.hex(),
            "at": moment_text(self.at),
            "suite": self.suite,
            "key_id": self.key_id,
            "public_key": self.public_key.hex(),
            "signature": self.signature.hex(),
        }

    @classmethod
    def from_dict(cls, told: Any) -> SignedHead:
        """Raises HeadError for what is not written so, to the letter."""
        try:
            head = _parsed(told)
            if head.to_dict() == {name: told[name] for name in head.to_dict()}:
                return head
        except (KeyError, TypeError, ValueError):
            pass
        raise HeadError(
            "这不是一个账本头，没有采用。",
            "This is no head of a log; it was not used.",
            hint_zh="请把对方给出的账本头原样交来。",
            hint_en="Hand it over exactly as it was given.",
        )


def _parsed(told: Mapping[str, Any]) -> SignedHead:
    head = SignedHead(
        log=told["log"],
        size=told["size"],
        root=bytes.fromhex(told["root"]),
        at=datetime.fromisoformat(told["at"]),
        suite=told["suite"],
        key_id=told["key_id"],
        public_key=bytes.fromhex(told["public_key"]),
        signature=bytes.fromhex(told["signature"]),
    )
    numbers = type(head.size) is int and type(head.suite) is int and 0 < head.size < 1 << 62
    if not numbers or len(bytes.fromhex(head.log)) != 32 or len(head.root) != 32:
        raise ValueError(head.log)
    head.message()
    return head


def cosign_message(head: SignedHead, *, at: datetime, suite: int, key_id: str) -> bytes:
    """What a witness signs: that this head is consistent with all it saw of that log before."""
    first = "\n".join(("rongdang cosignature 1", moment_text(at), str(suite), key_id, ""))
    return first.encode("ascii") + head.message()


def holds(suite: int, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """A signature of a suite this machine does not know holds nothing."""
    try:
        return signature_holds(suite, public_key, signature, message)
    except DomainError:
        return False
