"""The figures of the board: of a unit with all below it, of each unit below, and day by day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db.models import Max, Sum

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import SEGMENT, Unit, within
from rongdang.provide.quality.measures import Measure, measures
from rongdang.provide.quality.models import Measurement

DAYS = 12  # of the trend
LEAST = 5  # people: of fewer a share would tell of each of them


@dataclass(frozen=True, slots=True)
class Figure:
    """A share, 0 to 1; None where nothing was measured, or of too few to be told."""

    measure: Measure
    share: float | None
    part: int
    whole: int

    @property
    def percent(self) -> float | None:
        """One decimal, and never 100.0 while anything is missing."""
        if self.share is None:
            return None
        shown = round(self.share * 100, 1)
        return 99.9 if shown == 100 and self.part < self.whole else shown


def last_day(user: User) -> dt.date | None:
    """The day of the newest figures."""
    rows = Measurement.objects.visible_to(user)
    found: dt.date | None = rows.aggregate(last=Max("day"))["last"]
    return found


def of_unit(user: User, path: str, day: dt.date, *, whole: bool) -> list[Figure]:
    """Every measure of the unit and all below it. `whole`: may the reader be told of a few people?"""
    rows = Measurement.objects.visible_to(user).filter(within("scope", [path]), day=day)
    return _figures(rows.values_list("measure").annotate(Sum("part"), Sum("whole")), whole=whole)


def of_children(
    user: User, unit: Unit, day: dt.date, *, whole: bool
) -> list[tuple[Unit, list[Figure]]]:
    """The units right below, each with all below it; and the unit's own, first, where it has any."""
    rows = Measurement.objects.visible_to(user).filter(within("scope", [unit.path]), day=day)
    long = len(unit.path) + 1 + SEGMENT
    by_child: dict[str, dict[str, tuple[int, int]]] = {}
    for row in rows:
        sums = by_child.setdefault(row.scope[:long], {})
        part, all_of_it = sums.get(row.measure, (0, 0))
        sums[row.measure] = part + row.part, all_of_it + row.whole
    units = Unit.objects.filter(path__in=by_child).order_by("path")
    return [
        (
            one,
            _figures(((code, *sums) for code, sums in by_child[one.path].items()), whole=whole),
        )
        for one in units
    ]


def trend(user: User, path: str, code: str) -> list[tuple[dt.date, float]]:
    """The share of the last days it was measured on, the oldest first."""
    rows = Measurement.objects.visible_to(user).filter(within("scope", [path]), measure=code)
    by_day = rows.values_list("day").annotate(Sum("part"), Sum("whole")).order_by("-day")[:DAYS]
    return [(day, part / whole) for day, part, whole in reversed(by_day) if whole]


def _figures(rows: Iterable[Sequence[object]], *, whole: bool) -> list[Figure]:
    sums = {str(code): (int(str(part)), int(str(all_of_it))) for code, part, all_of_it in rows}
    return [_figure(one, *sums.get(code, (0, 0)), whole=whole) for code, one in measures().items()]


def _figure(measure: Measure, part: int, all_of_it: int, *, whole: bool) -> Figure:
    people = all_of_it // 100 if measure.list == "people" else all_of_it
    told = bool(all_of_it) and (whole or people >= LEAST or measure.list == "sources")
    return Figure(measure, part / all_of_it if told else None, part, all_of_it)
