"""Who is taken for whom: what was misspelt or mistyped is seen through, twins and namesakes are not merged."""

import pytest

from rongdang.base.vocab.ids import check_digit
from rongdang.describe.linkage.clusters import Edge, clusters_of
from rongdang.describe.linkage.keys import keys_of
from rongdang.describe.linkage.model import CURVES, guards, usual_model
from rongdang.describe.linkage.newcomer import candidates, matches
from rongdang.describe.linkage.places import place_of
from rongdang.describe.linkage.records import Record, prepare
from rongdang.describe.linkage.scoring import Stock, in_words, score, share

MODEL = usual_model()
STOCK = Stock(1.2e-6, lambda column, value: share(column, 30, 1_000_000))


def number(birth, order, area="990101"):
    first17 = f"{area}{birth}{order:03d}"
    return first17 + check_digit(first17)


GOOD = number("19530712", 13)
HE = Record(
    "1",
    "王建国",
    ("王小牛",),
    "男",
    GOOD,
    "1953-07-12",
    "1970-12",
    "柳原省青溪县",
    ("赵小兰",),
    "甲所",
)


def scored(**changes):
    other = HE._replace(**{"id": "2", "former_names": (), **changes})
    return score(prepare(HE), prepare(other), MODEL, STOCK)


def told(found):
    return {reason.fact: reason.code for reason in found.reasons}


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("王建国", "same"),
        ("王建國", "same"),
        ("王　建　国", "same"),
        ("王健国", "sound"),
        ("王建囯", "same"),
        ("汪建国", "sound"),
        ("刘建国", "other_surname"),
        ("壬建国", "shape"),
        ("王剑国", "sound"),
        ("王江国", "near_sound"),
        ("王树国", "one_off"),
        ("王国", "dropped"),
        ("王建建国", "dropped"),
        ("王小牛", "former"),
        ("王志刚", "surname"),
        ("李志刚", "differs"),
    ],
)
def test_a_name_is_seen_through_its_misspelling(name, level):
    assert told(scored(name=name))["name"] == level


@pytest.mark.parametrize(
    ("written", "level"),
    [
        (GOOD, "same"),
        (GOOD[:6] + GOOD[8:17], "same"),  # fifteen digits
        (GOOD[:9] + "8" + GOOD[10:], "one_typo"),
        (GOOD[:11] + GOOD[12] + GOOD[11] + GOOD[13:], "typo"),  # swapped
        (GOOD[:10] + GOOD[11:], "one_typo"),  # one lost
        (number("19530712", 15), "neighbours"),  # a twin
        (number("19530712", 15)[:6] + number("19530712", 15)[8:17], "order"),
        (number("19410101", 777, "990203"), "differs"),
    ],
)
def test_a_number_is_compared_in_its_short_form(written, level):
    assert told(scored(id_number=written))["number"] == level


@pytest.mark.parametrize(
    ("fact", "value", "level"),
    [
        ("birth", "1953-07", "month"),
        ("birth", "1953", "year_only"),
        ("birth", "1953-08-21", "shifted"),
        ("birth", "1954-07-12", "other_year"),
        ("birth", "1953-07-02", "month_other_day"),
        ("birth", "1953-02-30", "year"),  # a day that is none says its month only
        ("enlistment", "1970", "year_only"),
        ("enlistment", "1971-12", "other_year"),
        ("native_place", "柳原青溪", "same"),
        ("native_place", "青溪县", "county"),
        ("native_place", "柳原省", "province_only"),
        ("native_place", "柳原省青溪县桃坪乡王家湾", "same"),
        ("kin", ("李秀英", "赵小兰"), "same"),
    ],
)
def test_facts_known_in_part_agree_in_part(fact, value, level):
    assert told(scored(**{fact: value}))[fact] == level


def test_what_is_missing_is_no_agreement_and_is_not_told():
    bare = scored(sex="", id_number="", birth="", enlistment="", native_place="", kin=(), unit="")
    assert told(bare) == {"name": "same", "birth": "day"} or told(bare) == {"name": "same"}
    empty = score(prepare(HE), prepare(Record("2", "")), MODEL, STOCK)
    assert not empty.reasons and empty.probability < 0.01


