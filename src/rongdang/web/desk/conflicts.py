"""What does not agree of people: the list that is worked off, and one matter with its sources side by side."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.base.orgs.models import Unit, within
from rongdang.base.vocab import fields
from rongdang.describe.access import avoiding, opening
from rongdang.describe.access.predicate import KEEP, Purpose, purpose_of
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.describe.conflicts import services
from rongdang.describe.conflicts.models import Doubt, DoubtState, Ruling, RulingState
from rongdang.describe.conflicts.rulebook import RuleBook
from rongdang.describe.people import projection
from rongdang.describe.people.claims import Claim, claims_seen
from rongdang.describe.people.key_dates import KEY_DATES
from rongdang.describe.people.models import Person
from rongdang.web.desk import opened
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import do_named, named_id
from rongdang.web.desk.paging import keyset
from rongdang.web.words import CRITERIA

EDIT = Permission.PERSON_EDIT
PAGE_SIZE = 40
CROP_TALL = 90  # CSS pixels of the piece of a page
MOST_PAGES = 400  # of a file, to choose the evidence from


@require_safe
@holding(EDIT)
def conflict_list(request: SignedInRequest) -> HttpResponse:
    """What waits, the gravest first, of the units in one's care; goes on behind an id."""
    asked = {name: request.GET.get(name, "").replace("\0", "") for name in FILTERS}
    state = asked["state"] if asked["state"] in DoubtState.values else DoubtState.OPEN
    rows = Doubt.objects.visible_to(request.user, KEEP).filter(state=state)
    counts = list(rows.order_by().values("scope", "severity").annotate(count=Count("pk")))
    severity = asked["severity"] or ("wrong" if _total(counts, "wrong") else "ask")
    rows = _narrowed(rows.filter(severity=severity), asked)
    page = keyset(rows.select_related("person", "person__unit"), asked["after"], size=PAGE_SIZE)
    context = {
        "doubts": page.rows,
        "after": page.after,
        "units": _units(counts),
        "asked": {**asked, "severity": severity, "state": state},
        "wrong": _total(counts, "wrong"),
        "ask": _total(counts, "ask"),
        "states": DoubtState.choices,
        "fields": _fields(request.user),
    }
    return render(request, "conflicts/list.html", context)


FILTERS = ("unit", "severity", "state", "field", "person", "after")


def _narrowed(rows: Any, asked: Mapping[str, str]) -> Any:
    if asked["unit"]:
        rows = rows.filter(within("scope", [asked["unit"]]))
    if asked["field"]:
        rows = rows.filter(Q(field=asked["field"]) | Q(other=asked["field"]))
    if asked["person"]:
        try:
            rows = rows.filter(person=uuid.UUID(asked["person"]))
        except ValueError:
            rows = rows.none()
    return rows


def _total(counts: Sequence[Mapping[str, Any]], severity: str) -> int:
    return sum(row["count"] for row in counts if row["severity"] == severity)


class UnitCount(NamedTuple):
    unit: Unit
    wrong: int
    ask: int


def _units(counts: Sequence[Mapping[str, Any]]) -> list[UnitCount]:
    """Units with something to decide, the most first."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    for row in counts:
        found[row["scope"]][row["severity"]] = row["count"]
    units = Unit.objects.filter(path__in=list(found))
    each = [
        UnitCount(unit, found[unit.path].get("wrong", 0), found[unit.path].get("ask", 0))
        for unit in units
    ]
    return sorted(each, key=lambda one: (-one.wrong, -one.ask, one.unit.path))


def _fields(user: User) -> list[fields.FieldEntry]:
    """Fields whose level the user sees somewhere: what the list can be narrowed to."""
    seen = {level for levels in user.levels(KEEP.permission).values() for level in levels}
    return [entry for entry in fields.dictionary().values() if entry.level in seen]


@require_http_methods(["GET", "POST"])
@holding(EDIT)
def conflict(request: SignedInRequest, doubt_id: uuid.UUID) -> HttpResponse:
    """All that is said of it side by side, which rule holds which, and the decision."""
    rows = Doubt.objects.visible_to(request.user, KEEP)
    doubt = fetch(rows.select_related("person__unit", "person__case_file", "said_by"), doubt_id)
    purpose = _purpose(request, doubt)
    if request.method == "POST":
        doubt.digest = request.POST.get("digest", doubt.digest)  # of what was on the page
        do_named({name: partial(act, doubt=doubt) for name, act in ACTS.items()}, request)
        messages.success(request, gettext("已记下。"))
        return _next(request, doubt)
    record_read(
        "casefile:see",
        actor=request.user,
        subject=getattr(doubt.person, "case_file", doubt.person),
        detail=purpose.told,
    )
    return render(request, "conflicts/one.html", _context(request, doubt, purpose))


def _purpose(request: SignedInRequest, doubt: Doubt) -> Purpose:
    """The file is read for this task; own and relatives' files are refused."""
    case_file: CaseFile | None = getattr(doubt.person, "case_file", None)
    if case_file is None:
        avoiding.require_apart(request.user, doubt.person_id, scope=doubt.scope)
        return KEEP
    held = opened.purpose_for(request.user, case_file)
    if held is not None and held.kind == "keep":
        return held
    task = opening.open_for_task(case_file, task=str(doubt.pk), acting_user=request.user)
    return purpose_of(task)


