"""Writes to batches: open, receive (whole or in parts), close. The bytes are kept before all else."""

from __future__ import annotations

import unicodedata
from typing import BinaryIO, cast

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.capture.batches import parts
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.batches.states import BATCH, UNOPENED, BatchState, ScanState, UploadState
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject


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
    refuse_marks(note, scope=unit.path, acting_user=acting_user, place="note")
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


def _may_receive(batch: Batch, *, name: str, size: int, acting_user: User, mends: bool) -> None:
    require(acting_user, Permission.BATCH_UPLOAD, batch.scope)
    refuse_marks(*_said_by(name), scope=batch.scope, acting_user=acting_user, place="file-name")
    takes = (BatchState.REVIEW, BatchState.DONE) if mends else (BatchState.RECEIVING,)
    if batch.state not in takes:
        raise ConflictError(
            "这一批现在不收文件，没有收下。已有的文件都在。",
            "This batch takes no files now; nothing was kept. What it holds is unchanged.",
            hint_zh="请另开一批；要换某一页，等这一批识读完、开始核对时再换。",
            hint_en="Open another batch; to change a page, wait until the batch is in review.",
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


@transaction.atomic
def begin_upload(
    batch: Batch, *, name: str, size: int, acting_user: User, modified: int = 0
) -> Upload:
    """Announce a file of `size` bytes; its parts follow by `receive_part`.

    A file of this batch with the same name, size and time of change (`modified`, in milliseconds;
    0 = not known) is the same file chosen again: it goes on from where it stopped.
    """
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    _may_receive(batch, name=name, size=size, acting_user=acting_user, mends=False)
    name = clean_name(name)
    if modified:
        alike = batch.uploads.filter(size=size, modified=modified)
        for upload in alike.exclude(state=UploadState.REFUSED):
            if upload.name == name:
                return upload
    return Upload.objects.create(batch=batch, name=name, size=size, modified=modified)


def receive_part(upload: Upload, *, offset: int, data: bytes, acting_user: User) -> Upload:
    """Keep the next bytes of a file, encrypted; a part sent twice is recognised by its offset.

    When all bytes are here but the file could not be made whole (a full disk), an empty part at
    the end tries again.
    """
    require(acting_user, Permission.BATCH_UPLOAD, upload.batch.scope)
    if offset + len(data) > upload.size:
        raise DomainError(
            f"“{upload.name}”比说好的 {upload.size} 字节长，多出的没有写入。",
            f"“{upload.name}” is longer than the {upload.size} bytes announced; the rest was not kept.",
            hint_zh="请重新选择这个文件再传。",
            hint_en="Choose the file again.",
            code="longer-than-announced",
        )
    upload = Upload.objects.select_related("batch").get(pk=upload.pk)
    part = parts.keep(upload.pk, data) if data and _follows(upload, offset) else None
    with transaction.atomic():
        upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
        if not _follows(upload, offset) or (data and part is None):
            raise ConflictError(
                f"“{upload.name}”已收到 {upload.received} 字节，这一段接不上，没有写入。",
                f"“{upload.name}” holds {upload.received} bytes; this part does not follow them.",
                hint_zh="页面会从断开的地方接着传。",
                hint_en="The page goes on from where it broke off.",
                code="offset",
            )
        if part is not None:
            parts.place(upload.pk, offset, part)
            upload.received = offset + len(data)
            upload.save(update_fields=["received"])
    if upload.received == upload.size:
        finish_upload(upload, acting_user=acting_user)
    return upload


def _follows(upload: Upload, offset: int) -> bool:
    return upload.state == UploadState.RECEIVING and offset == upload.received


def finish_upload(upload: Upload, *, acting_user: User) -> Upload:
    """All parts are here: make one object of them and say so."""
    stored = None
    if upload.size:
        with parts.joined(upload.pk) as stream:
            stored = objects.put(_exactly(stream, upload.size, upload.name))
    _keep_upload(upload, stored, acting_user=acting_user)
    parts.drop(upload.pk)
    return upload


@transaction.atomic
def abandon_upload(upload: Upload, *, acting_user: User) -> Upload:
    """Give up a file that did not arrive whole; its parts are thrown away, and that is said."""
    require(acting_user, Permission.BATCH_UPLOAD, upload.batch.scope)
    upload = Upload.objects.select_for_update(of=("self",)).get(pk=upload.pk)
    if upload.state != UploadState.RECEIVING:
        raise ConflictError(
            "这个文件已经收完，没有改动。", "This file has arrived whole; nothing changed."
        )
    upload.state = UploadState.REFUSED
    upload.reason_zh = f"没有传完（{upload.received}/{upload.size} 字节），经办人不要了。"
    upload.reason_en = f"Not sent to the end ({upload.received} of {upload.size} bytes); given up."
    upload.save(update_fields=["state", "reason_zh", "reason_en"])
    record("upload:abandon", actor=acting_user, subject=upload, detail={"name": upload.name})
    transaction.on_commit(lambda: parts.drop(upload.pk))
    return upload


def receive_file(
    batch: Batch,
    *,
    name: str,
    data: BinaryIO,
    size: int,
    acting_user: User,
    replaces: Scan | None = None,
) -> Upload:
    """Take in a whole file at once (plain form, watched folder, command, a page scanned anew).

    The object is stored, re-read and compared first; only then a row speaks of it, so a crash
    leaves nothing half-known.
    """
    mends = replaces is not None
    batch = Batch.objects.get(pk=batch.pk)
    _may_receive(batch, name=name, size=size, acting_user=acting_user, mends=mends)
    stored = objects.put(_exactly(data, size, clean_name(name))) if size else None
    with transaction.atomic():
        batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
        _may_receive(batch, name=name, size=size, acting_user=acting_user, mends=mends)
        upload = Upload.objects.create(
            batch=batch, name=clean_name(name), size=size, replaces=replaces
        )
        if batch.state == BatchState.DONE:
            event = BATCH.apply("reopen", batch, by=acting_user, scope=batch.scope)
            batch.save(update_fields=["state"])
            record(event, actor=acting_user, subject=batch)
        return _keep_upload(upload, stored, acting_user=acting_user)


def _exactly(stream: BinaryIO, size: int, name: str) -> BinaryIO:
    return cast("BinaryIO", parts.Exactly(stream, size, name))


@transaction.atomic
def _keep_upload(upload: Upload, stored: StoredObject | None, *, acting_user: User) -> Upload:
    """Write down what came: new, the same bytes as before, empty, or known to be secret."""
    upload.stored, upload.received = stored, upload.size
    event, detail = "upload:store", {"name": upload.name, "size": upload.size}
    earlier = _same_bytes(upload) if stored else None
    if stored is None:
        event, upload.state = "upload:refuse", UploadState.REFUSED
        upload.reason_zh = "文件是空的（0 字节），里面没有页面。请重新扫描或重新选择文件。"
        upload.reason_en = "The file is empty (0 bytes) and holds no page. Scan or choose it again."
    elif known_secret(stored):
        event, upload.state = "upload:refuse", UploadState.REFUSED
        upload.reason_zh = "与以前因涉密标志拦下的文件逐字节相同，没有留存。请线下处理。"
        upload.reason_en = (
            "The same bytes were stopped before for marks of state secrets; not kept. "
            "Handle the sheets off-line."
        )
        objects.shred(stored, reason="secret-mark")
    elif earlier is not None:
        event, upload.state = "upload:duplicate", UploadState.DUPLICATE
        upload.reason_zh = f"与批次 {earlier.batch.number} 的文件逐字节相同，只留一份，不再识读。"
        upload.reason_en = (
            f"The same bytes came with batch {earlier.batch.number}; kept once, not read again."
        )
    else:
        upload.state = UploadState.STORED
    if stored is not None:
        detail["digest"] = stored.digest
    upload.save(update_fields=["stored", "received", "state", "reason_zh", "reason_en"])
    record(event, actor=acting_user, subject=upload, detail=detail)
    return upload


def _same_bytes(upload: Upload) -> Upload | None:
    """The same unit handed these bytes in before. Another unit's batch is not told of, and not
    reckoned: the page may belong to a person who has moved here.
    """
    return (
        Upload.objects.filter(
            stored=upload.stored,
            batch__scope=upload.batch.scope,
            state__in=[*UNOPENED, UploadState.SPLIT, UploadState.PARTIAL],
        )
        .exclude(pk=upload.pk)
        .select_related("batch")
        .order_by("pk")
        .first()
    )


def known_secret(stored: StoredObject) -> bool:
    """Were these bytes stopped before for a mark of state secrets?"""
    destroyed = StoredObject.objects.filter(digest=stored.digest, shredded_at__isnull=False)
    gone = list(destroyed.values_list("pk", flat=True))
    if not gone:
        return False
    held_it = Q(original__in=gone) | Q(upload__stored__in=gone)
    return Scan.objects.filter(held_it, state=ScanState.SECRET, cleared=False).exists()


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
    unfinished = list(batch.uploads.filter(state=UploadState.RECEIVING)[:5])
    if unfinished:
        names = "、".join(upload.name for upload in unfinished)
        raise ConflictError(
            f"还有文件没传完：{names}。这一批没有交出，已传的都在。",
            f"Some files have not arrived whole: {names}. The batch stays open; nothing is lost.",
            hint_zh="接着传完，或者把没传完的去掉，再交。",
            hint_en="Send the rest, or give those files up, then hand in.",
            code="unfinished-uploads",
        )
    event = BATCH.apply("close", batch, by=acting_user, scope=batch.scope)
    batch.save(update_fields=["state"])
    record(event, actor=acting_user, subject=batch)
    announce_if_read(batch)
    return batch


def announce_if_read(batch: Batch) -> None:
    """Once every page of a closed batch was looked at, say so, once; the flow goes on from there.

    Call it in the transaction that changed a page or a file, after the change.
    """
    batch = Batch.objects.select_for_update(of=("self",)).get(pk=batch.pk)
    if batch.state != BatchState.READING or batch.read_at is not None:
        return
    if (
        Upload.objects.filter(batch=batch, state__in=UNOPENED).exists()
        or Scan.objects.filter(batch=batch, state=ScanState.WAITING).exists()
    ):
        return
    batch.read_at = timezone.now()
    batch.save(update_fields=["read_at"])
    record("batch:read", actor=None, subject=batch)


def _said_by(name: str) -> list[str]:
    """A file's name as words, with its ending and without; also each folder a tray puts before it."""
    whole = clean_name(name)
    return [whole, *(whole.rpartition(".")[0] or whole).split("·")]


def clean_name(name: str) -> str:
    """The sender's name of a file without path and control characters; only ever shown."""
    name = name.replace("\\", "/").rsplit("/", 1)[-1]
    name = "".join(
        c for c in unicodedata.normalize("NFC", name) if unicodedata.category(c)[0] != "C"
    )
    return name[:255] or "未命名"
