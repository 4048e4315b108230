"""A date as far as it is known, and the ways to make one that never says more than was written."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from rongdang.base.vocab import lunar
from rongdang.base.vocab.lunar import LunarDay

Certainty = Literal["sure", "doubtful", "approximate"]
Precision = Literal["day", "month", "season", "year", "decade"]
Calendar = Literal["gregorian", "lunar", "minguo"]
Span = tuple[date, date]

FIRST_YEAR, LAST_YEAR = 1840, 2100
BEGINNING, END = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
_RANK = {"sure": 0, "approximate": 1, "doubtful": 2}


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as far as it is known. `value` is ISO 8601 cut to its precision (GB/T 7408.1-2023).

    `earliest` and `latest` hold every day the writer may have meant; they, not `value`, are to be
    compared. `doubtful` where the writing can be meant two ways or says something impossible.
    """

    value: str
    precision: Precision
    earliest: date
    latest: date
    certainty: Certainty
    calendar: Calendar
    original: str


def worst(*marks: Certainty) -> Certainty:
    """The least certain of several."""
    return max(marks, key=_RANK.__getitem__, default="sure")


def doubted(found: PartialDate, certainty: Certainty) -> PartialDate:
    """The same date, at most as certain as `certainty`."""
    return replace(found, certainty=worst(found.certainty, certainty))


def span(year: int, month: int | None = None, day: int | None = None) -> Span | None:
    """First and last day of a year, a month or a day; None where there is none such."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        return None
    if day is None:
        return date(year, month, 1), last_day(year, month)
    if not 1 <= day <= monthrange(year, month)[1]:
        return None
    return date(year, month, day), date(year, month, day)


def last_day(year: int, month: int) -> date:
    return date(year, month, monthrange(year, month)[1])


def exact(
    year: int,
    month: int | None,
    day: int | None,
    original: str,
    calendar: Calendar = "gregorian",
) -> PartialDate | None:
    """A Gregorian year, month or day; a day that month lacks leaves the month, doubtful."""
    found = span(year, month, day)
    if found is None:
        if day is None or month is None or span(year, month) is None:
            return None
        return doubted_month(year, month, original, calendar)
    if month is None:
        return PartialDate(f"{year:04d}", "year", *found, "sure", calendar, original)
    if day is None:
        return PartialDate(f"{year:04d}-{month:02d}", "month", *found, "sure", calendar, original)
    return PartialDate(found[0].isoformat(), "day", *found, "sure", calendar, original)


def doubted_month(year: int, month: int, original: str, calendar: Calendar) -> PartialDate:
    whole = span(year, month) or (BEGINNING, END)
    return PartialDate(f"{year:04d}-{month:02d}", "month", *whole, "doubtful", calendar, original)


def within(
    value: str,
    precision: Precision,
    days: Span,
    original: str,
    calendar: Calendar = "gregorian",
) -> PartialDate:
    """An approximate date: some days of the year or month that `value` names."""
    return PartialDate(value, precision, *days, "approximate", calendar, original)


def lunar_year(year: int, original: str) -> PartialDate | None:
    """A lunar year: it begins and ends inside two Gregorian ones."""
    days = lunar.year_span(year)
    return within(f"{year:04d}", "year", days, original, "lunar") if days else None


def lunar_month(
    year: int, month: int, original: str, *, leap: bool = False, told: bool = False
) -> PartialDate | None:
    """A lunar month; `told` where the writing says it is lunar, so that its year is lunar too.

    Otherwise 1938年腊月 may be that of the lunar year before, which lies inside 1938.
    """
    found = lunar.month_of(year, month, leap=leap)
    missing = found is None and leap
    found = found or lunar.month_of(year, month)
    if found is None:
        return None
    first, last = found.first, found.last
    before = lunar.month_of(year - 1, month)
    if not told and first.year > year and before and before.last.year == year:
        first = before.first
    shown = year if not told and first.year <= year else first.year
    made = within(f"{shown:04d}", "year", (first, last), original, "lunar")
    return doubted(made, "doubtful") if missing else made


def lunar_day(day: LunarDay, original: str, *, told: bool = False) -> PartialDate | None:
    """A day of the lunar calendar as the Gregorian day it is; `told` as for `lunar_month`."""
    found = lunar.to_gregorian(day)
    if found is None:
        month = lunar_month(day.year, day.month, original, leap=day.leap, told=told)
        return doubted(month, "doubtful") if month else None
    made = PartialDate(found.isoformat(), "day", found, found, "sure", "lunar", original)
    if told or found.year == day.year:
        return made
    before = lunar.to_gregorian(replace(day, year=day.year - 1))
    first = before if before and before.year == day.year else found
    return replace(made, earliest=first, certainty="doubtful")


def last_of_month(
    year: int, month: int, original: str, *, told: bool = False
) -> PartialDate | None:
    """The last day of a lunar month, be it 29 or 30: 除夕."""
    found, before = lunar.month_of(year, month), lunar.month_of(year - 1, month)
    if found is None:
        return None
    day = LunarDay(year, month, (found.last - found.first).days + 1)
    made = lunar_day(day, original, told=True)
    if made is None or told or found.last.year == year or before is None:
        return made
    return replace(made, earliest=before.last, certainty="doubtful")
