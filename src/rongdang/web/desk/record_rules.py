"""By which record a field is decided: the standard, a unit's own rules, and changing them by two."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.orgs.models import Unit
from rongdang.describe.conflicts import rule_changes
from rongdang.describe.conflicts.models import RuleChange, RuleChangeState
from rongdang.describe.people.projection import standard
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import do_named, named_id, named_unit, units_for
from rongdang.web.words import CRITERIA

SHOWN = 50
PLACES = ("first", "second", "third")  # of the criteria in the form


@require_http_methods(["GET", "POST"])
@holding(Permission.RECORD_RULE, Permission.RULE_SET, Permission.PERSON_EDIT)
def record_rules(request: SignedInRequest) -> HttpResponse:
    """Everybody who works with records reads them; the security officer asks, another agrees."""
    if request.method == "POST":
        do_named(ACTS, request)
        messages.success(request, gettext("已经办好。"))
        return redirect("officers:record-rules")
    return render(request, "conflicts/rules.html", _context(request.user))


def _ask(request: SignedInRequest) -> None:
    by = [chosen for place in PLACES if (chosen := request.POST.get(place, ""))]
    rule_changes.ask(
        named_unit(Unit.objects.all(), request.POST.get("unit", "")),
        request.POST.get("field", ""),
        by,
        clause=request.POST.get("clause", ""),
        reason=request.POST.get("reason", ""),
        acting_user=request.user,
    )


def _agree(request: SignedInRequest) -> None:
    rule_changes.agree(_named(request), acting_user=request.user)


def _refuse(request: SignedInRequest) -> None:
    rule_changes.refuse(_named(request), acting_user=request.user)


ACTS = {"ask": _ask, "agree": _agree, "refuse": _refuse}


def _named(request: SignedInRequest) -> RuleChange:
    return fetch(RuleChange.objects.visible_to(request.user), named_id(request, "change"))


def _context(user: User) -> dict[str, Any]:
    changes = RuleChange.objects.visible_to(user).select_related("unit", "asked_by", "agreed_by")
    by_state: dict[str, list[tuple[RuleChange, list[Any]]]] = {"asked": [], "holds": [], "past": []}
    for change in changes:
        place = change.state if change.state in by_state else "past"
        by_state[place].append((change, [CRITERIA[one] for one in change.by]))
    may_agree = user.may(Permission.RULE_SET) or user.may(Permission.RECORD_RULE)
    return {
        "rules": [(rule, [CRITERIA[one] for one in rule.by]) for rule in standard().values()],
        "waiting": [
            (change, by, may_agree and change.asked_by_id != user.pk)
            for change, by in by_state[RuleChangeState.ASKED]
        ],
        "own": by_state[RuleChangeState.HOLDS],
        "past": by_state["past"][:SHOWN],
        "may_ask": user.may(Permission.RECORD_RULE),
        "units": units_for(user, Permission.RECORD_RULE),
        "criteria": CRITERIA.items(),
        "places": PLACES,
    }
