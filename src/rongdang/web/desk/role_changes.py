"""Who holds which role, changes of it asked by one person and decided by another."""

from __future__ import annotations

from collections import defaultdict

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts import role_changes
from rongdang.base.accounts.models import RoleAssignment, RoleChange, User
from rongdang.base.accounts.roles import ROLES, Permission
from rongdang.base.orgs.models import Unit
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.entering import require_recent_factor
from rongdang.web.desk.forms import named_account, named_id, named_unit

SHOWN = 50
DECISIONS = {
    "approve": role_changes.approve,
    "refuse": role_changes.refuse,
    "take-back": role_changes.take_back,
}


@require_http_methods(["GET", "POST"])
@holding(Permission.ROLE_ASSIGN, Permission.ROLE_APPROVE, Permission.USER_EDIT)
@require_recent_factor
def changes(request: SignedInRequest) -> HttpResponse:
    """Security officers propose, leaders and other security officers decide; nobody about himself."""
    if request.method == "POST":
        decide = DECISIONS.get(request.POST.get("what", ""))
        if decide is None:
            _propose(request)
            messages.success(request, gettext("已经提出，等另一位同志批准。"))
        else:
            decide(_asked(request), acting_user=request.user)
            messages.success(request, gettext("已经办好。"))
        return redirect("officers:changes")
    return render(request, "units/role_changes.html", _context(request.user))


def _propose(request: SignedInRequest) -> None:
    role_changes.propose(
        act=request.POST.get("what", ""),
        user=named_account(request),
        role=request.POST.get("role", ""),
        unit=named_unit(Unit.objects.all(), request.POST.get("unit", "")),
        reason=request.POST.get("reason", ""),
        acting_user=request.user,
    )


def _asked(request: SignedInRequest) -> RoleChange:
    """The change that was posted, if it is this person's to see."""
    return fetch(RoleChange.objects.visible_to(request.user), named_id(request, "change"))


def _context(user: User) -> dict[str, object]:
    seen = RoleChange.objects.visible_to(user).select_related(
        "user", "unit", "proposed_by", "decided_by"
    )
    waiting = list(seen.filter(state=RoleChange.State.OPEN))
    held = defaultdict(list)
    for row in RoleAssignment.objects.select_related("user", "unit").order_by("user__username"):
        held[row.user].append((row.role, ROLES[row.role], row.unit))
    may_approve = user.may(Permission.ROLE_APPROVE)
    return {
        "waiting": [(one, word_of(one), _acts(one, user, may_approve)) for one in waiting],
        "decided": [(one, word_of(one)) for one in seen.exclude(state="open")[:SHOWN]],
        "held": list(held.items()),
        "roles": ROLES,
        "users": User.objects.filter(is_active=True).order_by("username"),
        "units": Unit.objects.all(),
        "may_propose": user.may(Permission.ROLE_ASSIGN),
        "may_reset": user.may(Permission.USER_EDIT),
    }


def word_of(change: RoleChange) -> str:
    """The role in question, or "" where it is the account: a second factor, a password."""
    return str(ROLES.get(change.role, ""))


def _acts(change: RoleChange, user: User, may_approve: bool) -> set[str]:  # noqa: FBT001
    """What this person can do with it."""
    if change.proposed_by_id == user.pk:
        return {"take-back"}
    return {"approve", "refuse"} if may_approve and change.user_id != user.pk else set()
