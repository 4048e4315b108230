"""Writes to batches: open, receive (whole or in parts), close. The bytes are kept before all else."""

from __future__ import annotations

import unicodedata
from typing import BinaryIO

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.capture.batches import parts
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.batches.states import BATCH, BatchState, ScanState, UploadState
from rongdang.keep.objects import services as objects


@transaction.atomic
def open_batch(
    *, unit: Unit, acting_user: User, source: str, declared: bool, note: str = ""
) -> Batch:
    """Open a batch; whoever hands in declares that no state secret is among the pages."""
    require(acting_user, Permission.BATCH_UPLOAD, unit.path)
    if not declared:
        raise DomainError(
            "还没有声明“不含涉密材料”，没有新建批次。",
            "The declaration “no state secrets” is missing; no batch was opened.",
            hint_zh="先核对这叠材料；有涉密的请线下处理，其余的勾选声明后再交。",
            hint_en="Check the stack; take secret pages out, tick the declaration, hand in the rest.",
            code="not-declared",
        )
    today = timezone.localdate().strftime("%Y%m%d")
    # Numbers of one day are taken under the unit's row, so two clerks never get the same.
    Unit.objects.select_for_update().order_by("path").first()
    count = Batch.objects.filter(number__startswith=f"{today}-").count()
    batch = Batch.objects.create(
        number=f"{today}-{count + 1:03d}",
        unit=unit,
        scope=unit.path,
        source=source,
        note=note,
        declared_by=acting_user,
    )
    record("batch:open", actor=acting_user, subject=batch, detail={"declared": True})
    return batch


@transaction.atomic
def begin_upload(batch: Batch, *, name: str, size: int, acting_user: User) -> Upload:
    """Announce a file of `size` bytes; its parts follow by `receive_part`."""
    require(acting_user, Permission.BATCH_UPLOAD, batch.scope)
    if batch.state != BatchState.RECEIVING:
        raise ConflictError(
            "这一批已经交完，不能再加文件。已有的文件都在。",
            "This batch is closed; no file was added. What it holds is unchanged.",
            hint_zh="请另开一批。",
            hint_en="Open another batch.",
        )
    if size > settings.UPLOAD_LIMIT:
        limit = settings.UPLOAD_LIMIT // 2**20
        raise DomainError(
            f"“{clean_name(name)}”超过 {limit} MB，没有接收。",
            f"“{clean_name(name)}” is larger than {limit} MB and was not received.",
            hint_zh="请拆成几个文件再交。",
            hint_en="Split it into several files.",
            code="too-large",
            status=413,
        )
    return Upload.objects.create(batch=batch, name=clean_name(name), size=size)


def receive_part(upload: Upload, *, offset: int, data: bytes, acting_user: User) -> Upload:
    """Keep the next bytes of a file, encrypted; a part sent twice is recognised by its offset."""
    require(acting_user, Permission.BATCH_UPLOAD, upload.batch.scope)
    if upload.state != UploadState.RECEIVING or offset != upload.received:
        raise ConflictError(
            f"“{upload.name}”已收到 {upload.received} 字节，这一段接不上，没有写入。",
            f"“{upload.name}” holds {upload.received} bytes; this part does not follow them.",
            hint_zh="页面会从断开的地方接着传。",
            hint_en="The page goes on from where it broke off.",
            code="offset",
        )
    if offset + len(data) > upload.size:
        raise DomainError(
            f"“{upload.name}”比说好的 {upload.size} 字节长，多出的没有写入。",
            f"“{upload.name}” is longer than the {upload.size} bytes announced; the rest was not kept.",
            hint_zh="请重新选择这个文件再传。",
            hint_en="Choose the file again.",
            code="longer-than-announced",
        )
    parts.keep(upload.pk, offset, data)
    with transaction.atomic():
        moved = Upload.objects.filter(pk=upload.pk, received=offset).update(
            received=offset + len(data)
        )
    if not moved:
        raise ConflictError(
            "同一段被传了两次，只留一份。",
            "The same part came twice; it was kept once.",
            code="offset",
        )
    upload.received = offset + len(data)
    if upload.received == upload.size:
        finish_upload(upload, acting_user=acting_user)
    return upload


