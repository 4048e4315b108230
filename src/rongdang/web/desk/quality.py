"""The quality board: figures of units and sources, their trend, and the lists they are worked off on."""

from __future__ import annotations

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.orgs.models import Unit, within
from rongdang.capture.sources.models import Run
from rongdang.capture.sources.states import RunState
from rongdang.describe.access.predicate import KEEP, sees_whole
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Source
from rongdang.provide.quality import board, measuring
from rongdang.provide.quality.exporting import export
from rongdang.provide.quality.measures import Measure, measures
from rongdang.web import charts
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.forms import units_for

SEE = Permission.CASEFILE_SEE
PAGE_SIZE = 40
SOURCES = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@require_http_methods(["GET", "POST"])
@holding(SEE)
def quality_board(request: SignedInRequest) -> HttpResponse:
    """Of one unit with all below it; a post measures anew."""
    if request.method == "POST":
        measuring.measure(acting_user=request.user)
        messages.success(request, gettext("已重新计算。"))
        return redirect(request.get_full_path())
    units = list(units_for(request.user, SEE).order_by("path"))
    unit = _chosen(units, request.GET.get("unit", ""))
    day = board.last_day(request.user)
    context: dict[str, Any] = {"units": units, "unit": unit, "day": day}
    if unit is not None and day is not None:
        whole = sees_whole(request.user, unit.path)
        figures = board.of_unit(request.user, unit.path, day, whole=whole)
        context |= {
            "cards": [_card(request.user, unit, figure) for figure in figures],
            "rows": board.of_children(request.user, unit, day, whole=whole),
            "measures": measures().values(),
            "sources": _sources(request.user, unit),
        }
    return render(request, "quality/board.html", context)


def _chosen(units: list[Unit], path: str) -> Unit | None:
    """The one asked for, else the highest."""
    named = [unit for unit in units if unit.path == path]
    return next(iter(named or units), None)


def _card(user: User, unit: Unit, figure: board.Figure) -> dict[str, Any]:
    days = board.trend(user, unit.path, figure.measure.code) if figure.share is not None else []
    drawn = charts.bars([(f"{day:%m-%d}", round(share * 100)) for day, share in days])
    return {
        "figure": figure,
        "trend": drawn if len(days) > 1 else None,
        "address": _address(user, unit, figure.measure),
    }


def _address(user: User, unit: Unit, measure: Measure) -> str:
    """The list on which what is missing is worked off; "" for whoever has no such list."""
    name, permission, more = LISTS[measure.list]
    if not user.may(permission, unit.path):
        return ""
    asked = {"unit": unit.path, **more}
    if measure.list == "people":
        asked["measure"] = measure.code
    return f"{reverse(name)}?{urlencode(asked)}"


LISTS: dict[str, tuple[str, Permission, dict[str, str]]] = {
    "people": ("quality:people", Permission.CASEFILE_EDIT, {}),
    "wrong": ("conflicts:list", Permission.PERSON_EDIT, {"severity": "wrong"}),
    "ask": ("conflicts:list", Permission.PERSON_EDIT, {"severity": "ask"}),
    "pairs": ("pairs:list", Permission.PERSON_EDIT, {}),
    "sources": ("sources:list", Permission.SOURCE_SEE, {}),
}


def _sources(user: User, unit: Unit) -> list[dict[str, Any]]:
    """Each old system of these units: how much of its last reading was refused, went missing, how old."""
    if not user.may(Permission.SOURCE_SEE, unit.path):
        return []
    rows = Source.objects.visible_to(user).filter(within("scope", [unit.path]))
    sources = list(rows.select_related("unit").order_by("read_at", "pk")[:SOURCES])
    done = Run.objects.filter(source__in=sources, dry=False, state=RunState.DONE)
    last = {run.source_id: run for run in done.order_by("pk")}
    return [{"source": one, **_of_run(last.get(one.pk))} for one in sources]


def _of_run(run: Run | None) -> dict[str, Any]:
    if run is None:
        return {"rows": None}
    counts = run.counts
    taken = sum(int(counts.get(name, 0)) for name in ("new", "changed", "unchanged"))
    refused = int(counts.get("refused", 0))
    rows = taken + refused
    return {
        "run": run,
        "rows": rows,
        "valid": _percent(taken, rows),
        "missing": int(counts.get("missing", 0)),
    }


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None


@require_safe
@holding(SEE)
def quality_table(request: SignedInRequest) -> HttpResponse:
    """The table of units as a spreadsheet; that it left is on the ledger."""
    units = list(units_for(request.user, SEE).order_by("path"))
    unit = _chosen(units, request.GET.get("unit", ""))
    day = board.last_day(request.user)
    if unit is None or day is None:
        raise DomainError(
            "还没有计算过，没有表可以导出。",
            "Nothing was measured yet; there is no table to take away.",
            hint_zh="先在看板上点“重新计算”。",
            hint_en="Measure on the board first.",
            code="not-measured",
            status=409,
        )
    rows = board.of_children(request.user, unit, day, whole=sees_whole(request.user, unit.path))
    english = (get_language() or "").startswith("en")
    table = export(unit, rows, day, english=english, acting_user=request.user)
    answer = HttpResponse(table, content_type=XLSX)
    answer["Content-Disposition"] = f'attachment; filename="quality-{day.isoformat()}.xlsx"'
    return answer


@require_safe
@holding(Permission.CASEFILE_EDIT)
def quality_people(request: SignedInRequest) -> HttpResponse:
    """The people behind a figure, the least complete first; goes on behind a value and an id."""
    column = "score" if request.GET.get("measure") == "complete" else "known"
    rows = Person.objects.visible_to(request.user, KEEP).filter(**{f"{column}__lt": 100})
    unit = request.GET.get("unit", "").replace("\0", "")
    if unit:
        rows = rows.filter(within("scope", [unit]))
    value, _space, key = request.GET.get("after", "").partition(" ")
    try:
        at, mark = int(value), uuid.UUID(key)
        rows = rows.filter(Q(**{f"{column}__gt": at}) | Q(**{column: at}, pk__gt=mark))
    except ValueError:
        pass
    found = list(rows.select_related("unit").order_by(column, "pk")[: PAGE_SIZE + 1])
    last = found[PAGE_SIZE - 1] if len(found) > PAGE_SIZE else None
    context = {
        "people": [(person, getattr(person, column)) for person in found[:PAGE_SIZE]],
        "after": f"{getattr(last, column)} {last.pk}" if last else "",
        "measure": measures()["complete" if column == "score" else "known"],
        "units": units_for(request.user, Permission.CASEFILE_EDIT),
        "unit": unit,
    }
    return render(request, "quality/people.html", context)