def _decide(request: SignedInRequest, doubt: Doubt) -> None:
    posted = request.POST
    claim = posted.get("claim", "")
    other = claim == "other"
    services.decide(
        doubt.person,
        doubt.field,
        services.Choice(
            claim="" if other else claim,
            value=posted.get("value", "") if other else "",
            page=named_id(request, "page") if other else None,
        ),
        reason=posted.get("reason", ""),
        acting_user=request.user,
    )


def _later(request: SignedInRequest, doubt: Doubt) -> None:
    services.put_off(doubt, reason=request.POST.get("reason", ""), acting_user=request.user)


def _stands(request: SignedInRequest, doubt: Doubt) -> None:
    services.let_stand(doubt, reason=request.POST.get("reason", ""), acting_user=request.user)


def _take_up(request: SignedInRequest, doubt: Doubt) -> None:
    services.take_up(doubt, acting_user=request.user)


def _agree(request: SignedInRequest, doubt: Doubt) -> None:
    services.agree(_asked(request, doubt), acting_user=request.user)


def _refuse(request: SignedInRequest, doubt: Doubt) -> None:
    services.refuse(_asked(request, doubt), acting_user=request.user)


def _asked(request: SignedInRequest, doubt: Doubt) -> Ruling:
    rows = Ruling.objects.visible_to(request.user, KEEP).filter(person=doubt.person_id)
    return fetch(rows.select_related("person", "decided_by"), named_id(request, "ruling"))


ACTS = {
    "decide": _decide,
    "later": _later,
    "stands": _stands,
    "take-up": _take_up,
    "agree": _agree,
    "refuse": _refuse,
}


def _next(request: SignedInRequest, doubt: Doubt) -> HttpResponse:
    """The next one that waits, in the order of the list; else the list."""
    rows = Doubt.objects.visible_to(request.user, KEEP).waiting().order_by("pk")
    rows = rows.filter(severity=doubt.severity, scope=doubt.scope, pk__gt=doubt.pk)
    following = rows.values_list("pk", flat=True).first()
    return redirect("conflicts:one", following) if following else redirect("conflicts:list")


def _context(request: SignedInRequest, doubt: Doubt, purpose: Purpose) -> dict[str, Any]:
    user, person = request.user, doubt.person
    said = claims_seen(user, purpose, [person]).get(person.pk, [])
    names = [name for name in (doubt.field, doubt.other) if name]
    rules = RuleBook.load().at(person.scope)
    ruling = _waiting(user, person, doubt.field)
    return {
        "doubt": doubt,
        "person": person,
        "case_file": getattr(person, "case_file", None),
        "sides": [_side(name, said, rules, person) for name in names],
        "takes_two": doubt.field in KEY_DATES and doubt.is_of_sources,
        "ruling": ruling,
        "ruled": next((one for one in said if ruling and one.id == ruling.cites), None),
        "may_agree": ruling is not None and not user.is_same_person(ruling.decided_by),
        "pages": _pages(user, purpose, person) if doubt.is_of_sources else [],
        "tall": CROP_TALL,
    }


def _waiting(user: User, person: Person, field: str) -> Ruling | None:
    rows = Ruling.objects.visible_to(user, KEEP).filter(person=person, field=field)
    return rows.filter(state=RulingState.ASKED).select_related("decided_by").first()


def _side(
    name: str, said: Sequence[Claim], rules: projection.Rules, person: Person
) -> dict[str, Any]:
    """Everything said of one field, best first, and the rule that would choose."""
    rule = projection.rule_of(rules, name)
    ranked = sorted(
        (claim for claim in said if claim.field == name),
        key=lambda claim: projection.rank(claim, rule),
    )
    return {
        "field": name,
        "rule": rule,
        "by": [CRITERIA[one] for one in rule.by],
        "claims": ranked,
        "by_rule": projection.held_among(ranked, rule).id if ranked else "",
        "held": person.record.get(name, ""),
    }


def _pages(user: User, purpose: Purpose, person: Person) -> list[Page]:
    """Pages of his own file that may be named as evidence of another value."""
    rows = Page.objects.visible_to(user, purpose).filter(item__case_file__person=person)
    rows = rows.select_related("item").defer("layer")
    return list(rows.order_by("item__category", "item__sequence", "sequence")[:MOST_PAGES])
