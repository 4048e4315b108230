"""The leader's overview: every unit in view with its files, and the rules it works by.

Materials and pages are not summed: a sum tells of those whose class this role does not see.
"""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST

from rongdang.base.accounts.roles import Permission
from rongdang.base.orgs.services import set_rule as set_unit_rule
from rongdang.describe.casefiles.models import CaseFile
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.forms import named_unit, units_for


def overview(request: SignedInRequest) -> HttpResponse:
    """For those who see files, but no page that nobody has decided on."""
    user = request.user
    files = CaseFile.objects.visible_to(user)
    counts = {
        row["custodian"]: row
        for row in files.values("custodian").annotate(
            files=Count("pk"),
            sealed=Count("pk", filter=Q(state="sealed")),
        )
    }
    units = units_for(user, Permission.CASEFILE_SEE)
    context = {
        "rows": [(unit, counts.get(unit.pk)) for unit in units],
        "total": sum(row["files"] for row in counts.values()),
        "sealed": sum(row["sealed"] for row in counts.values()),
        "recent_files": files.select_related("person").order_by("-changed_at")[:6],
        "may_rule": user.may(Permission.RULE_SET),
    }
    return render(request, "desk/overview.html", context)


@require_POST
@holding(Permission.RULE_SET)
def set_rule(request: SignedInRequest) -> HttpResponse:
    """Switch a rule of a unit."""
    mine = units_for(request.user, Permission.RULE_SET)
    unit = named_unit(mine, request.POST.get("unit", ""))
    allowed = request.POST.get("allowed") == "yes"
    set_unit_rule(unit, request.POST.get("rule", ""), allowed=allowed, acting_user=request.user)
    messages.success(request, gettext("规则已改，记了您的名字。"))
    return redirect("home")
