"""Bytes into the store: encrypted under a key of their own, flushed, opened again and compared
before the row that speaks of them is written.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.cipher import envelope
from rongdang.base.cipher.errors import DamagedError
from rongdang.base.ids import uuid7, uuid7_beside
from rongdang.keep.objects.digests import Digests, sm3_of, written_by
from rongdang.keep.objects.digests import of as digests_of
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.shelf import PURPOSE, ObjectDamagedError, key_of, store

SCRATCH = 1 << 20
_own = threading.local()


@dataclass(frozen=True, slots=True)
class _Fresh:
    """The row to be, its key, and the plain bytes if they are in memory."""

    row: StoredObject
    key: bytes
    data: bytes = b""

    @property
    def name(self) -> str:
        return key_of(self.row.pk)

    def sealed(self, scratch: bytearray) -> Iterator[memoryview]:
        row = self.row
        return envelope.encrypted_in(
            scratch, self.data, self.key, key_id=row.key_id, file_id=row.pk, number=row.suite
        )


def put(data: bytes | BinaryIO, media_type: str = "") -> StoredObject:
    """Keep bytes for good; the same bytes twice are one object.

    Raises StorageError or ObjectDamagedError, and then keeps nothing.
    """
    if isinstance(data, bytes):
        return put_many([(data, media_type)])[0]
    number = settings.KEYRING.suite
    digests = Digests(sm3=written_by(number))
    fresh = _new(StoredObject(id=uuid7(), media_type=media_type, suite=number))
    row = fresh.row
    chunks = envelope.encrypted(
        data, fresh.key, key_id=row.key_id, file_id=row.pk, number=number, seen=digests.update
    )
    store().add(fresh.name, chunks)
    row.digest, row.digest_sm3, row.size = digests.sha256, digests.sm3, digests.size
    held = _held([row.digest]).get(row.digest)
    if held is not None:
        store().destroy(fresh.name)
        return held
    try:
        _compare_digests(fresh)
        return _keep([fresh], [row.digest])[0]
    except BaseException:
        store().destroy(fresh.name)
        raise


def put_many(contents: Sequence[tuple[bytes, str]]) -> list[StoredObject]:
    """As `put`, of contents in memory with their media types: one commit for all, all or none.

    They lie in one folder, so that it is flushed once; each file is flushed by itself.
    """
    digests = [hashlib.sha256(data).hexdigest() for data, _media_type in contents]
    fresh = _fresh(contents, digests)
    scratch = _scratch()
    store().add_many({one.name: one.sealed(scratch) for one in fresh})
    try:
        for one in fresh:
            _compare(one)
        return _keep(fresh, digests)
    except BaseException:
        for one in fresh:
            store().destroy(one.name)
        raise


def _scratch() -> bytearray:
    """This thread's memory for encrypted bytes on their way to the disk."""
    if not hasattr(_own, "scratch"):
        _own.scratch = bytearray(SCRATCH)
    held: bytearray = _own.scratch
    return held


def _fresh(contents: Sequence[tuple[bytes, str]], digests: Sequence[str]) -> list[_Fresh]:
    """What is not kept yet, each once."""
    held, number, first = set(_held(digests)), settings.KEYRING.suite, uuid7()
    found = []
    for digest, (data, media_type) in zip(digests, contents, strict=True):
        if digest not in held:
            held.add(digest)
            row = StoredObject(
                id=uuid7_beside(first),
                digest=digest,
                digest_sm3=sm3_of(data, number),
                size=len(data),
                media_type=media_type,
                suite=number,
            )
            found.append(_new(row, data))
    return found


def _new(row: StoredObject, data: bytes = b"") -> _Fresh:
    """With a key of its own, wrapped for its row."""
    key = envelope.new_key()
    row.key_id, row.wrapped_key = settings.KEYRING.wrap(PURPOSE, key, row.pk.bytes)
    return _Fresh(row, key, data)


def _keep(fresh: Sequence[_Fresh], digests: Sequence[str]) -> list[StoredObject]:
    """Rows for the files; where another process was first with the same bytes, its file stays."""
    now = timezone.now()
    for one in fresh:
        one.row.verified_at = now
    with transaction.atomic():
        StoredObject.objects.bulk_create([one.row for one in fresh], ignore_conflicts=True)
        held = _held(digests)
    for one in fresh:
        if held[one.row.digest].pk != one.row.pk:
            store().destroy(one.name)
    return [held[digest] for digest in digests]


def _held(digests: Sequence[str]) -> dict[str, StoredObject]:
    kept = StoredObject.objects.filter(digest__in=set(digests), shredded_at=None)
    return {stored.digest: stored for stored in kept}


def _compare(fresh: _Fresh) -> None:
    """What lies there opens with its key, and is what was given, byte by byte."""
    at = 0
    for chunk in _read_back(fresh):
        if fresh.data[at : at + len(chunk)] != chunk:
            raise _written_wrong()
        at += len(chunk)
    if at != len(fresh.data):
        raise _written_wrong()


def _compare_digests(fresh: _Fresh) -> None:
    digests = digests_of(fresh.row)
    for chunk in _read_back(fresh):
        digests.update(chunk)
    if not digests.fit(fresh.row):
        raise _written_wrong()


def _read_back(fresh: _Fresh) -> Iterator[bytes]:
    try:
        with envelope.EnvelopeReader(store().open(fresh.name), fresh.key) as reader:
            yield from reader.chunks()
    except DamagedError as error:
        raise _written_wrong() from error


def _written_wrong() -> ObjectDamagedError:
    return ObjectDamagedError(
        "存好后重读，与原来的不一致；没有收下。",
        "What was read back differs from what was written; it was not kept.",
        hint_zh="请检查磁盘，再试一次。",
        hint_en="Check the disk and try again.",
    )
