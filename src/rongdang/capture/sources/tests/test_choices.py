"""A recipe shown column by column comes back as it was, and a changed column changes what it says."""

from __future__ import annotations

import dataclasses

import pytest

from rongdang.capture.sources.choices import ColumnChoice, choices_of, recipe_from, shows_whole
from rongdang.capture.sources.profiling import profiled
from rongdang.capture.sources.proposing import propose
from rongdang.capture.sources.recipes import INSIDE, Kin, Recipe, RecipeError, Take
from rongdang.capture.sources.tests.old_tables import ALL

COLUMNS = ("编号", "姓名", "年", "月", "称谓", "家属", "备注")
RECIPE = Recipe(
    "表",
    ("编号",),
    (
        Take("姓名", ("姓名",), part="outside"),
        Take("曾用名", ("姓名",), part=INSIDE),
        Take("出生日期", ("年", "月"), join="."),
    ),
    kin=(Kin("", "家属", relation_column="称谓"),),
    leave=("备注",),
)


def chosen(**changes):
    return [
        dataclasses.replace(choice, **changes.get(choice.column, {}))
        for choice in choices_of(RECIPE, COLUMNS)
    ]


def test_choices_say_all_the_recipe_says():
    assert shows_whole(RECIPE, COLUMNS)
    assert choices_of(RECIPE, COLUMNS)[1] == ColumnChoice(
        "姓名", use="姓名", part="outside", inside="曾用名"
    )


@pytest.mark.parametrize("table", ALL, ids=lambda table: table.name)
def test_every_proposal_can_be_shown(table):
    recipe = propose(table.info, profiled(table.info, table.rows(60)))
    assert shows_whole(recipe, table.info.columns)


def test_a_column_left_is_said_to_be_left():
    made = recipe_from(RECIPE, chosen(年={"use": ""}, 月={"use": ""}))
    assert made.leave == ("年", "月", "备注")
    assert [take.field for take in made.takes] == ["姓名", "曾用名"]


def test_a_second_column_of_a_field_is_put_behind_the_first():
    made = recipe_from(RECIPE, chosen(备注={"use": "奖励"}, 编号={"use": "奖励"}))
    assert made.takes[-1] == Take("奖励", ("编号", "备注"), join="；")


def test_what_a_form_cannot_show_is_not_shown_as_if_whole():
    thrice = dataclasses.replace(
        RECIPE,
        takes=(
            *RECIPE.takes,
            Take("籍贯", ("备注",), part="1", at="、"),
            Take("出生地", ("备注",), part="2", at="、"),
        ),
        leave=(),
    )
    assert not shows_whole(thrice, COLUMNS)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"编号": {"key": False}}, "区分开"),
        ({"姓名": {"use": "", "inside": ""}}, "姓名或身份号码"),
        ({"家属": {"use": ""}}, "称谓"),
    ],
)
def test_choices_that_make_no_recipe_are_refused(changes, words):
    with pytest.raises(RecipeError, match=words):
        recipe_from(RECIPE, chosen(**changes))
