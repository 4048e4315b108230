"""Writes to the store: put, and lawful destruction. Reading verifies every byte it gives."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from rongdang.base.accounts.models import User
from rongdang.base.cipher import envelope
from rongdang.base.errors import DomainError
from rongdang.base.ids import uuid7
from rongdang.base.ledger.services import record
from rongdang.keep.objects.holding import may_leave
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.ports import Store
from rongdang.keep.objects.stores.filesystem import FilesystemStore

PURPOSE = "objects"
WITHOUT_ORDER = frozenset({"secret-mark"})


class ObjectDamagedError(DomainError):
    """What the store gives back is not what was put there."""

    status, code = 500, "object-damaged"


def store() -> Store:
    return FilesystemStore(settings.OBJECT_ROOT)


def key_of(object_id: uuid.UUID) -> str:
    """Fan-out by the random end of the id, so folders fill evenly."""
    name = str(object_id)
    return f"{name[-2:]}/{name[-4:-2]}/{name}"


def put(data: bytes | BinaryIO, media_type: str = "") -> StoredObject:
    """Keep bytes for good; the same bytes twice are one object.

    Encrypted under a key of their own, flushed, read back and compared before the row that speaks
    of them is written. Raises StorageError or ObjectDamagedError, and then keeps nothing.
    """
    if isinstance(data, bytes):
        return put_many([(data, media_type)])[0]
    object_id, key = uuid7(), envelope.new_key()
    key_id, wrapped = settings.KEYRING.wrap(PURPOSE, key, object_id.bytes)
    digest, size = hashlib.sha256(), 0

    def seen(chunk: bytes) -> None:
        nonlocal size
        digest.update(chunk)
        size += len(chunk)

    name = key_of(object_id)
    store().add(
        name,
        envelope.encrypted(
            data,
            key,
            key_id=key_id,
            file_id=object_id,
            number=settings.KEYRING.suite,
            seen=seen,
        ),
    )
    held = _held(digest.hexdigest())
    if held is not None:
        store().destroy(name)
        return held
    if _digest_of(name, key) != (digest.hexdigest(), size):
        store().destroy(name)
        raise _written_wrong()
    with transaction.atomic():
        kept, made = StoredObject.objects.get_or_create(
            digest=digest.hexdigest(),
            shredded_at=None,
            defaults={
                "id": object_id,
                "size": size,
                "media_type": media_type,
                "suite": settings.KEYRING.suite,
                "key_id": key_id,
                "wrapped_key": wrapped,
                "verified_at": timezone.now(),
            },
        )
    if not made:
        store().destroy(name)
    return kept


def put_many(contents: Sequence[tuple[bytes, str]]) -> list[StoredObject]:
    """As `put`, of contents in memory with their media types: one commit for all, all or none.

    What is read back is compared with what was encrypted, byte by byte.
    """
    digests = [hashlib.sha256(data).hexdigest() for data, _media_type in contents]
    held = _held_many(digests)
    fresh: dict[str, tuple[StoredObject, bytes]] = {}
    for digest, (data, media_type) in zip(digests, contents, strict=True):
        if digest not in held and digest not in fresh:
            fresh[digest] = _sealed(digest, data, media_type)
    files = {key_of(stored.pk): sealed for stored, sealed in fresh.values()}
    store().add_many(files)
    try:
        for name, sealed in files.items():
            _compare(name, sealed)
        with transaction.atomic():
            rows = [stored for stored, _sealed in fresh.values()]
            StoredObject.objects.bulk_create(rows, ignore_conflicts=True)
            held = _held_many(digests)
    except BaseException:
        for name in files:
            store().destroy(name)
        raise
    for digest, (stored, _bytes) in fresh.items():
        if held[digest].pk != stored.pk:  # another process was first with the same bytes
            store().destroy(key_of(stored.pk))
    return [held[digest] for digest in digests]


def _compare(name: str, sealed: bytes) -> None:
    with store().open(name) as file:
        if file.read() != sealed:
            raise _written_wrong()


def _sealed(digest: str, data: bytes, media_type: str) -> tuple[StoredObject, bytes]:
    """The row to be and the encrypted bytes."""
    object_id, key, number = uuid7(), envelope.new_key(), settings.KEYRING.suite
    key_id, wrapped = settings.KEYRING.wrap(PURPOSE, key, object_id.bytes)
    sealed = envelope.encrypt(data, key, key_id=key_id, file_id=object_id, number=number)
    row = StoredObject(
        id=object_id,
        digest=digest,
        size=len(data),
        media_type=media_type,
        suite=number,
        key_id=key_id,
        wrapped_key=wrapped,
        verified_at=timezone.now(),
    )
    return row, sealed


def _held_many(digests: Sequence[str]) -> dict[str, StoredObject]:
    kept = StoredObject.objects.filter(digest__in=set(digests), shredded_at=None)
    return {stored.digest: stored for stored in kept}


def _written_wrong() -> ObjectDamagedError:
    return ObjectDamagedError(
        "存好后重读，与原来的不一致；没有收下。",
        "What was read back differs from what was written; it was not kept.",
        hint_zh="请检查磁盘，再试一次。",
        hint_en="Check the disk and try again.",
    )


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
    if hashlib.sha256(data).hexdigest() != stored.digest:
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


def _held(digest: str) -> StoredObject | None:
    return StoredObject.objects.filter(digest=digest, shredded_at=None).first()


def _digest_of(name: str, key: bytes) -> tuple[str, int]:
    digest, size = hashlib.sha256(), 0
    with envelope.EnvelopeReader(store().open(name), key) as reader:
        while chunk := reader.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)
    return digest.hexdigest(), size
