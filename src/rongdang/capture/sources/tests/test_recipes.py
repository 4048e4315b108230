"""Recipes: what holds, what is refused in words, and the file that says the same each time."""

from __future__ import annotations

import dataclasses

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongdang.base.vocab import fields
from rongdang.capture.sources.recipe_text import from_text, to_text
from rongdang.capture.sources.recipes import (
    PARTS,
    Kin,
    PassOver,
    Recipe,
    RecipeError,
    Take,
    checked,
)

DATES = tuple(name for name, entry in fields.dictionary().items() if entry.type == "date")
COLUMN = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
BASIC = Recipe("表", ("XM",), (Take("姓名", ("XM",)),))


@st.composite
def takes(draw, name):
    part = draw(st.sampled_from(PARTS))
    return Take(
        name,
        tuple(draw(st.lists(COLUMN.map("c".__add__), min_size=1, max_size=3, unique=True))),
        join=draw(st.none() | WORDS),
        part=part,
        at="、" if part.isdigit() else "",
        read=draw(st.sampled_from(["", "text", "day-first", "serial-1904"]))
        if name in DATES
        else draw(st.sampled_from(["", "text"])),
        values=draw(st.dictionaries(WORDS, WORDS, max_size=3)),
        unreadable=draw(st.sampled_from(["", "doubtful", "refuse"])),
    )


@st.composite
def recipes(draw):
    names = draw(st.lists(st.sampled_from(sorted(fields.dictionary())), max_size=6, unique=True))
    names = ["姓名", *(name for name in names if name not in ("姓名", "家庭成员"))]
    constants = names[4:]
    kin = st.builds(Kin, st.just("妻"), COLUMN, birth_column=WORDS, more=st.tuples(COLUMN))
    other = st.builds(Kin, st.just(""), COLUMN, relation_column=COLUMN)
    return Recipe(
        draw(WORDS),
        tuple(draw(st.lists(COLUMN, min_size=1, max_size=3))),
        tuple(draw(takes(name)) for name in names[:4]),
        kin=tuple(draw(st.lists(kin | other, max_size=2))),
        leave=tuple(draw(st.lists(COLUMN.map("\x00".__add__), max_size=3))),
        pass_over=tuple(draw(st.lists(st.builds(PassOver, COLUMN, st.tuples(WORDS)), max_size=2))),
        nothing=tuple(draw(st.lists(WORDS, max_size=3))),
        constants={name: draw(WORDS) for name in constants},
        first_row=draw(st.integers(0, 2**31 - 1)),
        unreadable=draw(st.sampled_from(["doubtful", "refuse"])),
        version=draw(st.integers(1, 900)),
        author=draw(WORDS),
        words=draw(WORDS),
    )


@settings(max_examples=60, deadline=None)
@given(recipes())
def test_a_recipe_comes_back_from_its_file_as_it_was(recipe):
    if set(recipe.leave) & set(recipe.columns()):
        return
    text = to_text(recipe)
    assert from_text(text) == recipe
    assert to_text(from_text(text)) == text


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"key": ()}, "区分开"),
        ({"takes": (Take("民族", ("MZ",)),)}, "姓名或身份号码"),
        ({"takes": (*BASIC.takes, Take("星座", ("XZ",)))}, "“星座”不在字段字典"),
        ({"takes": (*BASIC.takes, *BASIC.takes)}, "“姓名”写了两次"),
        ({"constants": {"姓名": "甲"}}, "“姓名”写了两次"),
        (
            {"kin": (Kin("妻", "PO"),), "constants": {"家庭成员": "无"}},
            "“家庭成员”写了两次",
        ),
        ({"leave": ("XM",)}, "“XM”既要用又写了不要"),
        ({"unreadable": ""}, "读不懂时"),
        ({"takes": (Take("姓名", ()),)}, "没有来源列"),
        ({"takes": (Take("姓名", ("XM",), part="7", at="、"),)}, "拆分"),
        ({"takes": (Take("姓名", ("XM",), part="1"),)}, "拆分"),
        ({"takes": (Take("姓名", ("XM",), read="guess"),)}, "读法"),
        ({"takes": (Take("姓名", ("XM",), read="day-first"),)}, "不是日期"),
        ({"takes": (Take("姓名", ("XM",), unreadable="drop"),)}, "读不懂时"),
        ({"kin": (Kin("", "PO"),)}, "称谓"),
        ({"kin": (Kin("妻", ""),)}, "称谓"),
    ],
)
def test_a_recipe_that_does_not_hold_is_refused_in_words(changes, words):
    with pytest.raises(RecipeError, match=words) as told:
        checked(dataclasses.replace(BASIC, **changes))
    assert told.value.en
    assert told.value.hint_zh


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("format = 1\nkey = = 1", "第 2 行"),
        ('table = "表"', "第 1 种格式"),
        ("format = 2", "第 1 种格式"),
        ('format = 1\ntable = "表"', "没有写“key”"),
        (to_text(BASIC) + "[[take]]\nfield = 3\ncolumns = []", "“field”不认识"),
        (to_text(BASIC) + '[[take]]\nfield = "民族"\ncolumns = [1]', "“columns”不认识"),
        (to_text(BASIC) + '[[take]]\nfield = "民族"\ncolumns = "MZ"', "“columns”不认识"),
        (to_text(BASIC).replace("version = 1", "version = true"), "“version”不认识"),
        (to_text(BASIC).replace("version = 1", "code = 'import os'"), "“code”不认识"),
        (to_text(BASIC) + "[take.values]\n1 = 2", "“values”不认识"),
        ('format = 1\ntake = "x"', "“take”要写成"),
        ("x = " + "[" * 5000, "写得不对"),
        ("#" * 400_001, "太长"),
    ],
)
def test_a_file_that_is_no_recipe_is_refused_in_words(text, words):
    with pytest.raises(RecipeError, match=words.replace("[", "\\[")) as told:
        from_text(text)
    assert told.value.en


def test_the_file_reads_like_what_it_means():
    recipe = dataclasses.replace(
        BASIC, words="工资系统", takes=(Take("性别", ("XB",), values={"1": "男"}), *BASIC.takes)
    )
    assert to_text(recipe).splitlines()[:4] == [
        "format = 1",
        'table = "表"',
        "version = 1",
        'words = "工资系统"',
    ]
    assert '[take.values]\n1 = "男"\n' in to_text(recipe)
