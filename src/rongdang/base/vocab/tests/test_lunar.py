from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rongdang.base.vocab import lunar
from rongdang.base.vocab.lunar import LunarDay, from_gregorian, to_gregorian

# Days known from elsewhere: new years, festivals and leap months of printed almanacs.
KNOWN = [
    ((1953, 1, 1), "1953-02-14"),
    ((1949, 1, 1), "1949-01-29"),
    ((1949, 8, 10), "1949-10-01"),
    ((1893, 11, 19), "1893-12-26"),
    ((1898, 2, 13), "1898-03-05"),
    ((1904, 7, 12), "1904-08-22"),
    ((1900, 1, 1), "1900-01-31"),
    ((1911, 8, 19), "1911-10-10"),
    ((1976, 8, 15), "1976-09-08"),
    ((1978, 8, 15), "1978-09-17"),
    ((1985, 1, 1), "1985-02-20"),
    ((2000, 1, 1), "2000-02-05"),
    ((2024, 5, 5), "2024-06-10"),
    ((2023, 8, 15), "2023-09-29"),
    ((2033, 8, 15), "2033-09-08"),
    ((1840, 1, 1), "1840-02-03"),
]
LEAP = {1944: 4, 1952: 5, 1955: 3, 1984: 10, 2001: 4, 2020: 4, 2023: 2, 2033: 11, 1949: 7, 1938: 7}


@pytest.mark.parametrize("day,gregorian", KNOWN)
def test_known_days_agree(day, gregorian):
    found = to_gregorian(LunarDay(*day))
    assert found == date.fromisoformat(gregorian)
    assert from_gregorian(found) == LunarDay(*day)


def test_leap_months_stand_where_the_almanacs_have_them():
    for year, month in LEAP.items():
        assert [m.month for m in lunar.months(year) if m.leap] == [month]
    assert not any(m.leap for m in lunar.months(1953))
    assert lunar.month_of(1953, 4, leap=True) is None
    leap = lunar.month_of(1944, 4, leap=True)
    assert leap and leap.first == date(1944, 5, 22) and leap.last == date(1944, 6, 20)


def test_the_years_of_the_table_join_without_gap():
    for year in range(lunar.FIRST_YEAR, lunar.LAST_YEAR):
        before, after = lunar.year_span(year), lunar.year_span(year + 1)
        assert before and after and before[1] + timedelta(days=1) == after[0]
        assert len(lunar.months(year)) == 12 + any(m.leap for m in lunar.months(year))


def test_what_does_not_exist_gives_none():
    short = next(m for m in lunar.months(1953) if (m.last - m.first).days == 28)
    assert to_gregorian(LunarDay(1953, short.month, 30)) is None
    assert to_gregorian(LunarDay(1953, 13, 1)) is None
    assert to_gregorian(LunarDay(1839, 1, 1)) is None and lunar.year_span(2101) is None
    assert from_gregorian(date(1840, 2, 2)) is None and from_gregorian(date(2101, 6, 1)) is None


@given(st.dates(date(1840, 2, 3), date(2101, 1, 28)))
def test_every_day_comes_back(day):
    found = from_gregorian(day)
    assert found is not None and to_gregorian(found) == day


def test_years_of_the_sixty():
    assert lunar.sexagenary(1953) == "癸巳" and lunar.sexagenary(1911) == "辛亥"
    assert lunar.sexagenary(1984) == "甲子"
    assert lunar.years_named("癸巳", 1880, 2049) == [1893, 1953, 2013]
    assert lunar.years_named("甲丑", 1880, 2049) == []
