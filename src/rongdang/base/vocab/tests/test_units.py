import re

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.units import SOME, masked_unit, parse_unit


@pytest.mark.parametrize(
    "one,other,same",
    [
        ("荣光市军队离休退休干部第一休养所", "荣光市军队离休退休干部第1休养所", True),
        ("荣光市第一干休所", "荣光市第1军休所", True),
        ("荣光市第一干休所", "荣光市军休一所", True),
        ("荣光市 第一 干休所", "荣光市第一干休所", True),
        ("榮光市第一干休所", "荣光市第一干休所", True),
        ("荣光市第一干休所", "荣光市第二干休所", False),
        ("荣光市退役军人事务局", "荣光市退役军人局", True),
        ("荣光县人民武装部", "荣光县人武部", True),
        ("荣光县武装部", "荣光县人武部", True),
        ("荣光市军休服务管理中心", "荣光市军队离退休干部服务管理中心", True),
        ("荣光市第三人民医院", "荣光市第3人民医院", True),
        ("荣光市（第一）干休所", "荣光市第一干休所", True),
        ("原荣光军分区政治部", "荣光军分区政治部", True),
        ("荣光市民政局", "荣光市公安局", False),
    ],
)
def test_two_writings_of_one_unit_have_one_key(one, other, same):
    assert (parse_unit(one).key == parse_unit(other).key) is same


@pytest.mark.parametrize(
    "text,shown",
    [
        ("99999部队", SOME),
        ("中国人民解放军99999部队", f"中国人民解放军{SOME}"),
        ("九九九九九部队政治处", f"{SOME}政治处"),
        ("９９９９９ 部队", SOME),
        ("代号9999", SOME),
        ("9999部队99分队", SOME),
        ("步兵第999师政治部", f"{SOME}政治部"),
        ("第999师999团三营", SOME),
        ("某集团军99旅", f"某集团军{SOME}"),
    ],
)
def test_a_designation_is_never_let_through(text, shown):
    found = parse_unit(text)
    assert found.designation and found.name == shown and found.certainty == "doubtful"
    assert not re.search(r"[0-9]|九九", repr(found) + masked_unit(text))


def test_a_designation_alone_is_no_sign_that_two_units_are_one():
    assert parse_unit("99999部队").key == "" == parse_unit("99998部队").key
    assert parse_unit("99999部队医院").key and parse_unit("99999部队医院").designation


@pytest.mark.parametrize(
    "text,kind",
    [
        ("荣光市第一干休所", "service"),
        ("荣光市第三人民医院", "hospital"),
        ("荣光县人民武装部", "military"),
        ("荣光军区政治部", "military"),
        ("荣光大学", "school"),
        ("荣光市民政局", "government"),
        ("荣光机械厂", "company"),
        ("荣光县东风公社", "village"),
        ("第四野战军", ""),
    ],
)
def test_the_kind_is_told_by_the_end(text, kind):
    found = parse_unit(text)
    assert found.kind == kind and not found.designation and found.name == text


@pytest.mark.parametrize("text", ["", "无", "不详", "退休在家", "本人", "/"])
def test_no_unit(text):
    assert parse_unit(text).name == "" and parse_unit(text).key == ""


SIGNS = "荣光市第一二九99部队代号军师旅团分队政治干休所医院人武原 （）零〇步兵"


@settings(max_examples=400, deadline=None)
@example("第1第1第1部队部队")
@example("9部9部队")
@example("9" * 200 + "部队")
@given(st.one_of(st.text(SIGNS, max_size=24), st.text(max_size=140)))
def test_no_writing_breaks_it_and_none_lets_a_number_of_a_force_through(text):
    found = parse_unit(text)
    again = parse_unit(found.name)
    assert again.name == found.name and again.key in (found.key, "") and not again.designation
    assert not re.search(r"[0-9]{2,}\s*(?:部队|分队)", repr(found) + masked_unit(text))
