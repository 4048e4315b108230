"""The worklist: what waits for me, what is late, how far the stream is."""

from __future__ import annotations

from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.batches.states import BatchState, ScanState, UploadState
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import MaterialState
from rongdang.describe.casefiles.models import CaseFile
from rongdang.web.desk.access import SignedInRequest, signed_in


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """A role with one task lands on it; the others see their day."""
    user = request.user
    batches = Batch.objects.visible_to(user)
    materials = Material.objects.visible_to(user)
    files = CaseFile.objects.visible_to(user)
    waiting = materials.filter(state__in=[MaterialState.PROPOSED, MaterialState.POSTPONED])
    context = {
        "flow": {
            "receiving": batches.filter(state=BatchState.RECEIVING).count(),
            "reading": Scan.objects.visible_to(user).filter(state=ScanState.WAITING).count(),
            "review": waiting.count(),
            "check": materials.filter(state=MaterialState.CHECK).count(),
            "open": files.filter(state="open").count(),
            "sealed": files.filter(state="sealed").count(),
        },
        "batches": batches.filter(
            state__in=[BatchState.REVIEW, BatchState.READING, BatchState.RECEIVING]
        )
        .select_related("unit", "declared_by")
        .annotate(pages=Count("scans"))
        .order_by("created_at")[:12],
        "next_material": waiting.order_by("state", "batch", "sequence").first(),
        "to_check": materials.filter(state=MaterialState.CHECK)
        .exclude(decided_by=user)
        .select_related("batch", "person")[:8]
        if user.may(Permission.MATERIAL_CHECK)
        else [],
        "rescans": Scan.objects.visible_to(user)
        .filter(state__in=[ScanState.FAILED, ScanState.SECRET])
        .select_related("batch", "upload")
        .order_by("-id")[:8],
        "refused": Upload.objects.visible_to(user)
        .filter(state__in=[UploadState.REFUSED, UploadState.PARTIAL])
        .select_related("batch")
        .order_by("-id")[:8],
        "recent_files": files.select_related("person", "custodian").order_by("-changed_at")[:6],
    }
    return render(request, "desk/home.html", context)
