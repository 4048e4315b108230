"""Handing scans in, and what became of every page."""

from __future__ import annotations

import uuid
from typing import Any, BinaryIO, cast

from django.db.models import Count
from django.utils.translation import get_language
from django.utils.translation import gettext_noop as _
from ninja import File, Query, Router, Status
from ninja.files import UploadedFile

from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.capture.batches import services
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.web.api import answers, questions
from rongdang.web.api.door import Caller, doors, holding
from rongdang.web.desk.access import fetch
from rongdang.web.desk.forms import named_unit, units_for
from rongdang.web.desk.paging import keyset

router = Router(tags=["intake"])
SEE, UPLOAD = Permission.BATCH_SEE, Permission.BATCH_UPLOAD


@router.get(
    "/batches",
    auth=doors("batches"),
    response=answers.Listed[answers.BatchRow],
    summary=_("批次，新的在前"),
)
def batches(
    request: Caller,
    asked: Query[questions.PagedById],
) -> Any:
    holding(request, SEE)
    rows = Batch.objects.visible_to(request.user).select_related("unit")
    page = keyset(rows, str(asked.after or ""), size=asked.limit, newest_first=True)
    return {"items": [_row(batch) for batch in page.rows], "after": page.after}


@router.post(
    "/batches", auth=doors("upload"), response={201: answers.BatchRow}, summary=_("新开一批")
)
def open_batch(request: Caller, asked: questions.BatchAsked) -> Any:
    holding(request, UPLOAD)
    batch = services.open_batch(
        unit=named_unit(units_for(request.user, UPLOAD), asked.unit),
        acting_user=request.user,
        source="api",
        declared=asked.declared,
        note=asked.note,
    )
    return Status(201, _row(batch))


@router.get(
    "/batches/{batch_id}",
    auth=doors("batches"),
    response=answers.BatchTold,
    summary=_("一批：每个文件和各种状态的页数"),
)
def batch(request: Caller, batch_id: uuid.UUID) -> Any:
    held = _batch(request, batch_id, SEE)
    record_read("batch:see", actor=request.user, subject=held)
    counted = held.scans.order_by().values_list("state").annotate(Count("pk"))
    return {
        "batch": _row(held),
        "uploads": [_upload(one) for one in held.uploads.order_by("id")],
        "pages": dict(counted),
    }


@router.get(
    "/batches/{batch_id}/scans",
    auth=doors("batches"),
    response=answers.Listed[answers.ScanTold],
    summary=_("一批里每页的状态和原因"),
)
def scans(
    request: Caller,
    batch_id: uuid.UUID,
    asked: Query[questions.PagedById],
) -> Any:
    held = _batch(request, batch_id, SEE)
    rows = Scan.objects.visible_to(request.user).filter(batch=held).defer("layer")
    page = keyset(rows, str(asked.after or ""), size=asked.limit)
    return {"items": [_scan(one) for one in page.rows], "after": page.after}


@router.post(
    "/batches/{batch_id}/files",
    auth=doors("upload"),
    response={201: answers.UploadTold},
    summary=_("交一个文件（图像、PDF 或压缩包）"),
)
def receive_file(request: Caller, batch_id: uuid.UUID, file: File[UploadedFile]) -> Any:
    held = _batch(request, batch_id, UPLOAD)
    upload = services.receive_file(
        held,
        name=file.name or "",
        data=cast("BinaryIO", file.file),
        size=file.size or 0,
        acting_user=request.user,
    )
    return Status(201, _upload(upload))


@router.post(
    "/batches/{batch_id}/close",
    auth=doors("upload"),
    response=answers.BatchRow,
    summary=_("交完了，请机器往下读"),
)
def close_batch(request: Caller, batch_id: uuid.UUID) -> Any:
    return _row(services.close_batch(_batch(request, batch_id, UPLOAD), acting_user=request.user))


def _batch(request: Caller, batch_id: uuid.UUID, permission: str) -> Batch:
    holding(request, permission)
    return fetch(Batch.objects.visible_to(request.user).select_related("unit"), batch_id)


def _reason(one: Upload | Scan) -> str:
    english = (get_language() or "").startswith("en")
    said: str = one.reason_en if english else one.reason_zh
    return said


def _row(batch: Batch) -> dict[str, Any]:
    return {
        "id": batch.pk,
        "number": batch.number,
        "unit": batch.scope,
        "unit_name": batch.unit.name,
        "state": batch.state,
        "source": batch.source,
        "note": batch.note,
        "created_at": batch.created_at,
    }


def _upload(one: Upload) -> dict[str, Any]:
    return {
        "id": one.pk,
        "name": str(one.name),
        "size": one.size,
        "received": one.received,
        "state": one.state,
        "pages_found": one.pages_found,
        "reason": _reason(one),
    }


def _scan(one: Scan) -> dict[str, Any]:
    return {
        "id": one.pk,
        "upload": one.upload_id,
        "number": one.number,
        "half": one.half,
        "state": one.state,
        "reason": _reason(one),
    }
