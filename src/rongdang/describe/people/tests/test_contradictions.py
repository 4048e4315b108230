from datetime import date

import pytest

from rongdang.describe.access.kinship import relatives
from rongdang.describe.people.contradictions import (
    FORMED,
    KINDS,
    Known,
    contradictions,
    rules,
)
from rongdang.describe.people.kin_rules import Kin


GOOD = {
    "出生日期": ["1932-05"],
    "性别": ["男"],
    "参加工作日期": ["1949-06"],
    "入伍日期": ["1949-06"],
    "入党日期": ["1951-07"],
    "转正日期": ["1952-07"],
    "授衔日期": ["1955-09"],
    "任职日期": ["1953"],
    "离退休日期": ["1986-03"],
    "移交日期": ["1987"],
    "军休类别": ["离休"],
    FORMED: ["1988-01-02"],
}


def found(**changed):
    said = {**GOOD, **changed}
    return [(one.severity, one.fields) for one in contradictions(said)]


def test_a_consistent_life_raises_nothing():
    assert found() == []


@pytest.mark.parametrize(
    "changed,severity,fields",
    [
        (
            {"入伍日期": ["1943-01"], "参加工作日期": ["1943-01"], "出生日期": ["1932-05"]},
            "ask",
            ("出生日期", "入伍日期"),
        ),
        (
            {
                "入伍日期": ["1970"],
                "参加工作日期": ["1949-06"],
                "入党日期": ["1971"],
                "转正日期": ["1972"],
                "授衔日期": ["1988-09"],
                "任职日期": ["1975"],
            },
            "ask",
            ("出生日期", "入伍日期"),
        ),
        ({"入伍日期": ["1931"], "参加工作日期": ["1931"]}, "wrong", ("出生日期", "入伍日期")),
        ({"入党日期": ["1949-12"], "转正日期": ["1950-12"]}, "ask", ("出生日期", "入党日期")),
        ({"转正日期": ["1950-07"]}, "wrong", ("入党日期", "转正日期")),
        ({"转正日期": ["1957-07"]}, "ask", ("入党日期", "转正日期")),
        ({"授衔日期": ["1948"]}, "wrong", ("入伍日期", "授衔日期")),
        ({"授衔日期": ["1972-08"]}, "ask", ("授衔日期",)),
        ({"任职日期": ["1948"]}, "ask", ("入伍日期", "任职日期")),
        (
            {
                "入党日期": [
                    "1949-05",
                ],
                "出生日期": ["1930-01"],
                "转正日期": ["1950-05"],
            },
            "ask",
            ("入伍日期", "入党日期"),
        ),
        ({"参加工作日期": ["1949-11"]}, "ask", ("参加工作日期", "入伍日期")),
        ({"参加工作日期": ["1949-11"]}, "ask", ("军休类别", "参加工作日期")),
        ({"移交日期": ["1985"]}, "ask", ("离退休日期", "移交日期")),
        ({"离退休日期": ["1965"]}, "ask", ("出生日期", "离退休日期")),
        ({"出生日期": ["1932-05", "1933-05"]}, "ask", ("出生日期",)),
        ({"性别": ["男", "女"]}, "wrong", ("性别",)),
        ({"公民身份号码": ["990101193205011239"]}, "wrong", ("公民身份号码",)),
        ({"入学日期": ["1950"], "毕业日期": ["1948"]}, "wrong", ("入学日期", "毕业日期")),
        ({"入党日期": ["1990"], "转正日期": ["1991"], FORMED: ["1988"]}, "ask", ("入党日期",)),
    ],
)
def test_each_rule_finds_its_case(changed, severity, fields):
    assert (severity, fields) in found(**changed)


def test_the_id_number_speaks_about_birth_and_sex():
    number = "11010519491231002X"
    assert ("ask", ("公民身份号码", "出生日期")) in found(公民身份号码=[number])
    assert ("wrong", ("公民身份号码", "性别")) in found(公民身份号码=[number])
    agreeing = [
        one.fields
        for one in contradictions(
            {"公民身份号码": [number], "出生日期": ["1949-12"], "性别": ["女"]}
        )
    ]
    assert agreeing == []


def test_a_partial_date_contradicts_only_when_no_day_of_it_fits():
    assert found(入伍日期=["1949"], 参加工作日期=["1949-06"]) == []
    assert found(出生日期=["1932", "1932-05"]) == []  # the year alone agrees with the month


