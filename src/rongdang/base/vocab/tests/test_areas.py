"""GB/T 2260 through the years: which name a code stood for, and where it lives on."""

import pytest

from rongdang.base.vocab import areas
from rongdang.base.vocab.tables import FOLDER


@pytest.mark.parametrize(
    "code,year,name",
    [
        ("110103", 1995, "北京市崇文区"),
        ("210200", 1980, "辽宁省旅大市"),
        ("210200", 1990, "辽宁省大连市"),
        ("332101", 1982, "浙江省宁波地区湖州市"),
        ("500103", 2000, "重庆市渝中区"),
        ("510202", 1990, "四川省重庆市市中区"),
        ("430800", 1990, "湖南省大庸市"),
        ("430800", 2000, "湖南省张家界市"),
        ("419001", 2020, "河南省济源市"),
        ("330103", 2019, "浙江省杭州市下城区"),
        ("330113", 2022, "浙江省杭州市临平区"),
        ("420101", 1999, "湖北省武汉市市辖区"),
        ("110101", 1960, "北京市东城区"),  # before the first list: as it begins
    ],
)
def test_a_code_is_told_as_it_was_called_in_that_year(code, year, name):
    assert areas.full_name(code, year) == name


@pytest.mark.parametrize(
    "code,year",
    [("110103", 2015), ("330113", 2010), ("990101", 1990), ("810000", 1990), ("110100", 1990)],
)
def test_a_code_stood_for_nothing_before_it_was_given_and_after_it_ended(code, year):
    assert areas.at(code, year) is None and areas.full_name(code, year) == ""


def test_a_year_beside_the_list_is_forgiven_for_lists_are_of_the_end_of_a_year():
    assert areas.at("310103", 2011).name == "卢湾区" and areas.at("310103", 2012) is None
    assert areas.at("500101", 1998).name == "万州区"


def test_a_division_is_found_by_its_name_with_and_without_what_it_is():
    assert {area.code for area in areas.named("大庸")} == {"430800", "433102", "433128"}
    assert {area.code for area in areas.named("大庸市", 1990)} == {"430800"}
    assert areas.named("没有的地方") == ()
    assert areas.stem("张家界市") == "张家界" and areas.stem("万县") == "万县"


def test_a_code_that_ended_says_where_it_lives_on():
    assert "511200" in {area.code for area in areas.heirs("512200")}
    assert areas.heirs("110101") == ()
    [next_name] = areas.became(areas.at("430800", 1990))
    assert (next_name.code, next_name.name) == ("430800", "张家界市")
    assert areas.became(next_name) == ()


def test_the_list_is_whole_and_consistent():
    rows = list(areas.everything())
    assert len(rows) > 7000 and (FOLDER / "areas.tsv").stat().st_size < 1_000_000
    assert len([a for a in rows if a.level == "province" and a.until is None]) == 34
    for area in rows:
        assert len(area.code) == 6 and area.code.isdecimal() and area.name.strip()
        assert areas.BEGIN <= area.since <= (area.until or 9999)
    for code in {area.code for area in rows}:
        held = areas.history(code)
        for earlier, later in zip(held, held[1:], strict=False):
            assert earlier.until is not None and earlier.since <= later.since
        assert len([a for a in held if a.until is None]) <= 1
