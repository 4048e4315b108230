"""回避, as the security officer keeps it: who an account is, its relatives, and what was found."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.describe.access import avoiding
from rongdang.describe.access.models import Avoidance, Identity
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.people.models import Person
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.forms import do_named, named_account

SHOWN = 200


@require_http_methods(["GET", "POST"])
@holding(Permission.ROLE_ASSIGN)
def recusals(request: SignedInRequest) -> HttpResponse:
    """Accounts with their own file and birth, and the files each must not read; files by number."""
    if request.method == "POST":
        do_named(ACTS, request)
        messages.success(request, gettext("已经办好。"))
        return redirect("officers:recusals")
    held = Avoidance.objects.holding().select_related("user", "person__case_file")
    identities = Identity.objects.select_related("user", "person__case_file")
    context = {
        # The number of the file and a surname: an officer sees no archive, not even whole names.
        "held": held.order_by("user__username", "-found_at")[:SHOWN],
        "identities": identities.order_by("user__username")[:SHOWN],
        "users": User.objects.filter(is_active=True).order_by("username"),
    }
    return render(request, "units/recusals.html", context)


def _identify(request: SignedInRequest) -> None:
    number = request.POST.get("number", "").strip()
    avoiding.set_identity(
        named_account(request),
        birth=request.POST.get("birth", "").strip(),
        person=_person(number) if number else None,
        acting_user=request.user,
    )


def _declare(request: SignedInRequest) -> None:
    avoiding.declare_relative(
        named_account(request),
        _person(request.POST.get("number", "").strip()),
        relation=request.POST.get("relation", ""),
        acting_user=request.user,
    )


def _clear(request: SignedInRequest) -> None:
    held = Avoidance.objects.holding().filter(user=named_account(request))
    avoidance = held.filter(person__case_file__number=request.POST.get("number", "")).first()
    if avoidance is None:
        raise DomainError(
            "没有这条回避，没有改动。", "There is no such recusal; nothing changed.", code="choose"
        )
    avoiding.clear_avoidance(avoidance, why=request.POST.get("why", ""), acting_user=request.user)


def _person(number: str) -> Person:
    """By the number of the file, which whoever reports a relative gives."""
    case_file = CaseFile.objects.select_related("person").filter(number=number).first()
    if case_file is None:
        raise DomainError(
            f"没有档号“{number}”，没有登记。",
            f"There is no file “{number}”; nothing was registered.",
            code="no-case-file",
            status=422,
        )
    return case_file.person


ACTS = {"identify": _identify, "declare": _declare, "clear": _clear}
