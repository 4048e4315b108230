"""What an object's bytes are known by: SHA-256 always, SM3 beside it where the SM suite writes.

Two digests of different design: should one of them fall, the other still tells the bytes apart
(security.md 1). The row keeps both, and whoever reads compares each that the row has.
"""

from __future__ import annotations

import hashlib

from rongdang.base.cipher.suites import SM, Buffer
from rongdang.keep.objects.models import StoredObject


class Digests:
    """Fed with plain bytes; `sm3` asks for the second digest."""

    def __init__(self, *, sm3: bool) -> None:
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._sm3 = SM.digesting() if sm3 else None

    def update(self, piece: Buffer) -> None:
        self.size += len(piece)
        self._sha256.update(piece)
        if self._sm3 is not None:
            self._sm3.update(piece)

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    @property
    def sm3(self) -> str:
        """Empty where it was not asked for."""
        return "" if self._sm3 is None else self._sm3.copy().finalize().hex()

    def fit(self, stored: StoredObject) -> bool:
        """Are the bytes those of this object, by every digest its row has?"""
        return (self.size, self.sha256, self.sm3) == (
            stored.size,
            stored.digest,
            stored.digest_sm3 if self._sm3 is not None else "",
        )


def written_by(number: int) -> bool:
    """Does this suite keep an SM3 digest?"""
    return number == SM.number


def of(stored: StoredObject) -> Digests:
    """Those that its row can be compared with."""
    return Digests(sm3=bool(stored.digest_sm3))


def sm3_of(data: Buffer, number: int) -> str:
    """The second digest of bytes that this suite writes; empty where it keeps none."""
    return SM.digest(data).hex() if written_by(number) else ""
