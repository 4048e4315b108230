"""The Chinese lunar calendar from 1840 to 2100 by its table of new years, leap and long months."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from rongdang.base.vocab.tables import table

FIRST_YEAR, LAST_YEAR = 1840, 2100
STEMS, BRANCHES = "甲乙丙丁戊己庚辛壬癸", "子丑寅卯辰巳午未申酉戌亥"
YEAR_ONE = 4  # the year 4 was 甲子


@dataclass(frozen=True, slots=True)
class LunarDay:
    """A day of the lunar calendar; `leap` where its month is the second of that number."""

    year: int
    month: int
    day: int
    leap: bool = False


@dataclass(frozen=True, slots=True)
class LunarMonth:
    """One month of a lunar year, from its first day to its last."""

    year: int
    month: int
    leap: bool
    first: date
    last: date


def months(year: int) -> tuple[LunarMonth, ...]:
    """The twelve or thirteen months of a lunar year in order; none outside the table."""
    return _years().get(year, ())


def year_span(year: int) -> tuple[date, date] | None:
    """正月初一 and 除夕 of a lunar year."""
    found = months(year)
    return (found[0].first, found[-1].last) if found else None


def month_of(year: int, month: int, *, leap: bool = False) -> LunarMonth | None:
    """The month; None where that year has no such (leap) month."""
    for one in months(year):
        if (one.month, one.leap) == (month, leap):
            return one
    return None


def to_gregorian(day: LunarDay) -> date | None:
    """The Gregorian day; None where the lunar day does not exist, as 三十 in a month of 29."""
    month = month_of(day.year, day.month, leap=day.leap)
    if month is None or day.day < 1:
        return None
    found = month.first + timedelta(days=day.day - 1)
    return found if found <= month.last else None


def from_gregorian(day: date) -> LunarDay | None:
    """The lunar day of a Gregorian one; None outside the table."""
    firsts, every = _in_order()
    place = bisect_right(firsts, day) - 1
    if place < 0 or day > every[place].last:
        return None
    month = every[place]
    return LunarDay(month.year, month.month, (day - month.first).days + 1, month.leap)


def sexagenary(year: int) -> str:
    """The 干支 of a lunar year: 1953 → 癸巳."""
    place = (year - YEAR_ONE) % 60
    return STEMS[place % 10] + BRANCHES[place % 12]


def years_named(name: str, first: int, last: int) -> list[int]:
    """The years from `first` to `last` whose 干支 is `name`; none for a pair that does not exist."""
    return [year for year in range(first, last + 1) if sexagenary(year) == name]


@cache
def _years() -> dict[int, tuple[LunarMonth, ...]]:
    return {row["year"]: _months_of(row) for row in table("lunar").rows}


def _months_of(row: dict[str, object]) -> tuple[LunarMonth, ...]:
    year, leap = int(str(row["year"])), int(str(row["leap"]))
    first = date.fromisoformat(str(row["first"]))
    found: list[LunarMonth] = []
    for place, long in enumerate(str(row["long"])):
        second = bool(leap) and place == leap
        month = place + 1 - (bool(leap) and place >= leap)
        last = first + timedelta(days=29 if long == "1" else 28)
        found.append(LunarMonth(year, month, second, first, last))
        first = last + timedelta(days=1)
    return tuple(found)


@cache
def _in_order() -> tuple[list[date], list[LunarMonth]]:
    every = [month for year in sorted(_years()) for month in _years()[year]]
    return [month.first for month in every], every
