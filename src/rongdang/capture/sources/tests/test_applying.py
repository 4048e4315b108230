"""A recipe at work on rows: taken, passed over, refused; and never a value lost."""

from __future__ import annotations

import dataclasses

import pytest

from rongdang.capture.sources.applying import (
    ColumnsChangedError,
    Passed,
    Refused,
    Taken,
    apply,
    compiled,
)
from rongdang.capture.sources.port import Oddity, SourceRow
from rongdang.capture.sources.recipes import Kin, PassOver, Recipe, Take
from rongdang.describe.statements.said import Said

COLUMNS = ("RYBH", "XM", "XB", "N", "Y", "SFZ", "MZ", "PO", "POSR", "BZ")
RECIPE = Recipe(
    "人员",
    ("RYBH",),
    (
        Take("姓名", ("XM",), part="outside"),
        Take("曾用名", ("XM",), part="inside"),
        Take("性别", ("XB",), values={"1": "男", "2": "女", "9": ""}),
        Take("出生日期", ("N", "Y"), join="."),
        Take("公民身份号码", ("SFZ",)),
        Take("民族", ("MZ",)),
    ),
    kin=(Kin("妻", "PO", birth_column="POSR"),),
    leave=("BZ",),
    pass_over=(PassOver("XM", ("合计",)),),
    nothing=("无", "不详"),
    constants={"安置方式": "就地"},
)
PLAN = compiled(RECIPE, COLUMNS)


def outcome(recipe=RECIPE, number=7, **cells):
    row = SourceRow(number, tuple(cells.get(name, "") for name in COLUMNS))
    return apply(compiled(recipe, COLUMNS), row)


def with_take(field_name, /, **changes):
    takes = (
        dataclasses.replace(t, **changes) if t.field == field_name else t for t in RECIPE.takes
    )
    return dataclasses.replace(RECIPE, takes=tuple(takes))


def test_a_row_says_what_its_columns_say():
    taken = outcome(
        RYBH="A１", XM="张长河（张 山）", XB="１", N="53", Y="7", MZ="汉", PO="赵小兰", POSR="1955"
    )
    assert taken == Taken(
        "A1",
        7,
        {
            "安置方式": Said("就地"),
            "姓名": Said("张长河", ""),
            "曾用名": Said("张山", "张 山"),
            "性别": Said("男", "１"),
            "出生日期": Said("1953-07", "53.7"),
            "民族": Said("汉族", "汉"),
            "家庭成员": Said("妻赵小兰1955"),
        },
    )


def test_words_of_nothing_and_values_meant_as_nothing_say_nothing():
    taken = outcome(RYBH="1", XM="张长河", XB="9", MZ="不 详", PO="无")
    assert set(taken.sayings) == {"安置方式", "姓名"}


@pytest.mark.parametrize(
    ("cells", "field"),
    [
        ({"N": "19五三", "Y": "13"}, "出生日期"),
        ({"XB": "3"}, "性别"),
        ({"MZ": "火星"}, "民族"),
        ({"SFZ": "12345"}, "公民身份号码"),
        ({"SFZ": "990101195307120010"}, "公民身份号码"),
    ],
)
def test_what_cannot_be_read_is_kept_in_doubt_or_refused_as_the_recipe_says(cells, field):
    kept = outcome(RYBH="1", XM="张长河", **cells).sayings[field]
    written = ".".join(cells.values())
    assert kept.certainty == "doubtful"
    assert written in (kept.original, kept.value)
    refused = outcome(with_take(field, unreadable="refuse"), RYBH="1", XM="张长河", **cells)
    assert isinstance(refused, Refused)
    (reason,) = refused.reasons
    assert (reason.code, reason.value) == ("unreadable", written)
    assert reason.zh.startswith(field)
    assert reason.todo_zh
    assert reason.todo_en


