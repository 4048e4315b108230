import json
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.dates import parse_date
from rongdang.base.vocab.idchecks import OnRecord, area_name, check_id, finding
from rongdang.base.vocab.ids import check_digit, comparable, lengthen, mask, parse_id

GOOD = "11010519491231002X"  # the standard's own example
OTHER = "440524188001010014"


def number(area="990101", birth="19530712", sequence="001"):
    """A number of an area that was never issued."""
    first = area + birth + sequence
    return first + check_digit(first)


def codes(text, **known):
    return [one.code for one in check_id(text, OnRecord(**known)).findings]


def test_the_standards_own_numbers_hold():
    for text in (GOOD, OTHER, "34052419800101001X"):
        assert parse_id(text).valid
        assert check_id(text).sound
    assert codes(GOOD) == []
    assert parse_id(GOOD).sex == "女" and parse_id(GOOD).birth == "1949-12-31"


@pytest.mark.parametrize(
    "text,told",
    [
        ("１１０１０５１９４９１２３１００２Ｘ", ["full_width"]),
        ("110105 19491231 002X", ["blanks"]),
        ("110105-19491231-002x", ["blanks"]),
        ("11O1O519491231002X", ["letters"]),
        ("l10105l949123l002x", ["letters"]),
        ("11010519491231002*", ["check_letter"]),
        ("11010519491231002×", ["check_letter"]),
        ("'11010519491231002X", []),
        ("身份证号：11010519491231002X", []),
        ("", ["empty"]),
        ("无", ["empty"]),
        ("1.10105E+17", ["exponent"]),
        ("110105194912310000", ["rounded", ...]),
        ("110105********002X", ["masked"]),
        ("军字第2001988号", ["military"]),
        ("11010519491231002", ["short", "dropped"]),
        ("1101051949123100", ["short"]),
        ("11010519491231002XX", ["signs"]),
        ("111111111111111111", ["all_same"]),
        ("123456789012345678", ["all_same"]),
        ("110105194913310025", ["checksum", "no_such_day"]),
        ("11010519491231002A", ["signs"]),
        ("1" * 500, ["long"]),
    ],
)
def test_what_is_typed_wrong_is_named(text, told):
    found = codes(text)
    assert found[: len(told) - 1] == told[:-1] if told[-1:] == [...] else found == told


def test_fifteen_digits_have_no_check_digit_and_tell_so():
    assert codes("110105491231002") == ["fifteen"]
    assert codes("110105011231996") == ["fifteen", "centenarian"]
    assert parse_id("110105491231002").value == GOOD == lengthen("110105491231002")
    assert comparable("110105491231002") == comparable(GOOD)


def test_a_swap_that_fits_is_a_hint_and_is_never_applied():
    wrong = "11010519491213002X"
    found = check_id(wrong)
    hint = next(one for one in found.findings if one.code == "swapped")
    assert hint.suggestion == GOOD and found.number.value == wrong and not found.sound
    assert check_id(wrong, OnRecord(birth=parse_date("1949-12-13"))).findings[-1].suggestion != GOOD


def test_a_digit_against_the_record_is_a_hint():
    known = {"birth": parse_date("1949年12月31日"), "sex": "女"}
    assert codes("11010519481231002X", **known) == ["checksum", "birth_differs", "one_digit"]
    twice = "110105119491231002X"
    assert check_id(twice, OnRecord(**known)).findings[-1].suggestion == GOOD
    assert codes(twice, **known) == ["long", "doubled"]


def test_birth_and_sex_are_held_against_the_record():
    assert codes(GOOD, birth=parse_date("1949年冬"), sex="女") == []
    assert codes(GOOD, birth=parse_date("1949年"), sex="男") == ["sex_differs"]
    assert codes(GOOD, birth=parse_date("50.1")) == ["birth_differs"]
    assert codes(GOOD, on=date(2026, 1, 1)) == [] and codes(OTHER, on=date(2026, 1, 1)) == [
        "too_old"
    ]
    assert codes(GOOD, on=date(1960, 1, 1), ages=(14, 130)) == ["too_young"]


def test_an_area_that_stands_in_no_list_is_unknown_and_not_wrong():
    found = check_id(number())
    assert [one.code for one in found.findings] == ["area_unknown"] and found.sound
    assert area_name(found.number) == ""
    assert area_name(parse_id(GOOD)) == "北京市朝阳区"
    assert area_name(parse_id(number("110103", "19490101"))) == "北京市崇文区"
    assert codes(number("110103", "20150101")) == ["area_not_then"]
    assert codes(number("110110", "19490101")) == []  # 燕山区 until 1985


def test_every_finding_has_its_words():
    data = Path(__file__).parent.parent / "data" / "id_findings.json"
    for row in json.loads(data.read_text(encoding="utf-8"))["rows"]:
        assert finding(row["code"]).zh and finding(row["code"]).en
    with pytest.raises(KeyError):
        finding("unheard of")


@settings(max_examples=300, deadline=None)
@example("._-")
@example("²²²²²²²²²²²²²²²")
@example("١٢٣٤٥٦٧٨٩٠١٢٣٤٥")
@given(st.one_of(st.text("0123456789XxOIl*× -", max_size=24), st.text(max_size=70)))
def test_no_writing_breaks_it(text):
    found = check_id(text)
    assert found.original == text
    assert found.number is None or len(found.number.value) == 18
    assert not found.sound or parse_id(found.number.value).valid
    mask(text), comparable(text)


@given(st.integers(1, 899), st.dates(date(1900, 1, 1), date(2020, 1, 1)), st.integers(0, 16))
def test_a_number_holds_and_any_one_digit_changed_does_not(sequence, day, at):
    good = number(birth=day.strftime("%Y%m%d"), sequence=f"{sequence:03d}")
    assert parse_id(good).valid and check_id(good).sound
    assert comparable(good) == good and check_id(parse_id(good).value).number.value == good
    wrong = good[:at] + str((int(good[at]) + 1) % 10) + good[at + 1 :]
    assert not parse_id(wrong).valid
