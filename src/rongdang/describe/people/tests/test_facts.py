"""What holds of a person: by the rule of its field, with a name beside it, and for whom."""

import pytest
from django.db import IntegrityError, transaction

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.services import (
    FactValue,
    confirm_facts,
    create_person,
    displaced,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(station, clerk):
    return create_person(unit=station, name=" 林  长河 ", acting_user=clerk)


def said(person, clerk, *values):
    confirm_facts(
        person, [FactValue(f, v, formed=formed) for f, v, formed in values], acting_user=clerk
    )
    person.refresh_from_db()
    return person.record


def test_the_earliest_record_of_a_birth_date_governs_and_both_stand(person, clerk):
    said(person, clerk, ("出生日期", "1936-04", "1979-01"))
    record = said(person, clerk, ("出生日期", "1938-04", "1956-02"))
    assert record["出生日期"] == person.birth == "1938-04"
    said(person, clerk, ("出生日期", "1940", ""))  # an undated source governs nothing
    assert person.birth == "1938-04" and person.facts.count() == 3


def test_elsewhere_the_latest_page_speaks(person, clerk):
    record = said(person, clerk, ("职务", "副团长", "1975"), ("职务", "连长", "1962"))
    assert record["职务"] == "副团长"
    assert said(person, clerk, ("姓名", "林长和", "1980"))["姓名"] == "林长和"
    assert person.name == "林长和" and person.name_keys.startswith("lin")


def test_no_fact_is_confirmed_without_a_name_beside_it(person):
    with pytest.raises(IntegrityError), transaction.atomic():
        Fact.objects.create(person=person, field="职务", value="连长", state="confirmed")


def test_a_name_is_needed_and_made_canonical(person, station, clerk):
    assert person.name == "林长河"
    with pytest.raises(DomainError) as refused:
        create_person(unit=station, name="　 ", acting_user=clerk)
    assert refused.value.code == "no-name" and Person.objects.count() == 1


def test_a_stranger_makes_sees_and_confirms_nothing_here(person, station, stranger):
    with pytest.raises(NotPermittedError):
        create_person(unit=station, name="何海生", acting_user=stranger)
    with pytest.raises(NotPermittedError):
        confirm_facts(person, [FactValue("职务", "连长")], acting_user=stranger)
    assert not Person.objects.visible_to(stranger).exists()
    assert not Fact.objects.visible_to(stranger, KEEP).exists()


def test_every_confirmation_is_on_the_ledger(person, clerk):
    said(person, clerk, ("职务", "连长", "1962"))
    entry = Entry.objects.get(event="fact:confirm")
    assert (entry.actor, entry.subject_id) == (str(clerk.pk), str(person.pk))


def test_n21_a_key_date_that_changes_is_put_before_the_officers_by_whichever_way(person, clerk):
    said(person, clerk, ("出生日期", "1938-04", "1962"), ("职务", "连长", "1962"))
    said(person, clerk, ("职务", "营长", "1970"), ("出生日期", "1938-04", "1956"))
    said(person, clerk, ("出生日期", "1936-04", "1985"))
    assert not Alarm.objects.exists()  # confirmed again, and a later word, change nothing
    said(person, clerk, ("出生日期", "1936-04", "1950"))
    alarm = Alarm.objects.get(kind="key-date-changed")
    assert (alarm.about, alarm.scope, alarm.subject_id) == (clerk, person.scope, str(person.pk))
    assert alarm.detail == {"fields": ["出生日期"]} and "1936" not in str(alarm.detail)


@pytest.mark.parametrize(
    ("value", "formed", "moved"),
    [
        ("1936-04", "1950", ["出生日期"]),
        ("1936-04", "1985", []),  # later than what holds
        ("1936-04", "", []),  # of no date
        ("1938-04", "1950", []),  # the same again
    ],
)
def test_n21_whether_a_material_would_move_a_key_date_is_known_before(
    person, clerk, value, formed, moved
):
    said(person, clerk, ("出生日期", "1938-04", "1962"))
    assert displaced(person, {"出生日期": value, "职务": "连长"}, formed) == moved
    assert displaced(person, {"职务": "连长"}, formed) == []