@pytest.mark.parametrize(
    ("cells", "why"),
    [
        ({"XM": "合 计", "N": "1953"}, "total"),
        ({}, "empty"),
        ({name: name for name in COLUMNS}, "heading"),
        ({"RYBH": "RYBH", "XM": "XM", "XB": "XB"}, "heading"),
    ],
)
def test_rows_that_are_nobody_are_passed_over(cells, why):
    assert outcome(**cells) == Passed(7, why)


def test_rows_above_the_first_are_passed_over():
    recipe = dataclasses.replace(RECIPE, first_row=8)
    assert outcome(recipe, RYBH="1", XM="张长河") == Passed(7, "above")


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        ({"XM": "张长河"}, "no-key"),
        ({"RYBH": "1", "MZ": "汉"}, "nobody"),
        ({"RYBH": "1", "XM": "小计"}, "total"),
        ({"RYBH": "1", "SFZ": "看不清"}, "nobody"),
    ],
)
def test_a_row_that_cannot_be_placed_is_refused(cells, code):
    refused = outcome(**cells)
    assert isinstance(refused, Refused)
    assert [reason.code for reason in refused.reasons] == [code]


def test_a_row_of_another_width_is_refused():
    refused = apply(PLAN, SourceRow(3, ("1", "张长河")))
    assert isinstance(refused, Refused)
    assert refused.reasons[0].code == "row-width"


def test_what_the_reader_could_not_trust_is_refused_in_its_words():
    oddity = Oddity("other-bytes", "这一行的编码和别处不同", "other bytes", row=7, column="XM")
    cells = ("1", "张长河", *[""] * 8)
    (reason,) = apply(PLAN, SourceRow(7, cells, oddity)).reasons
    assert (reason.code, reason.column, reason.zh) == ("other-bytes", "XM", oddity.zh)


def test_a_line_of_totals_that_the_reader_saw_is_passed_over():
    oddity = Oddity("totals-row", "合计", "totals", row=7)
    assert apply(PLAN, SourceRow(7, ("200", *[""] * 9), oddity)) == Passed(7, "total")


def test_a_source_that_changed_its_columns_is_refused_by_name():
    with pytest.raises(ColumnsChangedError) as told:
        compiled(RECIPE, [name for name in COLUMNS if name not in ("N", "BZ")] + ["XIN"])
    assert "少了“N”" in told.value.zh
    assert "多了“XIN”" in told.value.zh
    assert "BZ" not in told.value.zh  # it was left anyway


def test_a_mended_file_keeps_the_numbers_of_its_rows():
    plan = compiled(RECIPE, (*COLUMNS, "退回原因", "怎么办", "原行号"))
    cells = ("1", "张长河", *[""] * 8, "性别：不在代码表里", "改", "1234")
    assert apply(plan, SourceRow(2, cells)).row == 1234


@pytest.mark.parametrize(
    ("read", "text", "value"),
    [
        ("serial-1900", "19552", "1953-07-12"),
        ("serial-1904", "18090", "1953-07-12"),
        ("serial-1900", "1953", "1953"),
        ("serial-1900", "1953.7.12", "1953-07-12"),
        ("day-first", "12/7/1953", "1953-07-12"),
        ("month-first", "7/12/53", "1953-07-12"),
        ("", "一九五三年七月", "1953-07"),
    ],
)
def test_dates_are_read_as_the_source_writes_them(read, text, value):
    recipe = with_take("出生日期", read=read, columns=("N",), join=None)
    taken = outcome(dataclasses.replace(recipe, leave=("BZ", "Y")), RYBH="1", XM="张长河", N=text)
    assert taken.sayings["出生日期"].value == value


def test_formulas_stay_text():
    recipe = with_take("民族", field="职务")
    taken = outcome(recipe, RYBH="1", XM="张长河", MZ='=HYPERLINK("http://x","y")')
    assert taken.sayings["职务"].value == '=HYPERLINK("http://x","y")'
