"""Putting objects under a later key, or under the other suite; stopped, both go on where they were."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any, BinaryIO, cast

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Q

from rongdang.base.cipher import envelope
from rongdang.base.cipher.errors import DamagedError, KeyringError, damaged
from rongdang.keep.objects.digests import Digests, written_by
from rongdang.keep.objects.digests import of as digests_of
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.services import open_object
from rongdang.keep.objects.shelf import PURPOSE, key_of, store

AT_ONCE = 5000  # rows of one transaction: others wait for it a tenth of a second
Progress = Callable[[int, int], None]
TABLE = StoredObject._meta.db_table
# Destroyed objects have no key; what the key and suite of today wrapped is left alone.
OLD = "length(wrapped_key) > 0 AND (key_id <> %s OR substr(wrapped_key, 1, 1) <> %s)"


def outstanding() -> int:
    """Objects whose key another key, or the other suite, wraps."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {TABLE} WHERE {OLD}", _today())
        return int(cursor.fetchone()[0])


def rewrap(progress: Progress | None = None, *, portion: int = AT_ONCE) -> int:
    """Wrap every object's key by the newest key of the ring; the bytes in the store do not change.

    So many at a time are one transaction.
    """
    total, done, last = outstanding(), 0, None
    while True:
        with transaction.atomic():
            rows = _portion(last, portion)
            _write(rows)
        if not rows:
            return done
        done, last = done + len(rows), rows[-1][0]
        if progress is not None:
            progress(done, total)


def other_suite() -> int:
    """Objects that the other suite encrypted, or that lack the digest of the suite that writes."""
    return int(_bodies().count())


def reencrypt(progress: Progress | None = None) -> int:
    """Encrypt the bytes of every object with the suite that writes, one object after the other.

    Each object keeps its key, of which each suite derives its own; so the file may be replaced in one
    rename with no row to change at the same moment: its header says which suite reads it. The SM
    suite's digest comes with it, and stays when the other suite takes over again.
    """
    total, done = other_suite(), 0
    for pk in list(_bodies().order_by("pk").values_list("pk", flat=True)):
        done += _reencrypt(pk)
        if progress is not None:
            progress(done, total)
    return done


def _bodies() -> Any:
    live, number = StoredObject.objects.filter(shredded_at=None), settings.KEYRING.suite
    other = ~Q(suite=number)
    return live.filter(other | Q(digest_sm3="") if written_by(number) else other)


def _reencrypt(object_id: uuid.UUID) -> bool:
    stored = StoredObject.objects.get(pk=object_id)
    if stored.shredded_at is not None:
        return False
    number, name = settings.KEYRING.suite, key_of(object_id)
    key = settings.KEYRING.unwrap(stored.key_id, bytes(stored.wrapped_key), object_id.bytes)
    digests = Digests(sm3=written_by(number) or bool(stored.digest_sm3))

    def same(written: BinaryIO) -> None:
        stored.digest_sm3 = stored.digest_sm3 or digests.sm3
        again = digests_of(stored)
        for chunk in envelope.EnvelopeReader(written, key).chunks():
            again.update(chunk)
        if not (digests.fit(stored) and again.fit(stored)):
            raise damaged("重新加密后内容不同", "encrypted anew, its content differs")

    with open_object(stored) as source:
        chunks = envelope.encrypted(
            cast("BinaryIO", source),
            key,
            key_id=stored.key_id,
            file_id=object_id,
            number=number,
            length=source.length,
            seen=digests.update,
        )
        store().replace(name, chunks, check=same)
    kept = StoredObject.objects.filter(pk=object_id, shredded_at=None).update(
        suite=number, digest_sm3=stored.digest_sm3
    )
    if not kept:  # lawfully destroyed meanwhile: what was just written goes too
        store().destroy(name)
    return bool(kept)


def _today() -> list[Any]:
    keyring = settings.KEYRING
    return [keyring.active(PURPOSE).id, bytes((keyring.suite,))]


def _portion(last: Any, most: int) -> list[tuple[Any, str, bytes]]:
    """(key as the database has it, key id, wrapped key) of the next rows, locked till the commit.

    SQLite's transaction is the only writer; so an object destroyed meanwhile stays destroyed.
    """
    beyond, values = ("AND id > %s", [last]) if last is not None else ("", [])
    lock = "FOR UPDATE" if connection.features.has_select_for_update else ""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id, key_id, wrapped_key FROM {TABLE} WHERE {OLD} {beyond} "
            f"ORDER BY id LIMIT {most} {lock}",
            [*_today(), *values],
        )
        return [(pk, key_id, bytes(wrapped)) for pk, key_id, wrapped in cursor.fetchall()]


def _write(rows: list[tuple[Any, str, bytes]]) -> None:
    keyring = settings.KEYRING
    changed = []
    for pk, key_id, wrapped in rows:
        aad = (pk if isinstance(pk, uuid.UUID) else uuid.UUID(pk)).bytes
        try:
            key = keyring.unwrap(key_id, wrapped, aad)
        except (DamagedError, KeyringError):
            continue  # verification names it; it stays under its key, and that key stays
        new_id, again = keyring.wrap(PURPOSE, key, aad)
        changed.append((new_id, again, pk))
    with connection.cursor() as cursor:
        cursor.executemany(
            f"UPDATE {TABLE} SET key_id = %s, wrapped_key = %s WHERE id = %s", changed
        )
