"""A grant has two ends held by two people, opens only what it names, and ends on the second."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.describe.grants import queries, services
from rongdang.describe.grants.models import Grant, GrantState

pytestmark = pytest.mark.django_db


def code_of(act, *args, **kwargs):
    with pytest.raises(DomainError) as refused:
        act(*args, **kwargs)
    return refused.value.code


def opens(user, case_file, purpose="benefit"):
    return queries.levels_of(user, case_file.pk, purpose=purpose)


def test_asked_by_one_and_given_by_another_it_opens_the_named_levels_of_the_named_files(
    asked, leader, chief, case_file, make_file
):
    grant, other = asked(), make_file("高崎远")
    assert opens(leader, case_file) == ()
    services.give(grant, note="同意", acting_user=chief)
    assert opens(leader, case_file) == ("基本", "健康")
    assert opens(leader, case_file, "inquiry") == () and opens(leader, other) == ()
    assert queries.purposes_of(leader, case_file.pk) == ("benefit",)
    assert opens(chief, case_file) == ()
    events = list(Entry.objects.filter(event__startswith="grant:").values_list("event", "actor"))
    assert sorted(events) == [("grant:ask", str(leader.pk)), ("grant:give", str(chief.pk))]


def test_N13_at_the_very_second_of_its_end_it_opens_nothing(given, leader, case_file, monkeypatch):
    grant = given()
    for moment, held in (
        (grant.until - dt.timedelta(microseconds=1), ("基本", "健康")),
        (grant.until, ()),
        (grant.until + dt.timedelta(days=1), ()),
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert opens(leader, case_file) == held
    assert grant.shown_state == "over"


def test_N17_nobody_decides_on_his_own_asking_with_no_account_of_his(asked, chief, person_in, city):
    own = asked(user=chief)
    assert code_of(services.give, own, acting_user=chief) == "own-grant"
    second = person_in("cheng2", "leader", city)
    User.objects.filter(pk__in=[chief.pk, second.pk]).update(person="digest of one ID number")
    chief.refresh_from_db(), second.refresh_from_db()
    again = Grant.objects.select_related("user").get(pk=own.pk)
    assert code_of(services.give, again, acting_user=second) == "own-grant"
    assert code_of(services.refuse, again, note="不", acting_user=second) == "own-grant"
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=own.pk).update(
            state=GrantState.GIVEN, decided_by=chief, decided_at=timezone.now()
        )
    with pytest.raises(IntegrityError), transaction.atomic():
        Grant.objects.filter(pk=own.pk).update(state=GrantState.GIVEN)


def test_only_who_leads_there_decides_and_only_once(
    asked, chief, clerk, guard, person_in, elsewhere
):
    grant = asked()
    far = person_in("far", "leader", elsewhere)
    for user in (clerk, guard, far):
        assert code_of(services.give, grant, acting_user=user) == "not-permitted"
    assert not Grant.objects.to_decide(far) and list(Grant.objects.to_decide(chief)) == [grant]
    services.refuse(grant, note="没有必要", acting_user=chief)
    assert code_of(services.give, grant, acting_user=chief) == "grant-decided"
    assert code_of(services.withdraw, grant, why="收回", acting_user=chief) == "grant-decided"
    assert Entry.objects.filter(event="grant:give").count() == 0


def test_taken_back_it_opens_nothing_from_that_moment(given, leader, clerk, guard, case_file):
    grant = given()
    assert code_of(services.withdraw, grant, why="收回", acting_user=clerk) == "not-permitted"
    assert code_of(services.withdraw, grant, why=" ", acting_user=guard) == "no-reason"
    services.withdraw(grant, why="任务已结束", acting_user=guard)
    assert opens(leader, case_file) == () and grant.shown_state == "withdrawn"


def test_what_was_asked_is_taken_back_by_the_asker(asked, leader):
    grant = asked()
    services.withdraw(grant, why="不用了", acting_user=leader)
    assert grant.state == GrantState.WITHDRAWN


def test_asking_tells_nothing_of_which_numbers_exist(asked, stranger, chief, case_file):
    here = asked(user=stranger)
    nowhere = asked(user=stranger, numbers=["X999-没有这卷"])
    assert {here.state, nowhere.state} == {GrantState.ASKED}
    assert code_of(services.give, nowhere, acting_user=chief) == "no-case-file"
    services.give(here, acting_user=chief)
    assert opens(stranger, case_file) == ("基本", "健康")


def test_who_decides_knows_only_the_files_of_his_units(
    asked, clerk, stranger, elsewhere, chief, leader, case_file
):
    from rongdang.describe.casefiles.services import open_case_file
    from rongdang.describe.people.services import create_person

    there = create_person(unit=elsewhere, name="何海生", acting_user=stranger)
    other = open_case_file(there, acting_user=stranger)
    both = asked(user=clerk, numbers=[case_file.number, other.number])
    assert code_of(services.give, both, acting_user=leader) == "not-permitted"
    services.give(both, acting_user=chief)
    assert opens(clerk, case_file) and opens(clerk, other)


@pytest.mark.parametrize(
    ("wanted", "code"),
    [
        ({"reason": "  "}, "no-reason"),
        ({"purpose": "想看看"}, "no-purpose"),
        ({"purpose": "keep"}, "no-purpose"),
        ({"levels": ["家庭"]}, "levels"),
        ({"levels": []}, "levels"),
        ({"numbers": []}, "numbers"),
        ({"numbers": [f"X{n}" for n in range(51)]}, "numbers"),
        ({"days": 31}, "grant-end"),
        ({"days": -1}, "grant-end"),
        ({"prints": 21}, "counts"),
        ({"exports": -1}, "counts"),
    ],
)
def test_what_is_not_a_lawful_need_is_not_even_asked(asked, wanted, code):
    assert code_of(asked, **wanted) == code
    assert not Grant.objects.exists()


def test_an_officer_and_a_person_without_a_role_ask_for_nothing(asked, guard):
    assert code_of(asked, user=guard) == "not-permitted"


def test_what_waited_past_its_end_is_not_given(asked, chief, monkeypatch):
    grant = asked(days=1)
    later = grant.until + dt.timedelta(seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: later)
    assert code_of(services.give, grant, acting_user=chief) == "grant-end"


def test_one_sees_his_own_and_those_one_watches_over(asked, leader, chief, guard, clerk, stranger):
    grant = asked()
    for user in (leader, chief, guard):
        assert list(Grant.objects.visible_to(user)) == [grant]
    for user in (clerk, stranger):
        assert not Grant.objects.visible_to(user)
