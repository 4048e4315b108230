"""Handing scans in: list, new batch, live state of every page, files whole or in parts."""

from __future__ import annotations

import re
import uuid
from typing import BinaryIO, cast

from django.db.models import Count, OuterRef, Q, Subquery
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.reading import record_read
from rongdang.capture.batches import separators, services
from rongdang.capture.batches.models import Batch, Upload
from rongdang.capture.batches.queries import BAD_FILES, reject_list
from rongdang.capture.batches.states import UNOPENED, BatchState, ScanState, UploadState
from rongdang.capture.review.services import is_sure
from rongdang.capture.review.states import MaterialState
from rongdang.describe.casefiles.models import CaseFile
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import named_unit, units_for
from rongdang.web.desk.paging import keyset
from rongdang.web.numbers import whole

SEE = Permission.BATCH_SEE
UNSPLIT = (UploadState.RECEIVING, *UNOPENED)
MOST_SHEETS = 200


@require_safe
@holding(SEE)
def batch_list(request: SignedInRequest) -> HttpResponse:
    bad = Upload.objects.filter(batch=OuterRef("pk"), state__in=BAD_FILES).order_by()
    rows = (
        Batch.objects.visible_to(request.user)
        .select_related("unit", "declared_by")
        .annotate(
            pages=Count("scans"),
            waiting=Count("scans", filter=Q(scans__state=ScanState.WAITING)),
            bad=Subquery(bad.values("batch").annotate(count=Count("pk")).values("count")),
        )
    )
    page = keyset(rows, request.GET.get("after", ""), size=30, newest_first=True)
    may_upload = request.user.may(Permission.BATCH_UPLOAD)
    context = {"batches": page.rows, "page": page, "may_upload": may_upload}
    return render(request, "batches/list.html", context)


@require_http_methods(["GET", "POST"])
@holding(Permission.BATCH_UPLOAD)
def batch_new(request: SignedInRequest) -> HttpResponse:
    """Open a batch; files may come along in the same plain form, or afterwards in parts."""
    units = units_for(request.user, Permission.BATCH_UPLOAD)
    if request.method != "POST":
        return render(request, "batches/new.html", {"units": units})
    batch = services.open_batch(
        unit=named_unit(units, request.POST.get("unit", "")),
        acting_user=request.user,
        source="browser",
        declared=request.POST.get("declared") == "on",
        note=request.POST.get("note", "")[:200],
    )
    _receive_files(batch, request)
    if request.FILES and request.POST.get("close") == "on":
        services.close_batch(batch, acting_user=request.user)
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse(
            {
                "id": str(batch.pk),
                "uploads": reverse("batches:uploads", args=[batch.pk]),
                "close": reverse("batches:close", args=[batch.pk]),
                "page": reverse("batches:detail", args=[batch.pk]),
            }
        )
    return redirect("batches:detail", batch.pk)


