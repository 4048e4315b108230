"""Old systems of a unit: which there are and how fresh, a new one, the page of one, what it gave."""

from __future__ import annotations

import uuid
from typing import BinaryIO, cast

from django.contrib import messages
from django.db import transaction
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.orgs.models import within
from rongdang.capture.sources import services
from rongdang.capture.sources.connecting import connect
from rongdang.capture.sources.connectors import addresses
from rongdang.capture.sources.connectors.opening import open_file
from rongdang.capture.sources.looking import main_table
from rongdang.capture.sources.models import Delivery, RecipeVersion, Run
from rongdang.capture.sources.states import AT_WORK, RunState
from rongdang.describe.statements.models import Source, SourceKind
from rongdang.describe.statements.services import make_source
from rongdang.web.desk.access import SignedInRequest, fetch, holding
from rongdang.web.desk.forms import named_unit, units_for
from rongdang.web.desk.paging import keyset
from rongdang.web.numbers import whole

SEE = Permission.SOURCE_SEE
EDIT = Permission.SOURCE_EDIT
RUNS_SHOWN = 20
SERVERS = tuple(addresses.PORTS)  # kinds of servers a form offers
EVERY = (0, 60, 24 * 60, 7 * 24 * 60)  # minutes a form offers


def seen_sources(user: User) -> QuerySet[Source]:
    """Sources of the units whose sources `user` may see."""
    return Source.objects.filter(within("scope", user.scopes(SEE))).select_related("unit")


@require_safe
@holding(SEE)
def source_list(request: SignedInRequest) -> HttpResponse:
    """Every source with how fresh it is, and what became of its last reading."""
    last = Run.objects.filter(source=OuterRef("pk"), dry=False).order_by("-started_at")
    rows = seen_sources(request.user).annotate(
        last_state=Subquery(last.values("state")[:1]), last_run=Subquery(last.values("pk")[:1])
    )
    page = keyset(rows, request.GET.get("after", ""), size=30, newest_first=True)
    context = {"sources": page.rows, "page": page, "may_edit": request.user.may(EDIT)}
    return render(request, "sources/list.html", context)


@require_http_methods(["GET", "POST"])
@holding(EDIT)
def source_new(request: SignedInRequest) -> HttpResponse:
    """A source with its first file, or with the way to its database, in one plain form."""
    units = units_for(request.user, EDIT)
    if request.method != "POST":
        return render(request, "sources/new.html", {"units": units, "servers": SERVERS})
    files, table = ([], "") if _is_connection(request) else _opened_files(request)
    with transaction.atomic():
        source = make_source(
            unit=named_unit(units, request.POST.get("unit", "")),
            name=request.POST.get("name", ""),
            kind=_kind(request),
            acting_user=request.user,
        )
        if _is_connection(request):
            delivery = _connected(request, source)
        else:
            delivery = services.deliver(source, files, table=table, acting_user=request.user)
    return redirect("sources:mapping", delivery.pk)


@require_safe
@holding(SEE)
def source_detail(request: SignedInRequest, source_id: uuid.UUID) -> HttpResponse:
    """What is known of a source: freshness, files, recipe, readings."""
    source = fetch(seen_sources(request.user), source_id)
    runs = list(
        Run.objects.visible_to(request.user)
        .filter(source=source)
        .select_related("started_by", "recipe", "delivery")
        .order_by("-started_at")[:RUNS_SHOWN]
    )
    done = next((run for run in runs if not run.dry and run.state == RunState.DONE), None)
    user = request.user
    context = {
        "source": source,
        "runs": runs,
        "fresh": _freshness(done),
        "done": done,
        "schedule": getattr(source, "schedule", None),
        "every": EVERY,
        "delivery": Delivery.objects.visible_to(user).filter(source=source).order_by("-pk").first(),
        "servers": SERVERS,
        "recipes": list(
            RecipeVersion.objects.visible_to(user)
            .filter(source=source)
            .select_related("made_by")
            .order_by("-number")[:RUNS_SHOWN]
        ),
        "at_work": next((run for run in runs if run.state in AT_WORK and not run.dry), None),
        "may_edit": user.may(EDIT, source.scope),
        "may_run": user.may(Permission.SOURCE_RUN, source.scope),
    }
    return render(request, "sources/detail.html", context)


