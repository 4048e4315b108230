"""Seals on an account: MACs under the key ring, which whoever edits the database lacks.

One seal covers what the account opens, its roles; another how it is opened: password, second
factors, whether it is open and whose it is. Login looks at both.

The first covers the whole set of roles and the number of changes made so far, so that a row added, altered,
removed, or brought back after it was withdrawn does not fit. `serial` is the number of entries of the
ledger that speak of this person's roles; login compares the two (security.md, N28).
"""

from __future__ import annotations

import hmac
import uuid
from collections.abc import Iterable
from functools import lru_cache
from typing import Protocol

from django.conf import settings

from rongdang.base.cipher.suites import AES, suite
from rongdang.base.errors import DomainError

PURPOSE = "roles"


class Sealed(Protocol):
    """What a seal speaks of: an account."""

    pk: uuid.UUID
    roles_serial: int
    roles_seal: str


class Opened(Protocol):
    """What the second seal speaks of."""

    pk: uuid.UUID
    password: str
    person: str
    is_active: bool
    entry_seal: str


def seal_entry(account: Opened, factors: Iterable[tuple[str, int]]) -> str:
    """The seal on how the account is opened; `factors` are (type, number) of its second factors."""
    key_id = settings.KEYRING.active(PURPOSE).id
    return _made(AES.number, key_id, _entry(account, factors))


def entry_holds(account: Opened, factors: Iterable[tuple[str, int]]) -> bool:
    return _fits(account.entry_seal, _entry(account, factors))


def _entry(account: Opened, factors: Iterable[tuple[str, int]]) -> bytes:
    told = [f"entry {account.pk.hex}", account.password, account.person, str(account.is_active)]
    return "\n".join([*told, *sorted(f"{kind} {number}" for kind, number in factors)]).encode()


def seal(account: Sealed, rows: Iterable[tuple[str, uuid.UUID]]) -> str:
    """suite.key.MAC of these (role, unit) rows of the account, at its present serial."""
    key_id = settings.KEYRING.active(PURPOSE).id
    return _made(AES.number, key_id, _message(account, rows))


def holds(account: Sealed, rows: Iterable[tuple[str, uuid.UUID]]) -> bool:
    """Are these the rows the account was sealed with? No rows and no seal is a new account."""
    told = list(rows)
    if not account.roles_seal:
        return not told and account.roles_serial == 0
    return _fits(account.roles_seal, _message(account, told))


def _fits(held: str, message: bytes) -> bool:
    number, _, rest = held.partition(".")
    key_id, _, _mac = rest.rpartition(".")
    if not number.isdecimal() or not _known(int(number), key_id):
        return False
    return hmac.compare_digest(_made(int(number), key_id, message), held)


def _known(number: int, key_id: str) -> bool:
    try:
        _key(number, key_id, str(settings.KEYRING.folder))
    except DomainError:  # a suite or a key that nobody issued: a forged seal
        return False
    return True


def _message(account: Sealed, rows: Iterable[tuple[str, uuid.UUID]]) -> bytes:
    lines = sorted(f"{role} {unit.hex}" for role, unit in rows)
    return "\n".join([f"roles {account.pk.hex} {account.roles_serial}", *lines]).encode()


def _made(number: int, key_id: str, message: bytes) -> str:
    key = _key(number, key_id, str(settings.KEYRING.folder))
    return f"{number}.{key_id}.{suite(number).mac(key, message).hex()}"


@lru_cache(maxsize=16)
def _key(number: int, key_id: str, folder: str) -> bytes:
    """Derived once a process; `folder` tells one key ring from another."""
    return suite(number).derive(settings.KEYRING.key(key_id).material, b"rongdang roles")
