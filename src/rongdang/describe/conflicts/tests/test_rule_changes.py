"""A unit decides a field by its own rule: two people, dated, and every record follows."""

import pytest
from django.db import IntegrityError, transaction

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches.tests.factories import run_jobs
from rongdang.describe.conflicts import rule_changes
from rongdang.describe.conflicts.models import RuleChange
from rongdang.describe.conflicts.rulebook import RuleBook

pytestmark = pytest.mark.django_db
PLACE = "籍贯"


@pytest.fixture
def security(person_in, city):
    return person_in("gu", "security", city)


@pytest.fixture
def leader(person_in, city):
    return person_in("he", "leader", city)


@pytest.fixture
def asked(security, station):
    def ask(by=("earliest", "order"), unit=station, **changed):
        told = {"clause": "梧桐市〔2026〕3号", "reason": "籍贯按入伍时的登记为准", **changed}
        return rule_changes.ask(unit, PLACE, by, acting_user=security, **told)

    return ask


def test_it_holds_only_after_another_agreed_and_then_every_record_follows(
    person, says, asked, leader
):
    says(PLACE, "江苏常熟", "1956")
    says(PLACE, "江苏无锡", "1979")
    assert person.record[PLACE] == "江苏无锡"
    change = asked()
    assert RuleBook.load().at(person.scope)[PLACE].by[0] == "latest"
    rule_changes.agree(change, acting_user=leader)
    run_jobs()
    person.refresh_from_db()
    rule = RuleBook.load().at(person.scope)[PLACE]
    assert (rule.by, rule.clause) == (("earliest", "order"), "梧桐市〔2026〕3号")
    assert person.record[PLACE] == "江苏常熟"
    assert person.doubts.get().clause == "梧桐市〔2026〕3号"
    assert [one.event for one in Entry.objects.filter(event__startswith="record-rule")] == [
        "record-rule:ask",
        "record-rule:agree",
    ]


def test_the_unit_above_sets_the_rule_below_unless_that_has_its_own(
    city, station, elsewhere, asked, leader
):
    rule_changes.agree(asked(("surest",), city), acting_user=leader)
    rule_changes.agree(asked([]), acting_user=leader)  # back to the standard in this station
    book = RuleBook.load()
    assert book.at(station.path)[PLACE].by[0] == "latest"
    assert book.at(elsewhere.path)[PLACE].by == ("surest",)
    rule_changes.agree(asked(("order",)), acting_user=leader)
    assert RuleBook.load().at(station.path)[PLACE].by == ("order",)
    assert RuleChange.objects.filter(state="ended").count() == 1


def test_nobody_agrees_to_his_own_proposal(asked, security, station):
    change = asked()
    with pytest.raises(NotPermittedError) as refused:
        rule_changes.agree(change, acting_user=security)
    assert refused.value.code == "own-proposal"
    with pytest.raises(IntegrityError), transaction.atomic():
        RuleChange.objects.filter(pk=change.pk).update(
            state="holds", agreed_by=security, agreed_at=change.asked_at
        )


def test_only_the_officer_asks_and_a_clerk_agrees_to_nothing(asked, clerk, leader, station):
    for who in (clerk, leader):
        with pytest.raises(NotPermittedError):
            rule_changes.ask(
                station, PLACE, ["latest"], clause="x", reason="没有这个权限的人", acting_user=who
            )
    change = asked()
    for act in (rule_changes.agree, rule_changes.refuse):
        with pytest.raises(NotPermittedError):
            act(change, acting_user=clerk)


def test_one_proposal_at_a_time_and_it_may_be_taken_back(asked, security, leader):
    change = asked()
    with pytest.raises(ConflictError) as refused:
        asked()
    assert refused.value.code == "rule-waits"
    rule_changes.refuse(change, acting_user=security)
    rule_changes.refuse(asked(), acting_user=leader)
    with pytest.raises(ConflictError) as refused:
        rule_changes.agree(change, acting_user=leader)
    assert refused.value.code == "rule-settled"


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"by": ["no such"]}, "bad-rule"),
        ({"by": ["latest", "latest"]}, "bad-rule"),
        ({"by": ["titled"]}, "bad-rule"),  # the standard names no titles for this field
        ({"clause": " "}, "no-reason"),
        ({"reason": "短"}, "no-reason"),
    ],
)
def test_a_rule_that_makes_no_sense_is_not_asked(asked, changed, code):
    with pytest.raises(DomainError) as refused:
        asked(**changed)
    assert refused.value.code == code and not RuleChange.objects.exists()