@require_safe
@holding(SEE)
def batch_detail(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Every file and every page with its state; polled while the machine is at work."""
    batch = fetch(
        Batch.objects.visible_to(request.user).select_related("unit", "declared_by"), batch_id
    )
    scans = list(
        batch.scans.select_related("upload").defer("layer").order_by("upload", "number", "half")
    )
    uploads = list(batch.uploads.order_by("id"))
    materials = list(
        batch.materials.exclude(state=MaterialState.EMPTY)
        .select_related("person")
        .order_by("sequence")
    )
    counts = {state: sum(scan.state == state for scan in scans) for state in ScanState.values}
    busy = batch.state == BatchState.READING or bool(
        counts[ScanState.WAITING] or any(one.state in UNSPLIT for one in uploads)
    )
    done = len(scans) - counts[ScanState.WAITING]
    user = request.user
    may_upload = user.may(Permission.BATCH_UPLOAD, batch.scope)
    context = {
        "batch": batch,
        "uploads": uploads,
        "scans": scans,
        "materials": materials,
        "counts": counts,
        "done": done,
        "bad": sum(one.state in BAD_FILES for one in uploads),
        "busy": busy,
        # What the page shows, as one word: the script asks more slowly while it stays the same.
        "pulse": f"{done}-{len(scans)}-{len(uploads)}-{batch.state}" if busy else "done",
        "rescans": reject_list(user).filter(batch=batch),
        "unread": sum(scan.state == ScanState.FAILED and bool(scan.original_id) for scan in scans),
        "sure": sum(is_sure(one) for one in materials if one.state == MaterialState.PROPOSED),
        "may_upload": may_upload and batch.state == BatchState.RECEIVING,
        "may_mend": may_upload,
        "may_review": user.may(Permission.MATERIAL_REVIEW, batch.scope),
        "may_open": user.may(Permission.MATERIAL_REVIEW, batch.scope)
        or user.may(Permission.MATERIAL_CHECK, batch.scope),
    }
    if request.htmx:  # the same person's page, asked again by itself: one look, one entry
        return render(request, "batches/_live.html", context)
    record_read("batch:see", actor=user, subject=batch)
    return render(request, "batches/detail.html", context)


@require_POST
@holding(Permission.BATCH_UPLOAD)
def batch_files(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """The plain form: several files at once, without script."""
    batch = fetch(Batch.objects.visible_to(request.user), batch_id)
    _receive_files(batch, request)
    return redirect("batches:detail", batch.pk)


def _receive_files(batch: Batch, request: SignedInRequest) -> None:
    for file in request.FILES.getlist("files"):
        services.receive_file(
            batch,
            name=file.name or "",
            data=cast("BinaryIO", file.file),
            size=file.size or 0,
            acting_user=request.user,
        )


@require_POST
@holding(Permission.BATCH_UPLOAD)
def upload_begin(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    """Announce a file; answers where its parts go, and how far it is when it was begun before."""
    batch = fetch(Batch.objects.visible_to(request.user), batch_id)
    size = whole(request.POST.get("size", ""))
    if size is None:
        raise DomainError("没有说明文件大小。", "The size of the file is missing.", code="no-size")
    upload = services.begin_upload(
        batch,
        name=request.POST.get("name", ""),
        size=size,
        modified=whole(request.POST.get("modified", "")) or 0,
        acting_user=request.user,
    )
    if upload.size == 0 and upload.state == UploadState.RECEIVING:
        services.finish_upload(upload, acting_user=request.user)
    url = reverse("batches:upload", args=[upload.pk])
    told = {"url": url, "offset": upload.received, "state": upload.state}
    return JsonResponse(told, status=201, headers={"Location": url})


@require_http_methods(["HEAD", "PATCH"])
@holding(Permission.BATCH_UPLOAD)
def upload_part(request: SignedInRequest, upload_id: uuid.UUID) -> HttpResponse:
    """HEAD: how far it is. PATCH: the next bytes at `Upload-Offset`."""
    upload = fetch(Upload.objects.visible_to(request.user).select_related("batch"), upload_id)
    if request.method == "PATCH":
        offset = whole(request.headers.get("Upload-Offset", ""))
        if offset is None:
            raise DomainError("没有说明从哪里接着传。", "Upload-Offset is missing.", code="offset")
        upload = services.receive_part(
            upload, offset=offset, data=request.body, acting_user=request.user
        )
    return HttpResponse(
        status=204,
        headers={
            "Upload-Offset": str(upload.received),
            "Upload-Length": str(upload.size),
            "Upload-State": upload.state,
            "Cache-Control": "no-store",
        },
    )


@require_POST
@holding(Permission.BATCH_UPLOAD)
def batch_close(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = fetch(Batch.objects.visible_to(request.user), batch_id)
    services.close_batch(batch, acting_user=request.user)
    return redirect("batches:detail", batch.pk)


@require_safe
@holding(Permission.BATCH_UPLOAD)
def separator_sheets(request: SignedInRequest) -> HttpResponse:
    """Printable sheets: one for each file number asked for, one for somebody new, one that parts
    materials. `number` holds numbers parted by blanks, commas or lines.
    """
    asked = " ".join(request.GET.getlist("number")).replace("\0", "")
    numbers = list(dict.fromkeys(re.findall(r"[^\s,，、;；]+", asked)))[:MOST_SHEETS]
    visible = CaseFile.objects.visible_to(request.user).select_related("person")
    files = {file.number: file for file in visible.filter(number__in=numbers)}
    context = {
        "sheets": [_sheet(files[number]) for number in numbers if number in files],
        "unknown": [number for number in numbers if number not in files],
        "asked": "\n".join(numbers),
        "new_svg": separators.qr_svg(separators.NEW_PERSON),
        "item_svg": separators.qr_svg(separators.ITEM),
    }
    return render(request, "batches/separators.html", context)


def _sheet(file: CaseFile) -> dict[str, str]:
    svg = separators.qr_svg(separators.person_payload(file.number))
    return {"title": file.person.name, "number": file.number, "svg": svg}
