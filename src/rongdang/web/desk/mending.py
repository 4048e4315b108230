"""What a clerk does about pages and files that went wrong, and what the security officer settles."""

from __future__ import annotations

import uuid
from typing import BinaryIO, cast

from django.contrib import messages
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.capture.batches import mending, services
from rongdang.capture.batches.models import Batch, Scan, Tray, Upload
from rongdang.capture.batches.queries import (
    bad_files,
    destroyed_pages,
    reject_list,
    secret_stops,
    suspected_pages,
)
from rongdang.capture.batches.secret_services import settle_secret
from rongdang.capture.batches.trays import close_tray, open_tray
from rongdang.capture.review import pages
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import named_id, named_unit, units_for

SHOWN = 200


@require_safe
@holding(Permission.BATCH_SEE)
def rescans(request: SignedInRequest) -> HttpResponse:
    """The reject list: every page to be scanned again, with its reasons."""
    context = {
        "rescans": reject_list(request.user)[:SHOWN],
        "files": bad_files(request.user),
        "may_mend": request.user.may(Permission.BATCH_UPLOAD),
        "may_review": request.user.may(Permission.MATERIAL_REVIEW),
    }
    return render(request, "batches/rescans.html", context)


@require_POST
@holding(Permission.BATCH_UPLOAD)
def replace(request: SignedInRequest, scan_id: uuid.UUID) -> HttpResponse:
    """A sheet was scanned anew: the new page takes the old one's place once it is read."""
    scan = _scan(request, scan_id)
    file = request.FILES.get("file")
    if file is None:
        raise DomainError(
            "还没有选新扫的文件，没有换。",
            "No new scan was chosen; nothing changed.",
            code="no-file",
        )
    mending.replace_page(
        scan,
        name=file.name or "",
        data=cast("BinaryIO", file.file),
        size=file.size or 0,
        acting_user=request.user,
    )
    messages.success(request, gettext("新扫的一页收到了，读完就换上。"))
    return _back(request, scan)


@require_POST
@holding(Permission.BATCH_UPLOAD)
def read_again(request: SignedInRequest, scan_id: uuid.UUID) -> HttpResponse:
    scan = mending.read_again(_scan(request, scan_id), acting_user=request.user)
    return _back(request, scan)


@require_POST
@holding(Permission.BATCH_UPLOAD)
def read_all_again(request: SignedInRequest, batch_id: uuid.UUID) -> HttpResponse:
    batch = fetch(Batch.objects.visible_to(request.user), batch_id)
    count = mending.read_all_again(batch, acting_user=request.user)
    said = ngettext("%(count)s 页再读一次。", "%(count)s 页再读一次。", count)
    messages.success(request, said % {"count": count})
    return redirect("batches:detail", batch.pk)


@require_POST
@holding(Permission.MATERIAL_REVIEW)
def give_up(request: SignedInRequest, scan_id: uuid.UUID) -> HttpResponse:
    """A page nobody can read is set aside, with the reason."""
    scan = _scan(request, scan_id)
    pages.give_up_page(scan, reason=request.POST.get("reason", ""), acting_user=request.user)
    return _back(request, scan)


@require_POST
@holding(Permission.BATCH_UPLOAD)
def open_again(request: SignedInRequest, upload_id: uuid.UUID) -> HttpResponse:
    upload = _upload(request, upload_id)
    mending.open_again(upload, acting_user=request.user)
    return redirect("batches:detail", upload.batch_id)


@require_POST
@holding(Permission.BATCH_UPLOAD)
def abandon(request: SignedInRequest, upload_id: uuid.UUID) -> HttpResponse:
    upload = _upload(request, upload_id)
    services.abandon_upload(upload, acting_user=request.user)
    return redirect("batches:detail", upload.batch_id)


@require_http_methods(["GET", "POST"])
@holding(Permission.BATCH_UPLOAD)
def trays(request: SignedInRequest) -> HttpResponse:
    """The watched folders of the scanners: who opened which, and what keeps one from working."""
    user = request.user
    units = units_for(user, Permission.BATCH_UPLOAD)
    if request.method == "POST":
        unit = named_unit(units, request.POST.get("unit", ""))
        tray = Tray.objects.filter(unit=unit).select_related("unit").first()
        if request.POST.get("act") == "close" and tray is not None:
            close_tray(tray, acting_user=user)
        else:
            open_tray(unit, declared=request.POST.get("declared") == "on", acting_user=user)
        return redirect("batches:trays")
    held = {
        tray.unit_id: tray for tray in Tray.objects.visible_to(user).select_related("opened_by")
    }
    context = {"rows": [(unit, held.get(unit.pk)) for unit in units]}
    return render(request, "batches/trays.html", context)


@require_http_methods(["GET", "POST"])
@holding(Permission.SECRET_SETTLE)
def secrets(request: SignedInRequest) -> HttpResponse:
    """Pages stopped for marks of state secrets: words only, never an image."""
    stops = secret_stops(request.user)
    if request.method == "POST":
        scan = fetch(stops, named_id(request, "scan"))
        settle_secret(
            scan,
            cleared=request.POST.get("cleared") == "yes",
            note=request.POST.get("note", ""),
            acting_user=request.user,
        )
        messages.success(request, gettext("处置已记下。"))
        return redirect("officers:secrets")
    found = list(stops[:SHOWN])
    context = {
        "waiting": [scan for scan in found if scan.settled_by_id is None],
        "settled": [scan for scan in found if scan.settled_by_id is not None],
        "suspected": suspected_pages(request.user),
        "destroyed": destroyed_pages(request.user),
    }
    return render(request, "batches/secrets.html", context)


def _scan(request: SignedInRequest, scan_id: uuid.UUID) -> Scan:
    scans = Scan.objects.visible_to(request.user).select_related("batch__unit", "upload")
    return fetch(scans.defer("layer"), scan_id)


def _upload(request: SignedInRequest, upload_id: uuid.UUID) -> Upload:
    return fetch(Upload.objects.visible_to(request.user).select_related("batch"), upload_id)


def _back(request: SignedInRequest, scan: Scan) -> HttpResponse:
    goal = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(goal, {request.get_host()}):
        return HttpResponseRedirect(goal)
    return HttpResponseRedirect(reverse("batches:detail", args=[scan.batch_id]) + "#rescans")