def finish_upload(upload: Upload, *, acting_user: User) -> Upload:
    """All parts are here: make one object of them and say so."""
    with parts.joined(upload.pk) as stream:
        _store(upload, stream, acting_user=acting_user)
    parts.drop(upload.pk)
    return upload


def receive_file(
    batch: Batch, *, name: str, data: BinaryIO, size: int, acting_user: User
) -> Upload:
    """Take in a whole file at once (plain form, watched folder, command)."""
    upload = begin_upload(batch, name=name, size=size, acting_user=acting_user)
    return _store(upload, data, acting_user=acting_user)


def _store(upload: Upload, stream: BinaryIO, *, acting_user: User) -> Upload:
    """Object first (stored, re-read, compared), then the row that speaks of it."""
    if upload.size == 0:
        return _refuse_empty(upload, acting_user=acting_user)
    stored = objects.put(stream)
    with transaction.atomic():
        upload.stored = stored
        upload.received = upload.size
        earlier = (
            Upload.objects.filter(stored=stored)
            .exclude(pk=upload.pk)
            .exclude(state=UploadState.REFUSED)
            .select_related("batch")
            .first()
        )
        if earlier is not None:
            upload.state = UploadState.DUPLICATE
            upload.reason_zh = (
                f"与批次 {earlier.batch.number} 的文件逐字节相同，只留一份，不再识读。"
            )
            upload.reason_en = (
                f"The same bytes came with batch {earlier.batch.number}; kept once, not read again."
            )
        else:
            upload.state = UploadState.STORED
        upload.save(update_fields=["stored", "received", "state", "reason_zh", "reason_en"])
        record(
            "upload:duplicate" if earlier else "upload:store",
            actor=acting_user,
            subject=upload,
            detail={"digest": stored.digest, "size": upload.size, "name": upload.name},
        )
    return upload


@transaction.atomic
def _refuse_empty(upload: Upload, *, acting_user: User) -> Upload:
    upload.state = UploadState.REFUSED
    upload.reason_zh = "文件是空的（0 字节），里面没有页面。请重新扫描或重新选择文件。"
    upload.reason_en = "The file is empty (0 bytes) and holds no page. Scan or choose it again."
    upload.save(update_fields=["state", "reason_zh", "reason_en"])
    record("upload:refuse", actor=acting_user, subject=upload, detail={"name": upload.name})
    return upload


@transaction.atomic
def close_batch(batch: Batch, *, acting_user: User) -> Batch:
    """All is handed in: from here the machine reads on to its proposals."""
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if not batch.uploads.exists():
        raise DomainError(
            "这一批还没有文件。",
            "This batch holds no file yet.",
            hint_zh="先选择扫描文件上传。",
            hint_en="Choose scans to upload first.",
            code="empty-batch",
        )
    event = BATCH.apply("close", batch, by=acting_user, scope=batch.scope)
    batch.save(update_fields=["state"])
    record(event, actor=acting_user, subject=batch)
    announce_if_read(batch)
    return batch


def announce_if_read(batch: Batch) -> None:
    """Once every page of a closed batch has been looked at, say so; the flow goes on from there."""
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    waiting = (
        Upload.objects.filter(
            batch=batch, state__in=[UploadState.RECEIVING, UploadState.STORED]
        ).exists()
        or Scan.objects.filter(batch=batch, state=ScanState.WAITING).exists()
    )
    if batch.state == BatchState.READING and not waiting:
        record("batch:read", actor=None, subject=batch)


def clean_name(name: str) -> str:
    """The sender's name of a file without path and control characters; only ever shown."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C"
    )
    return name[:255] or "未命名"
