"""Which claim holds: by rules an archivist reads, and the same in whatever order claims come."""

import datetime as dt
import itertools
import uuid

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rongdang.base.vocab.agreeing import agree, more_precise
from rongdang.base.vocab.fields import dictionary
from rongdang.describe.people import projection
from rongdang.describe.people.claims import Claim
from rongdang.describe.people.projection import CRITERIA, standard

NOW = dt.datetime(2026, 3, 1, 9, tzinfo=dt.UTC)
count = itertools.count()


def claim(field, value, formed="", *, origin="page", title="", certainty="sure", original="", at=0):
    number = next(count)
    return Claim(
        person=uuid.UUID(int=1),
        field=field,
        value=value,
        original=original,
        certainty=certainty,
        origin=origin,
        formed=formed,
        title=title,
        recorded_at=NOW + dt.timedelta(hours=at),
        ended_at=None,
        key=f"k{number}",
        id=f"{number:06}",
        confirmed=True,
        evidence=None,
    )


def holds(*claims, ruled=None):
    return {
        field: one.value for field, one in projection.governing(claims, standard(), ruled).items()
    }


def at_odds(*claims):
    return set(projection.conflicts(claims, standard()))


BORN, POST = "出生日期", "职务"


def test_the_earliest_record_governs_birth_and_an_undated_one_nothing():
    claims = [
        claim(BORN, "1936-04", "1979"),
        claim(BORN, "1938-04", "1956-02"),
        claim(BORN, "1940"),
    ]
    assert holds(*claims) == {BORN: "1938-04"} and at_odds(*claims) == {BORN}


def test_a_row_of_a_source_never_outranks_a_dated_page_for_birth():
    row = claim(BORN, "1936-04", origin="row", at=-9)
    assert holds(row, claim(BORN, "1938-04", "1985")) == {BORN: "1938-04"}


def test_what_says_more_holds_where_it_fits_and_is_no_conflict():
    claims = [claim(BORN, "1953", "1970"), claim(BORN, "1953-07", "1985")]
    assert holds(*claims) == {BORN: "1953-07"} and at_odds(*claims) == set()


def test_of_two_finer_values_at_odds_the_rule_decides():
    claims = [
        claim(BORN, "1953", "1970"),
        claim(BORN, "1953-07", "1985"),
        claim(BORN, "1953-08-02", "1980"),
    ]
    assert holds(*claims) == {BORN: "1953-08-02"} and at_odds(*claims) == {BORN}


def test_party_entry_goes_by_the_application():
    claims = [
        claim("入党日期", "1959-05", "1958", title="干部履历表"),
        claim("入党日期", "1960-05", "1960", title="入党志愿书"),
    ]
    assert holds(*claims) == {"入党日期": "1960-05"}


def test_a_number_whose_check_digit_fits_goes_first_and_15_digits_are_the_same_number():
    good, short = "11010519491231002X", "110105491231002"
    claims = [claim("公民身份号码", good, "1990"), claim("公民身份号码", good[:-1] + "1", "1999")]
    assert holds(*claims) == {"公民身份号码": good} and at_odds(*claims)
    claims = [claim("公民身份号码", short, "1999"), claim("公民身份号码", good, "1990")]
    assert holds(*claims) == {"公民身份号码": good} and at_odds(*claims) == set()


def test_posts_of_different_years_are_a_career_and_at_one_time_a_conflict():
    assert at_odds(claim(POST, "连长", "1962"), claim(POST, "团长", "1975")) == set()
    assert at_odds(claim(POST, "连长", "1962"), claim(POST, "排长", "1962")) == {POST}
    rows = [claim("现住址", "甲路1号", origin="row"), claim("现住址", "乙路2号", origin="row")]
    assert at_odds(*rows) == {"现住址"}
    assert holds(claim(POST, "团长", "1975"), claim(POST, "副团长", "1970")) == {POST: "团长"}


def test_a_table_read_today_says_what_is_so_today():
    claims = [claim("联系电话", "2222", "2019"), claim("联系电话", "3333", origin="row")]
    assert holds(*claims) == {"联系电话": "3333"}


def test_awards_are_collected_and_never_at_odds():
    assert at_odds(claim("奖励", "三等功", "1962"), claim("奖励", "嘉奖", "1962")) == set()


