"""A fact that is wrong is taken back: what holds then, who may, and what stays to be seen."""

import json

import pytest
from django.db import IntegrityError, transaction

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles import cataloguing
from rongdang.describe.casefiles.sealing import seal_case_file
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.casefiles.withdrawing import withdraw_fact
from rongdang.describe.people.models import Fact
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    values = [FactValue("出生日期", "1933-04", formed="1956"), FactValue("姓名", "林长河")]
    confirm_facts(person, values, acting_user=clerk)
    confirm_facts(person, [FactValue("出生日期", "1938-04", formed="1962")], acting_user=clerk)
    return person


def fact(person, value):
    return next(fact for fact in person.facts.all() if fact.value == value)


def test_what_the_other_facts_say_holds_from_then_on(person, clerk):
    wrong = withdraw_fact(fact(person, "1933-04"), reason=" 认错了字 ", acting_user=clerk)
    person.refresh_from_db()
    assert person.birth == person.record["出生日期"] == "1938-04"
    assert (wrong.state, wrong.withdrawn_by, wrong.withdrawn_why) == (
        "withdrawn",
        clerk,
        "认错了字",
    )
    assert wrong.withdrawn_at and person.facts.count() == 3  # nothing is deleted
    withdraw_fact(fact(person, "1938-04"), reason="也不对", acting_user=clerk)
    person.refresh_from_db()
    assert person.birth == "" and "出生日期" not in person.record


def test_who_took_it_back_and_why_is_on_the_ledger(person, clerk):
    wrong = withdraw_fact(fact(person, "1933-04"), reason="认错了字", acting_user=clerk)
    entry = Entry.objects.get(event="fact:withdraw")
    assert (entry.actor, entry.subject_id) == (str(clerk.pk), str(person.pk))
    assert json.loads(bytes(entry.side.body)) == {"fact": str(wrong.pk), "reason": "认错了字"}


@pytest.mark.parametrize(
    "value,reason,code", [("1933-04", "  ", "no-reason"), ("林长河", "错", "last-name")]
)
def test_without_a_reason_and_for_the_only_name_nothing_changes(person, clerk, value, reason, code):
    with pytest.raises(DomainError) as refused:
        withdraw_fact(fact(person, value), reason=reason, acting_user=clerk)
    assert refused.value.code == code and refused.value.hint_zh and refused.value.hint_en
    assert set(person.facts.values_list("state", flat=True)) == {"confirmed"}


def test_the_second_who_takes_it_back_is_told(person, clerk, reviewer):
    wrong = fact(person, "1933-04")
    withdraw_fact(wrong, reason="认错了字", acting_user=clerk)
    with pytest.raises(ConflictError):
        withdraw_fact(wrong, reason="别的原因", acting_user=reviewer)
    wrong.refresh_from_db()
    assert wrong.withdrawn_why == "认错了字"


def test_a_stranger_takes_nothing_back(person, stranger):
    with pytest.raises(NotPermittedError):
        withdraw_fact(fact(person, "1933-04"), reason="错", acting_user=stranger)
    assert not Entry.objects.filter(event="fact:withdraw").exists()


def test_a_sealed_file_is_reopened_and_its_next_version_leaves_the_fact_out(
    person, clerk, reviewer
):
    case_file = open_case_file(person, acting_user=clerk)
    filed(case_file, clerk)
    assert seal_case_file(case_file, acting_user=reviewer).version == 1
    withdraw_fact(fact(person, "1933-04"), reason="认错了字", acting_user=clerk)
    case_file.refresh_from_db()
    assert case_file.state == "open"
    assert seal_case_file(case_file, acting_user=reviewer).version == 2
    said = [row["value"] for row in cataloguing.facts_of(case_file)]
    assert "1938-04" in said and "1933-04" not in said


def test_no_fact_is_withdrawn_without_name_and_reason(person):
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.filter(pk=fact(person, "1933-04").pk).update(state="withdrawn")
