"""Records that may be one person: the list that is worked off, two side by side, and what was joined."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from functools import partial
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.reading import record_read
from rongdang.base.orgs.models import Unit, within
from rongdang.base.vocab import agreeing, fields
from rongdang.describe.access import avoiding, opening
from rongdang.describe.access.predicate import KEEP, Purpose, purpose_of
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.linkage import deciding
from rongdang.describe.linkage.comparisons import COMPARISONS
from rongdang.describe.linkage.joining import undo
from rongdang.describe.linkage.levels import Level
from rongdang.describe.linkage.models import Joining, Pair, Verdict
from rongdang.describe.people.claims import Claim, claims_seen
from rongdang.describe.people.models import Person
from rongdang.web.desk import opened
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import do_named, named_id, units_for
from rongdang.web.desk.paging import keyset

EDIT = Permission.PERSON_EDIT
PAGE_SIZE = 40


@require_safe
@holding(EDIT)
def pair_list(request: SignedInRequest) -> HttpResponse:
    """What waits, the surest first; goes on behind a probability and an id."""
    verdict = request.GET.get("verdict", "")
    verdict = verdict if verdict in Verdict.values else Verdict.WAITING
    unit = request.GET.get("unit", "").replace("\0", "")
    rows = Pair.objects.visible_to(request.user).filter(verdict=verdict)
    if unit:
        rows = rows.filter(within("scope", [unit]))
    rows = _behind(rows, request.GET.get("after", ""))
    rows = rows.select_related("first__unit", "second__unit", "said_by")
    found = list(rows.order_by("-probability", "pk")[: PAGE_SIZE + 1])
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    context = {
        "pairs": [(pair, levels_of(pair)) for pair in found[:PAGE_SIZE]],
        "after": f"{last.probability!r} {last.pk}" if last else "",
        "verdict": verdict,
        "verdicts": [(code, label) for code, label in Verdict.choices if code != Verdict.SAME],
        "units": units_for(request.user, EDIT),
        "unit": unit,
    }
    return render(request, "pairs/list.html", context)


def _behind(rows: Any, after: str) -> Any:
    probability, _space, key = after.partition(" ")
    try:
        at, mark = float(probability), uuid.UUID(key)
    except ValueError:
        return rows
    return rows.filter(Q(probability__lt=at) | Q(probability=at, pk__gt=mark))


def levels_of(pair: Pair) -> list[Level]:
    """What the machine saw, the heaviest first."""
    known = {
        f"{comparison.name}:{level.code}": level
        for comparison in COMPARISONS
        for level in comparison.levels
    }
    return [known[code] for code in pair.reasons.split() if code in known]


@require_http_methods(["GET", "POST"])
@holding(EDIT)
def one_pair(request: SignedInRequest, pair_id: uuid.UUID) -> HttpResponse:
    """All that is said of either, side by side, and what somebody says of the two."""
    rows = Pair.objects.visible_to(request.user)
    pair = fetch(rows.select_related("first__unit", "second__unit", "said_by"), pair_id)
    people = (pair.first, pair.second)
    purposes = [_purpose(request, pair, person) for person in people]
    if request.method == "POST":
        do_named({name: partial(act, pair=pair) for name, act in ACTS.items()}, request)
        messages.success(request, gettext("已记下。"))
        return _next(request, pair)
    for person, purpose in zip(people, purposes, strict=True):
        subject = getattr(person, "case_file", person)
        record_read("casefile:see", actor=request.user, subject=subject, detail=purpose.told)
    said = [
        claims_seen(request.user, purpose, [person]).get(person.pk, [])
        for person, purpose in zip(people, purposes, strict=True)
    ]
    levels = levels_of(pair)
    context = {
        "pair": pair,
        "people": [(person, getattr(person, "case_file", None)) for person in people],
        "rows": _named(side_by_side(*said), pair),
        "levels": levels,
        "reason": "，".join(level.zh for level in levels)[:200],
        "others": _others(request.user, pair),
    }
    return render(request, "pairs/one.html", context)


def _purpose(request: SignedInRequest, pair: Pair, person: Person) -> Purpose:
    """Each file is read for this task; one's own and a relative's are refused."""
    case_file: CaseFile | None = getattr(person, "case_file", None)
    if case_file is None:
        avoiding.require_apart(request.user, person.pk, scope=person.scope)
        return KEEP
    held = opened.purpose_for(request.user, case_file)
    if held is not None and held.kind == "keep":
        return held
    task = opening.open_for_task(case_file, task=str(pair.pk), acting_user=request.user)
    return purpose_of(task)


class Row(NamedTuple):
    """One field: what is said of either person; `tone` ok where they agree, warn where they do not."""

    field: str
    first: list[Claim]
    second: list[Claim]
    tone: str
    first_name: str = ""  # in the row of the name, for a record opened by name alone
    second_name: str = ""


def side_by_side(first: Sequence[Claim], second: Sequence[Claim]) -> list[Row]:
    """Fields said of either, in the order of the dictionary; each value once."""
    rows = []
    for name in fields.dictionary():
        one, other = _each_once(first, name), _each_once(second, name)
        if one or other:
            rows.append(Row(name, one, other, _tone(name, one, other)))
    return rows


def _named(rows: list[Row], pair: Pair) -> list[Row]:
    """What a record is called, where nothing but its opening says so."""
    return [
        row._replace(first_name=pair.first.name, second_name=pair.second.name)
        if row.field == "姓名"
        else row
        for row in rows
    ]


def _each_once(claims: Sequence[Claim], name: str) -> list[Claim]:
    return list({claim.value: claim for claim in claims if claim.field == name}.values())


def _tone(name: str, one: Sequence[Claim], other: Sequence[Claim]) -> str:
    if not one or not other:
        return ""
    alike = any(agreeing.agree(name, a.value, b.value) for a in one for b in other)
    return "ok" if alike else "warn"


def _others(user: User, pair: Pair) -> list[Pair]:
    """Pairs that one of the two also stands in: three records may be one person."""
    both = (pair.first_id, pair.second_id)
    rows = Pair.objects.visible_to(user).filter(Q(first__in=both) | Q(second__in=both))
    rows = rows.exclude(pk=pair.pk).exclude(verdict=Verdict.SAME)
    return list(rows.select_related("first", "second").order_by("-probability")[:10])


def _same(request: SignedInRequest, pair: Pair) -> None:
    kept = pair.second if request.POST.get("kept") == str(pair.second_id) else pair.first
    reason = request.POST.get("reason", "")
    deciding.say_same(
        pair, kept=kept, reason=reason, version=_seen(request), acting_user=request.user
    )


def _different(request: SignedInRequest, pair: Pair) -> None:
    reason = request.POST.get("reason", "")
    deciding.say_different(pair, reason=reason, version=_seen(request), acting_user=request.user)


def _later(request: SignedInRequest, pair: Pair) -> None:
    deciding.put_off(pair, version=_seen(request), acting_user=request.user)


def _again(request: SignedInRequest, pair: Pair) -> None:
    reason = request.POST.get("reason", "")
    deciding.ask_again(pair, reason=reason, acting_user=request.user)


def _seen(request: SignedInRequest) -> Verdict:
    """The verdict that stood on the page."""
    said = request.POST.get("version", "")
    return Verdict(said) if said in Verdict.values else Verdict.WAITING


ACTS = {"same": _same, "different": _different, "later": _later, "again": _again}


def _next(request: SignedInRequest, pair: Pair) -> HttpResponse:
    """The next one that waits, less sure than this; else the list."""
    rows = Pair.objects.visible_to(request.user).waiting().filter(scope=pair.scope)
    rows = _behind(rows, f"{pair.probability!r} {pair.pk}")
    following = rows.order_by("-probability", "pk").values_list("pk", flat=True).first()
    return redirect("pairs:one", following) if following else redirect("pairs:list")


@require_http_methods(["GET", "POST"])
@holding(EDIT)
def joinings(request: SignedInRequest) -> HttpResponse:
    """What was merged and split, the newest first; each can be undone."""
    rows = Joining.objects.visible_to(request.user)
    if request.method == "POST":
        made = fetch(rows.select_related("kept", "other"), named_id(request, "joining"))
        undo(made, reason=request.POST.get("reason", ""), acting_user=request.user)
        messages.success(request, gettext("已撤回，两条记录恢复原样。"))
        return redirect("pairs:joinings")
    rows = rows.select_related("kept__unit", "other", "done_by", "undone_by").defer("journal")
    page = keyset(rows, request.GET.get("after", ""), size=PAGE_SIZE, newest_first=True)
    seen = set(Unit.objects.filter(within("path", request.user.scopes(EDIT))).values_list("path"))
    context = {
        "joinings": page.rows,
        "after": page.after,
        "may_undo": {path for (path,) in seen},
    }
    return render(request, "pairs/joinings.html", context)
