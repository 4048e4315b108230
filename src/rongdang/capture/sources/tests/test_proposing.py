"""Recipes proposed for differently headed tables: how many columns are right, and none wrong for sure."""

from __future__ import annotations

import pytest

from rongdang.base.vocab import fields
from rongdang.capture.sources import headings, rules
from rongdang.capture.sources.applying import Taken, apply, compiled
from rongdang.capture.sources.port import SourceRow, TableInfo
from rongdang.capture.sources.profiling import profiled
from rongdang.capture.sources.proposing import HIGH, guesses, propose
from rongdang.capture.sources.recipe_text import from_text, to_text
from rongdang.capture.sources.tests import old_tables
from rongdang.capture.sources.tests.old_tables import ALL, people

NAMES = [table.name for table in ALL]


def profile_of(table, count=200):
    return profiled(table.info, table.rows(count))


def proposed(table, count=200):
    return propose(table.info, profile_of(table, count))


def test_of_all_columns_nineteen_in_twenty_are_right_and_none_is_wrong_for_sure():
    right = total = 0
    for table in ALL:
        for guess in guesses(profile_of(table, 80)):
            total += 1
            right += guess.field == table.truth[guess.column]
            wrong = guess.field and guess.field != table.truth[guess.column]
            assert not (wrong and guess.sure >= HIGH), (table.name, guess)
            assert guess.zh
            assert guess.en
    assert len(ALL) >= 12
    assert right >= 0.95 * total, f"{right} of {total}"


@pytest.mark.parametrize("table", ALL, ids=NAMES)
def test_a_proposed_recipe_reads_its_own_table(table):
    recipe = proposed(table)
    assert from_text(to_text(recipe)) == recipe
    plan = compiled(recipe, table.info.columns)
    outcomes = [apply(plan, row) for row in table.rows()]
    taken = [one for one in outcomes if isinstance(one, Taken)]
    assert len(taken) == 200
    assert len({one.key for one in taken}) == 200
    for person, one in zip(people(200, 5), taken, strict=True):
        said = one.sayings
        assert said["姓名"].value == person.name
        if "性别" in said:
            assert said["性别"].value == person.sex
        if "出生日期" in said and table is not old_tables.KIN_ROWS:
            assert person.birth.isoformat().startswith(said["出生日期"].value)
            assert said["出生日期"].certainty == "sure"


def test_a_code_that_id_numbers_prove_is_not_read_by_the_standard():
    take = next(take for take in proposed(old_tables.OLD_CODES).takes if take.field == "性别")
    assert take.values == {"1": "女", "2": "男"}


def test_brackets_of_a_name_hold_the_former_name():
    plan = compiled(proposed(old_tables.BY_HAND), old_tables.BY_HAND.info.columns)
    ninth = next(row for row in old_tables.BY_HAND.rows() if row.number == 10)
    person = people(9, 5)[-1]
    said = apply(plan, ninth).sayings
    assert (said["姓名"].value, said["曾用名"].value) == (person.name, person.former)


def test_a_relative_is_told_as_kinship_reads_it():
    plan = compiled(proposed(old_tables.KIN_ROWS), old_tables.KIN_ROWS.info.columns)
    row = next(old_tables.KIN_ROWS.rows())
    assert apply(plan, row).sayings["家庭成员"].value == f"儿子{people(1, 5)[0].spouse}"


def test_dates_that_do_not_say_which_comes_first_are_never_sure():
    info = TableInfo("t", ("姓名", "出生日期"), None)
    rows = [
        SourceRow(at, (f"王建{at % 9}", f"0{at % 9 + 1}/0{at % 8 + 1}/1953")) for at in range(40)
    ]
    guess = guesses(profiled(info, rows))[1]
    assert guess.field == "出生日期"
    assert guess.sure < 0.7


def test_a_heading_that_lies_is_not_believed():
    info = TableInfo("t", ("姓名", "出生日期", "身份证号"), None)
    rows = [SourceRow(p.number, (p.phone, p.name, p.name)) for p in people(60, 3)]
    for guess, claimed in zip(
        guesses(profiled(info, rows)), ("姓名", "出生日期", "公民身份号码"), strict=True
    ):
        assert guess.field != claimed
        assert not guess.field or guess.sure < HIGH


def test_every_heading_of_the_list_means_a_field_of_the_dictionary():
    for row in rules.rows("headings"):
        assert fields.is_known(row["field"])
    words = [
        w for row in rules.rows("headings") for k in ("sure", "doubtful") for w in row.get(k, ())
    ]
    assert len(words) == len(set(words))
    assert all(word == headings.plain(word) for word in words)


def test_a_table_of_two_thousand_columns_is_proposed_too():
    columns = ("姓名", *(f"c{at}" for at in range(1999)))
    rows = [SourceRow(p.number, (p.name, *["x"] * 1999)) for p in people(20, 1)]
    recipe = propose(TableInfo("宽", columns, None), profiled(TableInfo("宽", columns, None), rows))
    assert recipe.takes[0].field == "姓名"
    assert len(recipe.leave) == 1999
