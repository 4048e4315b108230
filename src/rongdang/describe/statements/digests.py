"""What stands for a row and for what it says: keyed digests, from which nothing can be guessed back.

The same row of the same source has the same digest whatever suite writes: it is asked for years later.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable
from json import JSONEncoder
from typing import TYPE_CHECKING
from uuid import UUID

from django.conf import settings

from rongdang.base.cipher.keyring import BLIND_INDEX
from rongdang.base.cipher.suites import AES
from rongdang.describe.statements.said import Sayings, packed

if TYPE_CHECKING:
    from rongdang.describe.statements.writing import Fresh

SIZE = 16
encoded = JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def key_digest(source: UUID) -> Callable[[str], bytes]:
    """Of keys of that source's rows; another source's row of the same key is another row."""
    return _under(f"rongdang statement key {source}".encode())


def said_digest() -> Callable[[bytes], bytes]:
    """Of what a row says, as `body` writes it."""
    secret = _secret(b"rongdang statement says")
    return lambda said: hmac.digest(secret, said, "sha256")[:SIZE]


def body(sayings: Sayings) -> str:
    """What a row says, in the order of the fields' names: the same sayings are the same text."""
    return encoded(dict(sorted(packed(sayings).items())))


def _under(name: bytes) -> Callable[[str], bytes]:
    secret = _secret(name)
    return lambda key: hmac.digest(secret, key.encode(), "sha256")[:SIZE]


def _secret(name: bytes) -> bytes:
    return AES.derive(settings.KEYRING.secret(BLIND_INDEX), name)


def of_batch(fresh: Iterable[Fresh]) -> bytes:
    """One digest for all that a batch recorded, in its order: what the ledger keeps of it."""
    told = hashlib.sha256()
    for one in fresh:
        told.update(one.key)
        told.update(one.digest)
    return told.digest()
