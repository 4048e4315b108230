"""The hand-checked list of real-life forms, and what no writing whatever may do to the parser."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.dates import from_serial, iso_partial, parse_date
from rongdang.base.vocab.partial import span

SAMPLES = Path(__file__).parent / "samples"
REACH = 0.995  # of the list right, and none wrong without a doubt mark


def rows(name: str = "dates.txt") -> list[list[str]]:
    """form, value, certainty, days, calendar of every line, in order."""
    return [
        [*line.split("\t"), "", "", ""][:5]
        for line in (SAMPLES / name).read_text(encoding="utf-8").splitlines()
        if line.strip() and not line.startswith("#")
    ]


def wanted(row: list[str]) -> tuple[object, ...] | None:
    _form, value, certainty, days, calendar = row
    if value == "-":
        return None
    if days:
        first, last = (date.fromisoformat(part) for part in days.split(".."))
    else:
        first, last = span(*(int(part) for part in value.split("-")))
    return value, certainty, first, last, calendar or "gregorian"


def got(form: str) -> tuple[object, ...] | None:
    found = parse_date(form)
    if found is None:
        return None
    return found.value, found.certainty, found.earliest, found.latest, found.calendar


def score(pairs: list[tuple[tuple[object, ...] | None, tuple[object, ...] | None]]) -> list[int]:
    """Right, wrong, and wrong without a doubt mark."""
    wrong = [(want, have) for want, have in pairs if want != have]
    return [
        len(pairs) - len(wrong),
        len(wrong),
        sum(have is not None and have[1] == "sure" for _w, have in wrong),
    ]


@pytest.mark.parametrize("half", [1, 0], ids=["tuned on", "held back"])
def test_each_half_of_the_list_reaches_the_goal(half):
    pairs = [(wanted(row), got(row[0])) for n, row in enumerate(rows(), 1) if n % 2 == half]
    right, wrong, unmarked = score(pairs)
    assert right + wrong >= 225
    assert right / (right + wrong) >= REACH and unmarked == 0


def test_further_forms_stay_as_they_were_looked_at():
    wrong = [(row[0], got(row[0])) for row in rows("dates_more.txt") if got(row[0]) != wanted(row)]
    assert wrong == []


def test_the_score_sees_what_is_wrong():
    row = ["1953.7", "1953-07", "sure", "", ""]
    assert score([(wanted(row), got("1953.7")), (wanted(row), got("1953.8"))]) == [1, 1, 1]
    assert score([(wanted(row), got("1953.7?"))]) == [0, 1, 0]
    assert score([(None, got("不详")), (None, got("1953"))]) == [1, 1, 1]


SIGNS = (
    "0123456789年月日号.-/、，。—~ 　一二三四五六七八九十廿卅〇○零元正腊冬闰初上中下旬底末春夏秋冬约?？左右前后以"
    "农历公元民国光绪癸巳年(农历六月初二)（）不详×XOolI'\"Q7:TJulVI至今同次代世纪节除夕中秋十八甲子"
)


@settings(max_examples=600, deadline=None)
@example("1953年7月12日(农历" * 5)
@example("贰零9零")
@example("((((((((((((1953")
@example("0" * 14)
@example("二二二二二二年")
@example("²³⁴⁵.⁷")
@example("١٩٥٣-٠٧-١٢")
@given(st.one_of(st.text(SIGNS, max_size=20), st.text(max_size=70)))
def test_no_writing_breaks_it_and_what_it_makes_holds(text):
    found = parse_date(text)
    if found is None:
        return
    assert found.earliest <= found.latest and found.original
    again = parse_date(found.value)
    assert again is not None and again.value == found.value == iso_partial(found.value)
    if found.certainty == "sure" and found.precision in ("day", "month"):
        assert found.value == found.earliest.isoformat()[: len(found.value)]


@given(st.dates(date(1880, 1, 1), date(2049, 12, 31)))
def test_one_day_is_the_same_in_every_plain_form(day):
    if day.isoformat() in ("1900-01-01", "1899-12-30", "1899-12-31"):
        return
    y, m, d = day.year, day.month, day.day
    for form in (
        f"{y}-{m:02d}-{d:02d}",
        f"{y}.{m}.{d}",
        f"{y}/{m}/{d}",
        f"{y}年{m}月{d}日",
        f" {y} 年 {m} 月 {d} 日",
        f"{y}{m:02d}{d:02d}",
    ):
        found = parse_date(form)
        assert found and (found.value, found.certainty) == (day.isoformat(), "sure"), form


@given(st.integers(1, 80_000))
def test_a_serial_is_the_day_the_spreadsheet_shows(count):
    found = from_serial(str(count))
    if found and count > 60:
        assert found.earliest == date(1899, 12, 30) + timedelta(days=count)
    later = from_serial(f"{count}.5", 1904)
    if later:
        assert later.earliest == date(1904, 1, 1) + timedelta(days=count)


def test_serials_are_dates_only_when_that_was_said():
    assert from_serial("19552").value == "1953-07-12"
    assert from_serial("18090", 1904).value == "1953-07-12"
    assert from_serial("1").value == "1900-01-01" and from_serial("1").certainty == "doubtful"
    assert from_serial("0") is None and from_serial("x") is None and from_serial("999999") is None
    assert parse_date("19552") is None


def test_long_cells_are_read_as_running_text():
    text = "该同志一九三八年四月出生于山东省，在家务农，后随部队南下，历任班长、排长、连长等职务，表现良好，组织上予以肯定，特此证明如上所述无误。"
    assert len(text) > 60 and parse_date(text).value == "1938-04"
    assert parse_date("1" * 100_000) is None
