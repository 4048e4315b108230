"""Whoever approves may give less than was asked for, never more; both stay to be read."""

import datetime as dt
from dataclasses import replace

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of
from rongdang.describe.grants import queries, services
from rongdang.describe.grants.models import Allowance, Grant, GrantState
from rongdang.describe.grants.spending import may_leave

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(make_file):
    return [make_file(name) for name in ("林长河", "高崎远")]


@pytest.fixture
def grant(asked, files):
    return asked(numbers=[one.number for one in files], prints=5, exports=2)


def opens(user, case_file):
    return queries.levels_of(user, case_file.pk, purpose="benefit")


def test_less_is_given_and_only_that_opens(grant, files, leader, chief):
    asked = grant.asked
    end = grant.until - dt.timedelta(days=2)
    less = replace(
        asked,
        numbers=(files[1].number,),
        levels=("健康",),
        prints=1,
        exports=0,
        until=end,
    )
    services.give(grant, terms=less, note="只核护理费", acting_user=chief)
    assert opens(leader, files[1]) == ("健康",) and opens(leader, files[0]) == ()
    assert queries.ends_at(leader, files[1].pk, purpose="benefit") == end
    assert may_leave(leader, files[1], "print") and not may_leave(leader, files[1], "export")
    again = Grant.objects.with_terms().get(pk=grant.pk)
    assert again.asked == asked and again.given == less and again.is_narrowed


def test_N13_at_the_very_second_of_the_earlier_end_it_opens_nothing(
    grant, files, leader, chief, monkeypatch
):
    end = grant.until - dt.timedelta(days=2)
    services.give(grant, terms=replace(grant.asked, until=end), acting_user=chief)
    monkeypatch.setattr(timezone, "now", lambda: end - dt.timedelta(microseconds=1))
    assert opens(leader, files[0])
    monkeypatch.setattr(timezone, "now", lambda: end)
    assert not opens(leader, files[0])


def test_what_was_asked_for_and_not_given_leaves_without_an_alarm_for_there_is_no_count_to_exceed(
    grant, files, leader, chief
):
    from rongdang.describe.grants.spending import check_leaves, is_open

    services.give(grant, terms=replace(grant.asked, exports=0), acting_user=chief)
    assert not is_open(leader, files[0], "export")
    with pytest.raises(DomainError) as refused:
        check_leaves(leader, files[0], "export")
    assert refused.value.code == "not-permitted"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"numbers": ("X002-没有申请",)}, "grant-wider"),
        ({"levels": ("基本", "健康", "内部")}, "grant-wider"),
        ({"prints": 6}, "grant-wider"),
        ({"prints": -1}, "grant-wider"),
        ({"exports": 3}, "grant-wider"),
        ({"until": dt.timedelta(seconds=1)}, "grant-wider"),
        ({"until": dt.timedelta(days=-4)}, "grant-end"),
        ({"numbers": ()}, "grant-empty"),
        ({"levels": ()}, "grant-empty"),
    ],
)
def test_no_more_than_was_asked_for_and_not_nothing(grant, files, leader, chief, more, code):
    if "until" in more:
        more = {"until": grant.until + more["until"]}
    with pytest.raises(DomainError) as refused:
        services.give(grant, terms=replace(grant.asked, **more), acting_user=chief)
    assert refused.value.code == code and refused.value.status == 422
    assert refused.value.zh and refused.value.en and refused.value.hint_zh
    grant.refresh_from_db()
    assert grant.state == GrantState.ASKED and grant.given is None
    assert not opens(leader, files[0]) and not Entry.objects.filter(event="grant:give").exists()


def test_a_number_that_does_not_exist_is_left_out_and_the_rest_is_given(
    asked, files, leader, chief
):
    grant = asked(numbers=[files[0].number, "X999-没有这卷"])
    with pytest.raises(DomainError) as refused:
        services.give(grant, acting_user=chief)
    assert refused.value.code == "no-case-file"
    known = replace(grant.asked, numbers=(files[0].number,))
    services.give(grant, terms=known, acting_user=chief)
    assert opens(leader, files[0]) and grant.is_narrowed


def test_the_ledger_says_what_was_asked_and_what_was_given(grant, files, chief):
    asked = grant.asked
    less = replace(asked, levels=("基本",), exports=0)
    services.give(grant, terms=less, acting_user=chief)
    said = detail_of(Entry.objects.get(event="grant:give"))
    assert said["asked"] == asked.told
    assert {key: said[key] for key in less.told} == less.told
    assert said["files"] == [str(one.pk) for one in files]
    first = detail_of(Entry.objects.get(event="grant:ask"))
    assert {key: first[key] for key in asked.told} == asked.told


def test_given_as_asked_nothing_is_said_of_less(grant, chief):
    services.give(grant, terms=grant.asked, acting_user=chief)
    assert not grant.is_narrowed and grant.given == grant.asked
    assert "asked" not in detail_of(Entry.objects.get(event="grant:give"))


def test_the_database_itself_gives_no_more_than_was_asked(grant, chief):
    services.give(grant, acting_user=chief)
    for widen in (
        lambda: Grant.objects.filter(pk=grant.pk).update(
            until=grant.asked_until + dt.timedelta(seconds=1)
        ),
        lambda: Allowance.objects.filter(grant=grant, action="print").update(allowed=6),
        lambda: Allowance.objects.filter(grant=grant, action="print").update(asked=None),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            widen()
