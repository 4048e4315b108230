"""The desk of the audit officer: search the log, verify it, and report on a time with its head."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger import auditing, queries
from rongdang.base.ledger.models import Entry, Verification
from rongdang.base.ledger.reading import record_read
from rongdang.base.ledger.verifying import Fault
from rongdang.describe.casefiles.diary import diary_of, subjects_of
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.reading_patterns import events_between, reading_between
from rongdang.web.desk.access import SignedInRequest, holding
from rongdang.web.desk.paper import pdf
from rongdang.web.event_words import EVENTS

SCREEN = 60
DAYS = 30  # a report looks back so far unless told otherwise


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for; "" or None where it does not matter."""

    event: str
    actor: str
    number: str
    since: dt.date | None
    until: dt.date | None  # that day included
    before: int | None

    @classmethod
    def of(cls, request: HttpRequest) -> Wanted:
        said = request.GET
        asked = {name: said.get(name, "").replace("\0", "").strip()[:80] for name in WANTED}
        before = asked["before"]
        return cls(
            event=asked["event"],
            actor=asked["actor"],
            number=asked["number"],
            since=_date(asked["since"]),
            until=_date(asked["until"]),
            before=int(before) if before.isdecimal() and len(before) < 18 else None,
        )

    def told(self) -> dict[str, str]:
        """For the entry that says what the officer looked for, and for the next page's address."""
        values = {name: getattr(self, name) for name in WANTED if name != "before"}
        return {name: str(value) for name, value in values.items() if value}


WANTED = ("event", "actor", "number", "since", "until", "before")


@require_safe
@holding(Permission.LEDGER_READ)
def ledger_list(request: SignedInRequest) -> HttpResponse:
    """Entries by person, account, event and time; that they were looked for is an entry too."""
    wanted = Wanted.of(request)
    case_file = _case_file(wanted.number)
    found = _entries(wanted, case_file)
    entries = list(found[:SCREEN])
    record_read("ledger:read", actor=request.user, detail=wanted.told() or None)
    names = _names(str(entry.actor) for entry in entries if entry.actor)
    context = {
        "entries": [(entry, names.get(str(entry.actor), "")) for entry in entries],
        "before": entries[-1].seq if len(entries) == SCREEN else None,
        "wanted": wanted,
        "query": wanted.told(),
        "unknown": _unknown(wanted, case_file),
        "looks": diary_of(case_file, **_span(wanted))[:200] if case_file else (),
        "events": EVENTS,
        "last": Verification.objects.order_by("-asked_at").first(),
        "head": queries.latest_head(),
    }
    return render(request, "ledger/list.html", context)


@require_POST
@holding(Permission.LEDGER_READ)
def verify(request: SignedInRequest) -> HttpResponse:
    """Ask for everything to be computed anew; the page that follows tells how far it is."""
    asked = auditing.ask_examination(acting_user=request.user)
    return redirect("officers:ledger-verification", asked.pk)


@require_safe
@holding(Permission.LEDGER_READ)
def verification(request: SignedInRequest, verification_id: uuid.UUID) -> HttpResponse:
    """How far a verification is, and what it found; asks again by itself until it has ended."""
    asked = Verification.objects.filter(pk=verification_id).first()
    if asked is None:
        raise Http404
    faults = [Fault(**one) for one in (asked.report or {}).get("faults", ())]
    context = {"asked": asked, "report": asked.report, "faults": faults}
    fragment = "tick" in request.GET
    template = "ledger/_verification.html" if fragment else "ledger/verification.html"
    response = render(request, template, context)
    if fragment and asked.finished_at:
        response["HX-Refresh"] = "true"
    return response


@require_safe
@holding(Permission.LEDGER_READ)
def report(request: SignedInRequest) -> HttpResponse:
    """What happened in a time: events, readers and what stands out, under the newest head; to print."""
    gathered = gather_report(Wanted.of(request))
    record_read("ledger:report", actor=request.user, detail=gathered["days"])
    return render(request, "ledger/report.html", gathered)


@require_safe
@holding(Permission.LEDGER_READ)
def report_pdf(request: SignedInRequest) -> HttpResponse:
    from rongdang.web.desk.audit_print import drawn

    gathered = gather_report(Wanted.of(request))
    data = drawn(gathered)
    record_read("ledger:report", actor=request.user, detail={**gathered["days"], "form": "pdf"})
    return pdf(data, f"audit-{gathered['days']['since']}-{gathered['days']['until']}")


def gather_report(wanted: Wanted) -> dict[str, Any]:
    """Everything the report says, for the page and for paper."""
    until = wanted.until or timezone.localdate()
    since = min(wanted.since or until - dt.timedelta(days=DAYS), until)
    start, end = _midnight(since), _midnight(until + dt.timedelta(days=1))
    events = events_between(start, end)
    head = queries.latest_head()
    return {
        "since": since,
        "until": until,
        "days": {"since": since.isoformat(), "until": until.isoformat()},
        "events": events,
        "total": sum(count for _event, count in events),
        "patterns": reading_between(start, end),
        "last": Verification.objects.exclude(finished_at=None).order_by("-finished_at").first(),
        "head": head.signed(queries.log_id()) if head else None,
    }


def _entries(wanted: Wanted, case_file: CaseFile | None) -> Any:
    rows = Entry.objects.order_by("-seq").defer("body", "leaf")
    if wanted.number:
        rows = rows.filter(subjects_of(case_file)) if case_file else rows.none()
    if wanted.event:
        rows = rows.filter(event__startswith=wanted.event)
    if wanted.actor:
        known = User.objects.filter(username=wanted.actor) | User.objects.filter(
            display_name=wanted.actor
        )
        rows = rows.filter(actor__in=[str(pk) for pk in known.values_list("pk", flat=True)])
    span = _span(wanted)
    if span["since"]:
        rows = rows.filter(at__gte=span["since"])
    if span["until"]:
        rows = rows.filter(at__lt=span["until"])
    return rows.filter(seq__lt=wanted.before) if wanted.before else rows


def _case_file(number: str) -> CaseFile | None:
    """By its exact number, from a paper that names it: the audit officer sees who read, no content."""
    return CaseFile.objects.filter(number=number).first() if number else None


def _unknown(wanted: Wanted, case_file: CaseFile | None) -> str:
    if wanted.number and case_file is None:
        return gettext("没有这个档号。")
    known = User.objects.filter(username=wanted.actor) | User.objects.filter(
        display_name=wanted.actor
    )
    if wanted.actor and not known.exists():
        return gettext("没有这个账号或姓名。")
    return ""


def _span(wanted: Wanted) -> dict[str, dt.datetime | None]:
    day = dt.timedelta(days=1)
    return {
        "since": _midnight(wanted.since) if wanted.since else None,
        "until": _midnight(wanted.until + day) if wanted.until else None,
    }


def _midnight(day: dt.date) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time()))


def _date(text: str) -> dt.date | None:
    try:
        found = parse_date(text)
    except ValueError:
        return None
    return found if found and 1990 <= found.year <= 2200 else None


def _names(keys: Any) -> dict[str, str]:
    wanted = {key for key in keys if key}
    rows = User.objects.values_list("pk", "display_name")
    return {str(pk): name for pk, name in rows if str(pk) in wanted}
