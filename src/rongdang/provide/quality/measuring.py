"""Measuring every unit once a day. A figure of today is measured anew when it is asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Mapping

from django.db import transaction
from django.db.models import Count, Sum
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.services import record
from rongdang.describe.conflicts.models import Doubt
from rongdang.describe.linkage.models import Pair
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Source
from rongdang.provide.quality.measures import measures
from rongdang.provide.quality.models import Measurement

FULL = 100  # points of a file, and of a record
Figures = dict[tuple[str, str], tuple[int, int]]  # (measure, scope) → part, whole


def measure_daily() -> None:
    """Once a day; safe to call often, and by several workers at once."""
    if not Measurement.objects.filter(day=timezone.localdate()).exists():
        measure(acting_user=None)


@transaction.atomic
def measure(*, acting_user: User | None) -> int:
    """Every unit's figures of today, in place of those measured earlier today; how many."""
    require(acting_user, Permission.CASEFILE_SEE)
    today = timezone.localdate()
    rows = [
        Measurement(day=today, scope=scope, measure=code, part=part, whole=whole)
        for (code, scope), (part, whole) in figures().items()
        if whole
    ]
    # What became empty since is gone; what stands is overwritten, also by two at the same time.
    Measurement.objects.filter(day=today).delete()
    Measurement.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["day", "scope", "measure"],
        update_fields=["part", "whole"],
    )
    if rows:
        told = {"day": today.isoformat(), "figures": len(rows)}
        record("quality:measure", actor=acting_user, subject_kind="quality", detail=told)
    return len(rows)


def figures() -> Figures:
    """Each measure in each unit that has people or sources; a constant number of queries."""
    people = Person.objects.open().values("scope").order_by()
    known = people.annotate(count=Count("pk"), sum=Sum("known"))
    scored = people.filter(score__isnull=False).annotate(count=Count("pk"), sum=Sum("score"))
    found: Figures = {}
    counted = {row["scope"]: row["count"] for row in known}
    for code, rows in (("known", known), ("complete", scored)):
        for row in rows:
            found[code, row["scope"]] = row["sum"], FULL * row["count"]
    waiting = Doubt.objects.waiting()
    of_rules = waiting.exclude(code__startswith="sources:").filter(severity="wrong")
    of_sources = waiting.filter(code__startswith="sources:")
    troubled = {
        "valid": _people_by_unit(of_rules.values_list("person", "person__scope")),
        "consistent": _people_by_unit(of_sources.values_list("person", "person__scope")),
        "unique": _people_by_unit(_in_pairs()),
    }
    for code, by_unit in troubled.items():
        for scope, count in counted.items():
            found[code, scope] = count - by_unit[scope], count
    return found | _timely()


def _people_by_unit(rows: Iterable[tuple[object, str]]) -> Mapping[str, int]:
    return Counter(scope for _person, scope in set(rows))


def _in_pairs() -> set[tuple[object, str]]:
    """Open records that wait for somebody to say whether they are another's."""
    waiting = Pair.objects.waiting()
    return {
        one
        for side in ("first", "second")
        for one in waiting.filter(**{f"{side}__closed_at": None}).values_list(
            side, f"{side}__scope"
        )
    }


def _timely() -> Figures:
    since = timezone.now() - dt.timedelta(days=measures()["timely"].days)
    every = Source.objects.values("scope").order_by().annotate(count=Count("pk"))
    fresh = Source.objects.filter(read_at__gte=since).values("scope").order_by()
    read = {row["scope"]: row["count"] for row in fresh.annotate(count=Count("pk"))}
    return {("timely", row["scope"]): (read.get(row["scope"], 0), row["count"]) for row in every}
