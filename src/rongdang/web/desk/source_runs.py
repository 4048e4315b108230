"""A reading of a source: its progress, what it would change or did, what was refused, and its undoing."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.reading import record_read
from rongdang.capture.sources import services
from rongdang.capture.sources.applying import Reason
from rongdang.capture.sources.models import Look, RefusedRow, Run
from rongdang.capture.sources.queries import diff_seen
from rongdang.capture.sources.refused_files import as_csv, as_rows, as_xlsx
from rongdang.capture.sources.states import AT_WORK, RunState
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.people.models import Person
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.paging import keyset
from rongdang.web.desk.source_words import problem_of

SEE, RUN = Permission.SOURCE_SEE, Permission.SOURCE_RUN
REFUSED_SHOWN, CHANGES_SHOWN = 30, 60
MOST_IN_WORKBOOK = 50_000
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
GOES_BACK = (RunState.DONE, RunState.STOPPED, RunState.FAILED)


@require_safe
@holding(SEE)
def run_detail(request: SignedInRequest, run_id: uuid.UUID) -> HttpResponse:
    """Polled while the machine is at work; then what became of the rows."""
    run = _run(request, run_id)
    busy = run.state in AT_WORK
    context = {"run": run, "source": run.source, "busy": busy, **_progress(run)}
    context["problem"] = problem_of(run.problem)
    user = request.user
    context["may_run"] = user.may(RUN, run.source.scope)
    context["may_edit"] = user.may(Permission.SOURCE_EDIT, run.source.scope)
    if not busy:
        context |= _outcome(request, run)
    if request.htmx:  # the same page asked again by itself
        return render(request, "sources/_run_live.html", context)
    record_read("run:see", actor=user, subject=run)
    return render(request, "sources/run.html", context)


@require_POST
@holding(RUN)
def run_act(request: SignedInRequest, run_id: uuid.UUID) -> HttpResponse:
    """`act`: import what was tried, stop, go on."""
    run = _run(request, run_id)
    act, user = request.POST.get("act", ""), request.user
    if act == "import":
        made = services.start(run.delivery, run.recipe, acting_user=user, as_seen=run)
        return redirect("sources:run", made.pk)
    if act == "stop":
        services.stop(run, acting_user=user)
    elif act == "resume":
        services.resume(run, acting_user=user)
    else:
        raise DomainError(
            "没有这个操作，没有改动。", "No such act; nothing changed.", code="no-act"
        )
    messages.success(request, gettext("已经办好。"))
    return redirect("sources:run", run.pk)


@require_http_methods(["GET", "POST"])
@holding(RUN)
def run_undo(request: SignedInRequest, run_id: uuid.UUID) -> HttpResponse:
    """What taking it back means, said first; then done by the worker."""
    run = _run(request, run_id)
    if request.method == "POST":
        services.undo(run, acting_user=request.user)
        return redirect("sources:run", run.pk)
    return render(request, "sources/undo.html", {"run": run, "source": run.source})


@require_safe
@holding(SEE)
def refused_file(
    request: SignedInRequest, run_id: uuid.UUID, form: str
) -> HttpResponse | StreamingHttpResponse:
    """The refused rows to mend: a workbook of text cells, or CSV for more rows than it should hold."""
    run = _run(request, run_id)
    rows = RefusedRow.objects.visible_to(request.user).filter(run=run).order_by("row", "pk")
    record_read("run:export-refused", actor=request.user, subject=run)
    lines = as_rows(run.columns, ((one.row, one.cells, one.reasons) for one in rows.iterator()))
    name = f"{run.source.name}-{gettext('退回的行')}.{form}"
    headers = {"Content-Disposition": content_disposition_header(as_attachment=True, filename=name)}
    if form == "xlsx":
        if rows.count() > MOST_IN_WORKBOOK:
            raise DomainError(
                f"退回的行超过 {MOST_IN_WORKBOOK} 行，工作簿装不下，没有生成。",
                f"More than {MOST_IN_WORKBOOK} rows were refused; no workbook was made.",
                hint_zh="请下载 CSV。",
                hint_en="Download the CSV instead.",
                code="too-many-refused",
                status=422,
            )
        return HttpResponse(as_xlsx(lines), content_type=XLSX, headers=headers)
    return StreamingHttpResponse(
        as_csv(lines), content_type="text/csv; charset=utf-8", headers=headers
    )


def _run(request: SignedInRequest, run_id: uuid.UUID) -> Run:
    rows = Run.objects.visible_to(request.user).select_related(
        "source__unit", "delivery", "recipe", "started_by", "undone_by"
    )
    return fetch(rows, run_id)


def _progress(run: Run) -> dict[str, Any]:
    """Rows done of rows there are, where that is known; `pulse` changes when something moved."""
    look = Look.objects.filter(pk=run.delivery_id).first()
    done = run.counts.get("read", 0)
    of = look.profile.get("rows", 0) if look else 0
    pulse = f"{run.state}-{done}" if run.state in AT_WORK else "done"
    return {"done": done, "of": max(of, done, 1), "pulse": pulse}


def _outcome(request: SignedInRequest, run: Run) -> dict[str, Any]:
    rows = RefusedRow.objects.visible_to(request.user).filter(run=run)
    page = keyset(rows, request.GET.get("after", ""), size=REFUSED_SHOWN)
    refused = [_refused(one, run) for one in page.rows]
    return {
        "page": page,
        "refused": refused,
        "changes": _changes(request, run),
        "goes_back": not run.dry and run.state in GOES_BACK,
        "columns": run.columns,
    }


def _refused(row: RefusedRow, run: Run) -> dict[str, Any]:
    """A row with its reasons, and the cells the reasons are about."""
    cells = dict(zip(run.columns, row.cells, strict=False))
    reasons = [Reason(**kept) for kept in row.reasons]
    about = [name for reason in reasons for name in reason.column.split("＋")]
    key = [name for name in list(cells)[:2] if name not in about]
    shown = [(name, cells[name]) for name in dict.fromkeys([*key, *about]) if cells.get(name)]
    return {"row": row.row, "reasons": reasons, "cells": shown}


def _changes(request: SignedInRequest, run: Run) -> list[dict[str, Any]]:
    """Examples of what a trial would change, with the names of people one may know of."""
    seen = diff_seen(run, request.user, KEEP)
    told = [
        {**one, "kind": kind}
        for kind in ("changed", "new")
        for one in seen.get(kind, [])[:CHANGES_SHOWN]
    ]
    ids = [one["person"] for one in told if one["person"]]
    names = dict(
        Person.objects.visible_to(request.user).filter(pk__in=ids).values_list("pk", "name")
    )
    known = {str(pk): name for pk, name in names.items()}
    return [
        {**one, "name": known.get(one["person"], ""), "fields": _both(one["was"], one["now"])}
        for one in told
    ]


def _both(was: dict[str, list[str]], now: dict[str, list[str]]) -> list[dict[str, str]]:
    return [
        {"field": name, "was": (was.get(name) or [""])[0], "now": (now.get(name) or [""])[0]}
        for name in dict.fromkeys([*was, *now])
    ]
