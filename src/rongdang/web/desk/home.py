"""The home page: what waits for me, what went wrong, how far the stream is."""

from __future__ import annotations

import datetime as dt
import uuid

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.capture.batches.models import Batch, Scan, Upload
from rongdang.capture.batches.queries import bad_files
from rongdang.capture.batches.states import BatchState, ScanState
from rongdang.capture.review.models import Material
from rongdang.capture.review.states import OPEN
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles.models import CaseFile, EarlierText
from rongdang.web.charts import bars
from rongdang.web.desk.access import SignedInRequest, signed_in
from rongdang.web.desk.overview import overview
from rongdang.web.desk.worklist import KINDS, SHOWN, tabs_of, todo_of

# A role with one task lands on it: the first of these pages that the person may see.
LANDINGS = (
    (Permission.UNIT_EDIT, "officers:units"),
    (Permission.ROLE_ASSIGN, "officers:roles"),
    (Permission.LEDGER_READ, "officers:ledger"),
)


@require_safe
@signed_in
def home(request: SignedInRequest) -> HttpResponse:
    """A role with one task lands on it; the others see their day."""
    user = request.user
    if not user.may(Permission.BATCH_SEE) and user.may(Permission.CASEFILE_SEE):
        return overview(request)
    if not user.may(Permission.BATCH_SEE):
        landing = next((page for right, page in LANDINGS if user.may(right)), None)
        return redirect(landing) if landing else render(request, "desk/no_role.html")
    todo = todo_of(user)
    tab = request.GET.get("todo", "")
    tab = tab if tab in KINDS else ""
    mine = [one for one in todo if one.mine]
    files = CaseFile.objects.visible_to(user)
    context = {
        "today": timezone.localdate(),
        "flow": flow_of(user),
        "todo": [one for one in todo if tab in ("", one.kind)][:SHOWN],
        "tabs": tabs_of(todo),
        "tab": tab,
        "waiting": len(mine),
        "first": mine[0] if mine else None,
        "alerts": alerts_of(user),
        "recent_files": files.select_related("person").order_by("-changed_at")[:6],
        "week": week_of(user),
        "may_upload": user.may(Permission.BATCH_UPLOAD),
        "reread": changed_texts(user),
    }
    return render(request, "desk/home.html", context)


def flow_of(user: User) -> list[dict[str, object]]:
    """How many stand at each step, and where to look at them."""
    materials = Material.objects.visible_to(user)
    states = dict(materials.values_list("state").annotate(Count("pk")).order_by())
    files = dict(
        CaseFile.objects.visible_to(user).values_list("state").annotate(Count("pk")).order_by()
    )
    batches = Batch.objects.visible_to(user)
    receiving = batches.filter(state=BatchState.RECEIVING).count()
    unread = Scan.objects.visible_to(user).filter(state=ScanState.WAITING).count()
    lists, people = reverse("batches:list"), reverse("people:list")
    steps = (
        (_("正在收件"), receiving, _("批"), lists),
        (_("待识读"), unread, _("页"), lists),
        (_("待核对"), sum(states.get(state, 0) for state in OPEN), _("份"), "?todo=review"),
        (_("待复核"), states.get("check", 0), _("份"), "?todo=check"),
        (_("整理中"), files.get("open", 0), _("卷"), f"{people}?state=open"),
        (_("已入库"), files.get("sealed", 0), _("卷"), f"{people}?state=sealed"),
    )
    return [
        {"label": label, "count": count, "unit": unit, "address": address}
        for label, count, unit, address in steps
    ]


def alerts_of(user: User) -> list[dict[str, object]]:
    """Files not taken whole, and pages stopped for marks of secrets: words only, no image."""
    stopped = Scan.objects.visible_to(user).filter(state=ScanState.SECRET, settled_by=None)
    rows: list[tuple[uuid.UUID, str, str, Scan | Upload]] = [
        (scan.batch_id, "bad", gettext("疑似涉密，已停下"), scan)
        for scan in stopped.select_related("upload").defer("layer").order_by("-pk")[:5]
    ]
    rows += [(one.batch_id, "warn", one.name, one) for one in bad_files(user)[:6]]
    return [
        {
            "tone": tone,
            "title": title,
            "thing": thing,
            "address": reverse("batches:detail", args=[batch]),
        }
        for batch, tone, title, thing in rows
    ]


def changed_texts(user: User) -> int:
    """Pages a newer engine reads differently, that nobody has looked at yet."""
    if not user.may(Permission.CASEFILE_EDIT):
        return 0
    return (
        EarlierText.objects.visible_to(user, KEEP).filter(seen_by=None).exclude(changes=0).count()
    )


def week_of(user: User) -> dict[str, object]:
    """Materials decided on each of the last seven days, in the units in view."""
    today = timezone.localdate()
    first = today - dt.timedelta(days=6)
    start = timezone.make_aware(dt.datetime.combine(first, dt.time()))
    rows = (
        Material.objects.visible_to(user)
        .filter(decided_at__gte=start)
        .annotate(day=TruncDate("decided_at"))
        .values_list("day")
        .annotate(count=Count("pk"))
        .order_by()
    )
    counts = dict(rows)
    days = [first + dt.timedelta(days=number) for number in range(7)]
    return bars([(f"{day.month}/{day.day}", counts.get(day, 0)) for day in days])