@pytest.mark.parametrize(
    ("field", "one", "other", "same"),
    [
        ("姓名", "林長河", "林长河", True),
        ("姓名", "林长河", "林长合", False),
        ("籍贯", "江苏省常熟县", "江苏常熟", True),
        ("籍贯", "江苏常熟", "江苏无锡", False),
        ("民族", "汉", "汉族", True),
        ("职务", "团长", "副团长", False),
        ("职务", " 团长", "团 长", True),
        (BORN, "1953", "1953-07", True),
        (BORN, "1953-06", "1953-07", False),
        (BORN, "不详", "1953", False),
    ],
)
def test_precision_and_writing_are_no_disagreement(field, one, other, same):
    assert agree(field, one, other) == agree(field, other, one) == same


def test_about_and_lunar_dates_agree_with_what_they_may_mean():
    about = claim(BORN, "1953", "1962", certainty="approximate", original="约1953年")
    assert at_odds(about, claim(BORN, "1954-02", "1970")) == set()
    assert at_odds(about, claim(BORN, "1957-02", "1970")) == {BORN}


def test_a_decision_outranks_the_rule_while_a_claim_says_it():
    claims = [claim(BORN, "1936-04", "1979"), claim(BORN, "1938-04", "1956-02")]
    assert holds(*claims, ruled={BORN: "1936-04"}) == {BORN: "1936-04"}
    assert holds(claims[1], ruled={BORN: "1936-04"}) == {BORN: "1938-04"}


def test_every_field_of_the_dictionary_has_a_rule_with_words_and_clause():
    for name in dictionary():
        rule = standard()[name]
        assert rule.by and set(rule.by) <= CRITERIA.keys() and rule.zh and rule.en and rule.clause
        assert rule.severity in ("wrong", "ask") and rule.nature in (
            "life",
            "changing",
            "collected",
        )
        assert ("titled" in rule.by) == bool(rule.titles)


DAYS = st.sampled_from(["", "1956", "1956-02", "1956-02-03", "1962", "1979-05", "1985-05-01"])
BIRTHS = ["1936-04", "1938", "1938-04", "1938-04-02", "1938-05", "不详"]
VALUES = {
    BORN: BIRTHS,
    POST: ["连长", "团长", "副团长"],
    "入党日期": BIRTHS,
    "公民身份号码": ["11010519491231002X", "110105491231002", "110105194912310021"],
    "籍贯": ["江苏常熟", "江苏省常熟县", "江苏", "无锡"],
}
CLAIMS = st.lists(
    st.sampled_from(list(VALUES)).flatmap(
        lambda field: st.builds(
            claim,
            st.just(field),
            st.sampled_from(VALUES[field]),
            DAYS,
            origin=st.sampled_from(["page", "row", "declared"]),
            title=st.sampled_from(["", "入党志愿书", "履历表"]),
            certainty=st.sampled_from(["sure", "approximate", "doubtful"]),
            at=st.integers(0, 3),
        )
    ),
    max_size=7,
)


@settings(max_examples=150, deadline=None)
@given(CLAIMS, st.randoms(use_true_random=False))
def test_the_same_claims_in_any_order_project_the_same_record(claims, chance):
    mixed = list(claims)
    chance.shuffle(mixed)
    assert holds(*mixed) == holds(*claims)
    first, second = (projection.conflicts(some, standard()) for some in (claims, mixed))
    assert first == second


@settings(max_examples=100, deadline=None)
@given(CLAIMS)
def test_what_holds_is_said_by_a_claim_and_nothing_that_agrees_says_more_by_rank(claims):
    for field, held in projection.governing(claims, standard()).items():
        said = [one for one in claims if one.field == field]
        assert held in said
        finer = [one for one in said if more_precise(field, one.value, held.value)]
        assert not [one for one in finer if projection.agree(one, held)]


@settings(max_examples=60, deadline=None)
@given(CLAIMS)
def test_the_same_said_again_later_moves_nothing_that_lasts_for_life(claims):
    again = [
        one._replace(id=f"9{one.id}", recorded_at=one.recorded_at + dt.timedelta(days=9))
        for one in claims
        if one.field == BORN
    ]
    assert holds(*claims, *again).get(BORN) == holds(*claims).get(BORN)
