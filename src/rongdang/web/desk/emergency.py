"""Emergency access: the page of the few who may, and the officers' page of who they are and what they did."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts import factors
from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import OFFICERS, Permission
from rongdang.base.errors import DomainError
from rongdang.base.orgs.models import Unit, within
from rongdang.describe.access.opening import open_file
from rongdang.describe.grants import readers
from rongdang.describe.grants.emergency import PURPOSE, break_glass, reader_of
from rongdang.describe.grants.models import EmergencyReader, EmergencyUse, ReaderState
from rongdang.describe.grants.rules import limits
from rongdang.web.desk.access import NotSeenError, SignedInRequest, fetch, holding
from rongdang.web.desk.entering import FACTOR_AT, require_recent_factor
from rongdang.web.desk.forms import Act, do_named, named_account, named_id, named_unit, units_for

SHOWN = 60
OFFICE = (Permission.EMERGENCY_NAME, Permission.EMERGENCY_CONFIRM, Permission.EMERGENCY_REVIEW)


@require_http_methods(["GET", "POST"])
@require_recent_factor
def break_in(request: SignedInRequest) -> HttpResponse:
    """Behind the glass; for everybody who was never named the page is not there."""
    user = request.user
    if not EmergencyReader.objects.filter(user=user).exists():
        raise NotSeenError("web.page", "emergency:open")
    if request.method == "POST":
        _require_factor(user)
        use = break_glass(
            sought=request.POST.get("sought", ""),
            reason=request.POST.get("reason", ""),
            acting_user=user,
        )
        request.session[FACTOR_AT] = 0.0  # the next time it is asked again who sits there
        case_file = use.grant.covered.select_related("case_file__person")[0].case_file
        open_file(case_file, code=PURPOSE, note=use.grant.reason, acting_user=user)
        messages.warning(
            request, gettext("已打开一小时。安全保密员和审计员已收到告警，三天内会有人来复核。")
        )
        return redirect("people:detail", case_file.person_id)
    uses = (
        EmergencyUse.objects.visible_to(user)
        .filter(user=user)
        .select_related("grant", "reviewed_by")
    )
    context = {
        "reader": reader_of(user),
        "uses": uses.order_by("-at")[:SHOWN],
        "limits": limits(),
    }
    return render(request, "grants/emergency.html", context)


@require_http_methods(["GET", "POST"])
@holding(*OFFICE)
def office(request: SignedInRequest) -> HttpResponse:
    """Who is named, who waits for the second pair of eyes, and what has to be reviewed."""
    user = request.user
    if request.method == "POST":
        do_named(ACTS, request)
        messages.success(request, gettext("已经办好。"))
        return redirect("emergency:office")
    named = _readers(user).select_related("user", "unit", "named_by", "confirmed_by")
    uses = EmergencyUse.objects.visible_to(user).select_related(
        "user", "grant", "reader__unit", "reviewed_by"
    )
    may_name = user.may(Permission.EMERGENCY_NAME)
    context = {
        "proposed": named.filter(state=ReaderState.PROPOSED),
        "named": named.filter(state=ReaderState.NAMED),
        "ended": named.filter(state__in=["stopped", "ended"]).order_by("-ended_at")[:SHOWN],
        "to_review": uses.unreviewed().order_by("due_at")[:SHOWN],
        "reviewed": uses.exclude(reviewed_at=None).order_by("-reviewed_at")[:SHOWN],
        "may_name": may_name,
        "may_confirm": user.may(Permission.EMERGENCY_CONFIRM),
        "may_review": user.may(Permission.EMERGENCY_REVIEW),
        "people": _people(user) if may_name else (),
        "units": units_for(user, Permission.EMERGENCY_NAME),
        "limits": limits(),
    }
    return render(request, "grants/office.html", context)


def _require_factor(user: User) -> None:
    """A password alone does not break the glass; only a demonstration does without."""
    if not factors.has_one(user) and not factors.may_put_off():
        raise DomainError(
            "您还没有设第二验证，紧急查阅没有打开。",
            "You have set up no second factor; nothing was opened.",
            hint_zh="请先在“我的第二验证”里设好，平时就要备好。",
            hint_en="Set one up on your own page first, before an emergency comes.",
            code="no-factor",
            status=403,
        )


def _readers(user: User) -> QuerySet[EmergencyReader]:
    paths = {path for right in OFFICE for path in user.scopes(right)}
    return EmergencyReader.objects.filter(within("unit__path", paths))


def _people(user: User) -> list[User]:
    """Those who hold a role of business in the officer's units."""
    held = User.objects.filter(
        within("roles__unit__path", user.scopes(Permission.EMERGENCY_NAME)), is_active=True
    )
    return list(held.exclude(roles__role__in=OFFICERS).order_by("display_name").distinct())


def _name(request: SignedInRequest) -> None:
    readers.name_reader(
        user=named_account(request),
        unit=named_unit(Unit.objects.all(), request.POST.get("unit", "")),
        why=request.POST.get("why", ""),
        acting_user=request.user,
    )


def _confirm(request: SignedInRequest) -> None:
    readers.confirm_reader(_reader(request), acting_user=request.user)


def _end(request: SignedInRequest) -> None:
    why = request.POST.get("why", "")
    readers.end_reader(_reader(request), why=why, acting_user=request.user)


def _review(request: SignedInRequest) -> None:
    uses = EmergencyUse.objects.visible_to(request.user)
    use = fetch(uses.select_related("reader__unit", "user", "grant"), named_id(request, "use"))
    readers.review(
        use,
        justified=request.POST.get("justified") == "yes",
        finding=request.POST.get("finding", ""),
        acting_user=request.user,
    )


def _reader(request: SignedInRequest) -> EmergencyReader:
    rows = _readers(request.user).select_related("user", "unit", "named_by")
    return fetch(rows, named_id(request, "reader"))


ACTS: dict[str, Act] = {
    "name": _name,
    "confirm": _confirm,
    "end": _end,
    "review": _review,
}