def test_one_value_written_twice_is_one_value():
    assert found(出生日期=["1932-05", "1932-05"]) == []


def test_a_contradiction_names_values_and_clause_in_two_languages():
    one = next(iter(contradictions({"出生日期": ["1932-05", "1930"]})))
    assert "1932-05" in one.zh and "1930" in one.en and one.clause == "组通字〔2006〕41号"


def test_values_that_are_no_dates_are_left_alone():
    assert found(入伍日期=["不详"]) == [] and list(contradictions({})) == []


def test_every_rule_is_of_a_kind_and_speaks_both_languages():
    for rule in rules():
        assert rule["kind"] in KINDS and rule["severity"] in ("wrong", "ask")
        assert rule["zh"] and rule["en"] and rule["fields"]


def codes(said, **more):
    return {one.code for one in contradictions(Known(said, [said], **more))}


@pytest.mark.parametrize(
    ("said", "code"),
    [
        ({"职务等级": ["正团"], "军衔": ["少校"], FORMED: ["1990-03"]}, "grade-rank"),
        ({"军衔": ["大尉"], "授衔日期": ["1990"]}, "rank-of-its-time"),
        ({"出生日期": ["1880"]}, "too-old"),
        ({"入伍日期": ["1970"], "离退休日期": ["1978"]}, "years-service"),
        ({"入党日期": ["1990"], "去世日期": ["1985-02"]}, "death-before-party-entry"),
    ],
)
def test_rules_over_a_life(said, code):
    assert code in codes(said, today=date(2026, 1, 1))


@pytest.mark.parametrize(
    "said",
    [
        {"职务等级": ["正团"], "军衔": ["上校"], FORMED: ["1990-03"]},
        {"职务等级": ["正团级"], "军衔": ["海军中校"], FORMED: ["1990-03"]},
        {"职务等级": ["正团"], "军衔": ["少校"], FORMED: ["1962"]},  # another table of grades
        {"职务等级": ["正团"], "军衔": ["少校"]},  # nobody knows of when
        {"职务等级": ["正团"], "军衔": ["上士"], FORMED: ["1990"]},
        {"军衔": ["大尉"], "授衔日期": ["1955"]},
        {"出生日期": ["1896"]},
        {"出生日期": ["1880"], "去世日期": ["1950"]},
        {"入党日期": ["1985"], "去世日期": ["1985-02"]},
    ],
)
def test_what_could_fit_raises_no_alarm(said):
    assert codes(said, today=date(2026, 1, 1)) == set()


def test_what_is_said_at_different_times_is_not_compared():
    apart = [{"职务等级": ["正团"], FORMED: ["1990"]}, {"军衔": ["少尉"], FORMED: ["1988-09"]}]
    both = {"职务等级": ["正团"], "军衔": ["少尉"]}
    assert list(contradictions(Known(both, apart))) == []


def test_an_award_without_papers_is_asked_about_only_where_the_papers_are_known():
    said = {"奖励": ["三等功"]}
    assert codes(said, classes=frozenset({"1"})) == {"award-unproved"}
    assert codes(said, classes=frozenset({"1", "7"})) == codes(said) == set()
    assert codes({"奖励": ["无"]}, classes=frozenset()) == set()


def kin(text, name="林长河"):
    return Kin(relatives("家庭成员", text), frozenset({name}))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("父林大山1945年", {"kin-parent-young"}),
        ("父林大山1910年；子林小河1934年", {"kin-child-old"}),
        ("兄林长河1938年", {"kin-is-himself"}),
        ("父林大山1900年；子林大山1900年", {"kin-circle", "kin-child-old"}),
        ("父林大山1910年；子林小河1965年", set()),
        ("父林大山；子林大山", set()),  # namesakes without a year
        ("本人林长河1938年", set()),
    ],
)
def test_kin_that_cannot_be(text, found):
    said = {"家庭成员": [text], "出生日期": ["1938-04"], "姓名": ["林长河"]}
    assert codes(said, kin=kin(text)) == found


def test_names_of_rules_are_their_own_and_fit_their_column():
    names = [rule["id"] for rule in rules()]
    assert len(names) == len(set(names)) and max(map(len, names)) <= 40
