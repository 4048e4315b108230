"""What a profile tells of a table: fill, kinds, ends, samples that hide people, oddities."""

from __future__ import annotations

import random

import pytest

from rongdang.capture.sources.distinct import Distinct
from rongdang.capture.sources.port import Oddity, SourceRow, TableInfo
from rongdang.capture.sources.profiling import profiled
from rongdang.capture.sources.tests import old_tables


def profile(columns, *cells, oddities=()):
    rows = [SourceRow(at + 2, row) for at, row in enumerate(cells)]
    return profiled(TableInfo("表", columns, None, oddities), rows)


@pytest.fixture(scope="module")
def by_hand():
    return profiled(old_tables.BY_HAND.info, old_tables.BY_HAND.rows())


def test_fill_distinct_lengths_and_ends(by_hand):
    birth = by_hand.column("出生年月")
    assert (birth.filled, birth.exact) == (200, True)
    assert birth.least < "1927"
    assert birth.most > "1955"
    assert (by_hand.column("备注").filled, by_hand.column("备注").distinct) == (6, 1)
    assert by_hand.column("性别").words == (("男", 156), ("女", 44))
    assert by_hand.column("姓 名").shortest == 2


def test_samples_hide_names_numbers_telephones_and_doors():
    told = profiled(old_tables.FOXPRO.info, old_tables.FOXPRO.rows())
    known = old_tables.people(200, 5)
    shown = " ".join(sample for column in told.columns for sample in column.samples)
    shown += " ".join(word for column in told.columns for word, _ in column.words)
    for person in known:
        for secret in (person.name, person.id_number, person.phone, person.address):
            assert secret not in shown


def test_totals_and_repeated_headings_are_told_and_not_counted():
    told = profile(
        ("姓名", "工资"),
        ("张长河", "10"),
        ("姓名", "工资"),
        ("李永海", "20"),
        ("合 计", "30"),
        ("总计", "30"),
    )
    assert told.rows == 2
    assert [(o.code, o.row) for o in told.oddities] == [("heading-again", 3), ("totals-row", 5)]
    assert "共 2 行" in told.oddities[1].zh


def test_a_row_the_reader_does_not_trust_is_told_and_not_judged():
    odd = Oddity("bytes", "编码不对", "other bytes", row=2)
    rows = [SourceRow(2, ("??",), odd), SourceRow(3, ("张长河",))]
    told = profiled(TableInfo("表", ("姓名",), None), rows)
    assert told.rows == 1
    assert told.oddities == (odd,)


@pytest.mark.parametrize(
    ("cells", "code"),
    [
        (["=1+1", *["甲"] * 5], "formula"),
        (["1953-01-02"] * 50 + ["张长河"], "mixed"),
        (["一所", "", "", "二所", "", "", "三所", ""], "merged-look"),
    ],
)
def test_oddities_of_a_column(cells, code):
    told = profile(("列", "别的"), *((cell, str(at)) for at, cell in enumerate(cells)))
    assert code in [oddity.code for oddity in told.columns[0].oddities]


def test_columns_that_say_the_same_are_told():
    told = profile(("A", "B", "C"), *((str(at), str(at), "x") for at in range(20)))
    assert [(o.code, o.column) for o in told.oddities] == [("alike", "A")]


def test_what_the_connector_told_stays():
    odd = Oddity("merged", "有合并格", "merged cells")
    assert profile(("A",), ("1",), oddities=(odd,)).oddities == (odd,)


def test_an_empty_table_has_a_profile():
    told = profile(("A", "B"))
    assert told.rows == 0
    assert told.columns[0].kinds == ()


@pytest.mark.parametrize("many", [10, 4_096, 30_000])
def test_different_values_are_counted_in_fixed_memory(many):
    counted = Distinct()
    chance = random.Random(1)
    for at in chance.choices(range(many), k=many) + list(range(many)):
        counted.add(f"v{at}")
    number, exact = counted.count()
    assert exact == (many <= 4_096)
    assert abs(number - many) <= (0 if exact else 0.1 * many)