def test_the_same_man_with_one_slip_is_certain():
    assert scored(birth="1953-08-21").probability >= MODEL.certain
    assert scored(name="王健国", unit="").probability >= MODEL.certain


def test_twins_are_never_certain_and_with_valid_numbers_not_proposed():
    twin = {"name": "王建军", "kin": ("赵小兰",)}
    assert scored(**twin, id_number="").probability < 0.9
    assert scored(**twin, id_number=number("19530712", 15)).probability < MODEL.doubtful


def test_same_name_same_birthday_is_not_certain():
    stranger = scored(id_number="", enlistment="", native_place="", kin=(), unit="")
    assert stranger.probability < MODEL.certain
    assert "还不足以断定" in in_words(stranger.reasons, stranger.guards)
    other = scored(
        id_number=number("19530712", 231, "990203"), native_place="云泽省双桥县", kin=(), unit=""
    )
    assert other.probability < MODEL.doubtful


def test_father_and_son_with_like_names_are_two():
    son = scored(name="王建业", id_number="", birth="1977-05-01", enlistment="1995-12")
    assert son.probability < MODEL.doubtful


def test_words_in_both_languages():
    found = scored(name="王健国", id_number="", birth="1953-07")
    assert in_words(found.reasons).startswith("姓名同音不同字，出生年月一致，入伍年月一致")
    assert in_words(found.reasons, language="en").startswith(
        "names sound alike but are written with other characters; same month of birth"
    )


def test_a_new_record_finds_its_like_and_a_common_key_leads_nowhere():
    held = {
        one.id: one
        for one in map(
            prepare,
            [
                HE,
                *(
                    HE._replace(
                        id=f"n{n}",
                        id_number="",
                        birth=f"19{n}-01",
                        enlistment="",
                        kin=(),
                        unit="",
                        native_place="",
                    )
                    for n in range(20, 60)
                ),
            ],
        )
    }
    new = prepare(HE._replace(id="new", name="王健国", id_number=""))
    under = {}
    for one in held.values():
        for key in keys_of(one):
            under.setdefault(key, []).append(one.id)
    found = candidates(new, lambda key, most: under.get(key, [])[:most])
    assert "1" in found
    best = list(matches(new, [held[one] for one in found], MODEL, STOCK))
    assert best[0].id == "1"
    many = candidates(
        prepare(HE._replace(id="new", birth="", id_number="", enlistment="", kin=(), unit="")),
        lambda key, most: [f"n{n}" for n in range(most)],
    )
    assert not many  # of that name alone there are too many


def test_a_chain_of_likenesses_makes_no_person():
    marks = {0: (GOOD, "1", 1953), 1: (None, "1", 1953), 2: ("990203410101777", "1", 1953)}
    edges = [Edge(0, 1, 0.99, 20.0), Edge(1, 2, 0.9, 12.0)]
    assert clusters_of(3, edges, marks) == [0, 0, 2]


def test_places_are_called_as_today():
    assert place_of("山东掖县") == place_of("山东省烟台市莱州市")
    assert place_of("河北省满城县").province == place_of("河北保定").province


def test_curves_rise_and_every_guard_names_one():
    for name in CURVES:
        weights, chances = zip(*MODEL.curves[name], strict=True)
        assert list(weights) == sorted(weights) and list(chances) == sorted(chances)
        assert 0 < chances[0] and chances[-1] < 1
    assert {guard.curve for guard in guards()} <= set(CURVES)


@pytest.mark.parametrize("odd", ["", " ", "?", "😀", "A·B", "李" * 300, "'; drop table--", "\x00"])
def test_odd_cells_break_nothing(odd):
    one = prepare(Record("1", odd, (odd,), odd, odd, odd, odd, odd, (odd,), odd))
    keys_of(one)
    assert 0 <= score(one, prepare(HE), MODEL, STOCK).probability <= 1