@require_POST
@holding(EDIT)
def source_deliver(request: SignedInRequest, source_id: uuid.UUID) -> HttpResponse:
    """A newer file of the same source, only the rows that were mended, or a new way to its database."""
    source = fetch(seen_sources(request.user), source_id)
    if _is_connection(request):
        return redirect("sources:mapping", _connected(request, source).pk)
    files, table = _opened_files(request)
    part = request.POST.get("part") == "on"
    delivery = services.deliver(source, files, table=table, acting_user=request.user, part=part)
    return redirect("sources:mapping", delivery.pk)


@require_POST
@holding(EDIT)
def source_schedule(request: SignedInRequest, source_id: uuid.UUID) -> HttpResponse:
    """How often it is read by itself."""
    source = fetch(seen_sources(request.user), source_id)
    every = whole(request.POST.get("every", "")) or 0
    services.set_schedule(source, every=every, acting_user=request.user)
    messages.success(request, gettext("已经记下。"))
    return redirect("sources:detail", source.pk)


def _freshness(run: Run | None) -> list[dict[str, object]]:
    """Field → share of the rows of the last reading that say something of it, the fullest first."""
    if run is None:
        return []
    counts = run.counts
    said = sum(counts.get(name, 0) for name in ("new", "changed", "unchanged")) or 1
    filled = sorted(counts.get("filled", {}).items(), key=lambda pair: (-pair[1], pair[0]))
    altered = counts.get("altered", {})
    return [
        {
            "field": field,
            "filled": number,
            "percent": min(100, round(100 * number / said)),
            "altered": altered.get(field, 0),
        }
        for field, number in filled
    ]


def _is_connection(request: SignedInRequest) -> bool:
    return bool(request.POST.get("server"))


def _kind(request: SignedInRequest) -> SourceKind:
    server = request.POST.get("server", "")
    if server:
        return SourceKind.NODE if server == "rongdang" else SourceKind.DATABASE
    return SourceKind.TABLE


def _connected(request: SignedInRequest, source: Source) -> Delivery:
    """The way to a database, as the form has it; its tables are listed by the worker."""
    told = {name: request.POST.get(name, "") for name in ("host", "port", "database", "user")}
    told |= {"kind": request.POST.get("server", ""), "schema": request.POST.get("schema", "")}
    told |= {"secret": request.POST.get("secret", "")}
    secured = {**told, "tls": request.POST.get("tls") == "on"}
    table = request.POST.get("source-table", "").strip()[:200]
    return connect(source, secured, table=table, acting_user=request.user)


def _opened_files(request: SignedInRequest) -> tuple[list[tuple[str, BinaryIO]], str]:
    files = _files(request)
    return files, _table(files)


def _files(request: SignedInRequest) -> list[tuple[str, BinaryIO]]:
    """What came with the form, the table first: a memo file belongs to it."""
    sent = request.FILES.getlist("files")
    files = [(file.name or "", cast("BinaryIO", file.file)) for file in sent]
    if not files:
        raise DomainError(
            "没有选文件，什么也没有收。",
            "No file was chosen; nothing was taken.",
            hint_zh="选一个表格文件再交。",
            hint_en="Choose a table and send it again.",
            code="no-file",
            status=422,
        )
    beside = (".fpt", ".dbt", ".cdx")
    return sorted(files, key=lambda file: file[0].lower().endswith(beside))


def _table(files: list[tuple[str, BinaryIO]]) -> str:
    """The table of the file that is most likely meant; the file is opened in the cage."""
    (name, stream), *beside = files
    connector = open_file(stream, name, beside=dict(beside))
    try:
        table = main_table(connector.tables())
    finally:
        connector.close()
    for _name, one in files:
        one.seek(0)
    return table
