from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.dates import parse_date
from rongdang.base.vocab.datespans import parse_span

SAMPLES = Path(__file__).parent / "samples" / "spans.txt"
ROWS = [
    (line.split("\t") + ["", "", ""])[:4]
    for line in SAMPLES.read_text(encoding="utf-8").splitlines()
    if line and not line.startswith("#")
]


@pytest.mark.parametrize("form,start,end,certainty", ROWS, ids=[row[0] for row in ROWS])
def test_a_span_is_read_as_its_writer_meant_it(form, start, end, certainty):
    found = parse_span(form)
    if start == end == "-":
        assert found is None
        return
    assert found is not None and found.original == form
    assert (found.start.value if found.start else "-") == start
    assert ("*" if found.open else found.end.value if found.end else "-") == end
    assert found.certainty == certainty


def test_the_year_of_the_line_helps_what_has_none():
    assert parse_date("同年8月") is None
    assert (parse_date("同年8月", 1953).value, parse_date("同年8月", 1953).certainty) == (
        "1953-08",
        "sure",
    )
    assert parse_date("次年三月", 1953).value == "1954-03"
    assert parse_date("8月15日", 1953).certainty == "doubtful"
    assert parse_date("翌年正月初一", 1952).earliest == date(1953, 2, 14)


SIGNS = "0123456789年月日.-—~至到今起止约?同次翌一二三四五六七八九十〇 "


@settings(max_examples=300, deadline=None)
@given(st.text(SIGNS, max_size=24))
def test_no_writing_breaks_it(text):
    found = parse_span(text)
    if found:
        assert found.start or found.end
        assert found.original == text
