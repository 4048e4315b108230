"""One value of one column of one row, encrypted: it opens there and nowhere else.

`SUITE KEY-ID ` in ASCII, then nonce and ciphertext (in base64 where the column holds text). Associated
data is `table.column.pk.key-id`: copied to another row or column, a value does not open. Each column
has a key of its own, derived from the ring's, so that random nonces stay far from their limit.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Callable

from django.conf import settings

from rongdang.base.cipher.errors import damaged
from rongdang.base.cipher.keyring import COLUMNS, RingKey
from rongdang.base.cipher.suites import NONCE_SIZE, Aead


def seal(table: str, column: str, pk: object, plain: bytes, *, purpose: str = COLUMNS) -> bytes:
    key, number = settings.KEYRING.active(purpose), settings.KEYRING.suite
    nonce = os.urandom(NONCE_SIZE)
    sealed = _cipher(key, number, table, column).encrypt(
        nonce, plain, f"{table}.{column}.{pk}.{key.id}".encode()
    )
    return prefix(key.id, number) + nonce + sealed


def sealing(table: str, column: str, *, purpose: str = COLUMNS) -> Callable[[object, bytes], bytes]:
    """`seal` of many rows of a column, one after the other: the key is looked up once."""
    key, number = settings.KEYRING.active(purpose), settings.KEYRING.suite
    encrypt = _cipher(key, number, table, column).encrypt
    head, place, bound = prefix(key.id, number), f"{table}.{column}.", f".{key.id}"

    def sealed(pk: object, plain: bytes) -> bytes:
        nonce = os.urandom(NONCE_SIZE)
        return head + nonce + encrypt(nonce, plain, f"{place}{pk}{bound}".encode())

    return sealed


def unseal(table: str, column: str, pk: object, sealed: bytes) -> bytes:
    """Raises DamagedError for a changed value or one of another row, KeyringError for a lost key."""
    return unsealing(table, column)(pk, sealed)


def unsealing(table: str, column: str) -> Callable[[object, bytes], bytes]:
    """`unseal` of many rows of a column, one after the other: each key is looked up once."""
    known: dict[bytes, tuple[Callable[[bytes, bytes, bytes], bytes], str]] = {}
    mark, place = b" ", f"{table}.{column}."  # what the value before began with; no value begins so

    def opened(pk: object, sealed: bytes) -> bytes:
        nonlocal mark
        if not sealed.startswith(mark):
            other = _mark(sealed)
            if other not in known:
                number, key_id, _end = other.decode("ascii").split(" ")
                cipher = _cipher(settings.KEYRING.key(key_id), int(number), table, column)
                known[other] = cipher.decrypt, f".{key_id}"
            mark = other
        decrypt, bound = known[mark]
        start = len(mark) + NONCE_SIZE
        aad = f"{place}{pk}{bound}".encode()
        return decrypt(sealed[len(mark) : start], sealed[start:], aad)

    return opened


def _mark(sealed: bytes) -> bytes:
    """What names suite and key; raises DamagedError where it does not."""
    number, _, rest = sealed.partition(b" ")
    key_id, space, _ = rest.partition(b" ")
    if not space or not number.isdigit() or not key_id.isascii():
        raise damaged("数据库里的这一项不是密文", "this column holds no encrypted value")
    return number + b" " + key_id + b" "


def prefix(key_id: str, number: int) -> bytes:
    """What every value begins with that this key and suite sealed."""
    return f"{number} {key_id} ".encode()


def current_prefix() -> bytes:
    """What a value sealed now begins with."""
    return prefix(settings.KEYRING.active(COLUMNS).id, settings.KEYRING.suite)


def to_text(sealed: bytes) -> str:
    """For a column of text: the head stays readable, the rest is base64."""
    number, key_id, rest = sealed.split(b" ", 2)
    return f"{number.decode()} {key_id.decode()} {base64.b64encode(rest).decode()}"


def from_text(text: str) -> bytes:
    try:
        number, key_id, rest = text.split(" ", 2)
        return f"{number} {key_id} ".encode() + base64.b64decode(rest, validate=True)
    except (ValueError, binascii.Error):
        raise damaged("数据库里的这一项不是密文", "this column holds no encrypted value") from None


def _cipher(key: RingKey, number: int, table: str, column: str) -> Aead:
    cipher: Aead = settings.KEYRING.cipher(
        key, number, f"rongdang column {table}.{column}".encode()
    )
    return cipher
