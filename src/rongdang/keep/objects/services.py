"""Writes to the store: put, and lawful destruction. Reading verifies every byte it gives."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from rongdang.base.accounts.models import User
from rongdang.base.cipher import envelope
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.keep.objects.digests import of as digests_of
from rongdang.keep.objects.holding import may_leave
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.putting import put, put_many
from rongdang.keep.objects.shelf import PURPOSE, ObjectDamagedError, key_of, store

__all__ = ["PURPOSE", "ObjectDamagedError", "key_of", "put", "put_many", "store"]

WITHOUT_ORDER = frozenset({"secret-mark"})


def open_object(stored: StoredObject) -> envelope.EnvelopeReader:
    """A seekable reader of the plain bytes; each chunk is authenticated before it is given."""
    if stored.shredded_at is not None:
        raise DomainError(
            "这个对象已按规定销毁，读不到了；账上留有摘要。",
            "This object was lawfully destroyed; only its digest remains.",
            code="shredded",
            status=410,
        )
    key = settings.KEYRING.unwrap(stored.key_id, bytes(stored.wrapped_key), stored.pk.bytes)
    return envelope.EnvelopeReader(store().open(key_of(stored.pk)), key)


def read(stored: StoredObject) -> bytes:
    """All plain bytes, compared with the digest on record; raises ObjectDamagedError."""
    with open_object(stored) as reader:
        data = reader.readall()
    digests = digests_of(stored)
    digests.update(data)
    if not digests.fit(stored):
        raise ObjectDamagedError(
            "读出的内容与存入时的摘要不符，没有给出。",
            "The content differs from the digest taken when it was stored; it was not given out.",
            hint_zh="请运行 rongdang verify，并从备份恢复。",
            hint_en="Run rongdang verify and restore from backup.",
        )
    return data


def shred(stored: StoredObject, *, reason: str) -> None:
    """Destroy what may not be kept at all: a mark of state secrets (保密法 31) waits for no order."""
    if reason not in WITHOUT_ORDER:
        raise _no_order()
    _shred(stored, acting_user=None, detail={"reason": reason})


def tell_type(stored: StoredObject, media_type: str) -> None:
    """What the bytes turned out to be, once somebody has looked; a type that was told stands."""
    if not stored.media_type:
        stored.media_type = media_type
        stored.save(update_fields=["media_type"])


def destroy(stored: StoredObject, *, order_id: str, acting_user: User | None) -> None:
    """Lawful destruction: only what an approved order names (档案法 2020, 16; DA/T 70-2018).

    `settings.DISPOSAL_ORDERS` names the register of orders: a function of (order id, object) that
    says whether that order is approved and covers that object. No register, no destruction.
    """
    register: str = settings.DISPOSAL_ORDERS
    if not order_id.strip() or not register or not import_string(register)(order_id, stored):
        raise _no_order()
    _shred(stored, acting_user=acting_user, detail={"order": order_id})


def _no_order() -> DomainError:
    return DomainError(
        "没有已批准、并且写明这一件的销毁令，没有销毁。",
        "No approved order names this object; it was not destroyed.",
        hint_zh="请先办理鉴定销毁审批。",
        hint_en="Have the destruction appraised and approved first.",
        code="no-order",
        status=403,
    )


@transaction.atomic
def _shred(stored: StoredObject, *, acting_user: User | None, detail: dict[str, str]) -> None:
    """Destroy an object by destroying its key, then its bytes; digest and time remain."""
    if stored.shredded_at is not None:
        return
    stored.shredded_at, stored.wrapped_key = timezone.now(), b""
    stored.save(update_fields=["shredded_at", "wrapped_key"])
    record(
        "object:shred",
        actor=acting_user,
        subject=stored,
        detail={"digest": stored.digest, **detail},
    )
    transaction.on_commit(lambda: _remove_bytes(stored.pk))


def sweep(*, since: datetime | None = None) -> int:
    """Remove the bytes of destroyed objects that stayed while a backup ran; how many rows it saw."""
    gone = StoredObject.objects.filter(shredded_at__isnull=False)
    if since is not None:
        gone = gone.filter(shredded_at__gte=since)
    return sum(_remove_bytes(pk) for pk in gone.values_list("pk", flat=True).iterator(2000))


def _remove_bytes(object_id: uuid.UUID) -> bool:
    """Without their key the bytes are noise; while a backup runs they may stay."""
    with may_leave() as free:
        if free:
            store().destroy(key_of(object_id))
        return free
