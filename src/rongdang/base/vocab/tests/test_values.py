"""One text, one value: what every way in keeps of it, and what is said where it cannot stand."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongdang.base.vocab import codes, fields, values

SAME = [
    ("性别", "男性", "男"),
    ("性别", "１", "男"),
    ("性别", "M", "男"),
    ("政治面貌", "党员", "中共党员"),
    ("政治面貌", "01", "中共党员"),
    ("民族", "汉", "汉族"),
    ("文化程度", "大 专", "大专"),  # in the words of the form
    ("文化程度", "31", "大学专科"),  # a code has no words of its own
    ("职务等级", "正团职", "正团"),
    ("职务等级", "行政十四级", "行政十四级"),
    ("军衔", "海军大校", "大校"),
    ("安置方式", "异地", "易地"),
    ("出生日期", "一九五三年七月", "1953-07"),
    ("出生日期", "1953-07", "1953-07"),
    ("公民身份号码", "110105491231002", "11010519491231002X"),
    ("公民身份号码", "１１０１０５１９４９１２３１００２ｘ", "11010519491231002X"),
    ("姓名", " 林　长 河 ", "林长河"),
    ("籍贯", "山东省 烟台市", "山东省烟台市"),
    ("联系电话", "138 0000 5678", "13800005678"),
    ("联系电话", "（0535）6000123; 13800005678", "0535-6000123、13800005678"),
    ("卷数", "三卷", "3"),
    ("卷数", "１２", "12"),
    ("银行账号", "6222 0000 1234 5678", "6222000012345678"),
    ("区划代码", "330113", "330113"),
    ("区划代码", "下城区", None),
    ("区划代码", "临平区", "330113"),
    ("证件编号", "军字第 2001988 号", "军字第2001988号"),
    ("现住址", "海棠区 学府路 18 号", "海棠区学府路 18 号"),
]


@pytest.mark.parametrize("name,text,value", SAME)
def test_a_text_is_kept_as_one_value(name, text, value):
    kept = values.settled(name, text)
    if value is None:
        assert kept.wrong
    else:
        assert (kept.value, kept.wrong) == (value, None) == values.canonical(name, text)
    assert kept.original == text.strip()


@pytest.mark.parametrize(
    "name,text",
    [
        ("性别", "男女"),
        ("残疾性质", "不明"),
        ("出生日期", "三月"),
        ("卷数", "若干"),
        ("银行账号", "没有"),
        ("区划代码", "990101"),
        ("建档立卡状态", "也许"),
    ],
)
def test_what_cannot_stand_is_told_in_both_languages_and_kept_as_written(name, text):
    kept = values.settled(name, text)
    assert kept.value == text and kept.certainty == "doubtful"
    assert all(kept.wrong) and len(kept.wrong) == 2


@pytest.mark.parametrize(
    "name,text",
    [("民族", "穿青"), ("公民身份号码", "12345"), ("联系电话", "无"), ("工资额", "见表")],
)
def test_what_may_stand_but_is_not_of_the_standard_is_doubtful(name, text):
    kept = values.settled(name, text)
    assert kept.value == text and kept.doubt and kept.wrong is None


@pytest.mark.parametrize("name", [n for n, e in fields.dictionary().items() if e.table])
def test_every_writing_of_a_table_is_kept_as_its_value(name):
    entry = fields.dictionary()[name]
    kept_as_written = codes.about(entry.table).head.get("kept") == "as written"
    for code in codes.entries(entry.table) if entry.type == "code" else ():
        for text in code.words:
            value = "".join(text.split()) if kept_as_written else code.name
            assert values.canonical(name, text) == (value, None)
        assert values.canonical(name, code.code) == (code.name, None)


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(sorted(fields.dictionary())), st.text(max_size=60))
def test_a_value_that_is_kept_is_kept_the_same_again(name, text):
    once = values.settled(name, text)
    assert len(once.value) <= values.MOST
    if once.wrong is None:
        again = values.settled(name, once.value)
        assert (again.value, again.wrong) == (once.value, None)
