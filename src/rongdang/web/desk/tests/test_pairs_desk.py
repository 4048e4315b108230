"""The desk of records that may be one person, as a clerk meets it."""

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles.models import Item
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.linkage import pairing
from rongdang.describe.linkage.models import Joining, Pair
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db
LIST, JOININGS = reverse("pairs:list"), reverse("pairs:joinings")


@pytest.fixture
def alike(station, clerk):
    """林长河 with a file, and 林常河 without one, born on the same day."""
    people = []
    for name, place in (("林长河", "山东莱阳"), ("林常河", "山东莱阳")):
        person = create_person(unit=station, name=name, acting_user=clerk)
        said = {"出生日期": "1938-04-07", "性别": "男", "入伍日期": "1956-03", "籍贯": place}
        values = [FactValue(field, value) for field, value in said.items()]
        confirm_facts(person, values, acting_user=clerk)
        people.append(person)
    open_case_file(people[0], acting_user=clerk)
    pairing.compare_all()
    return Pair.objects.get()


@pytest.fixture
def desk(clerk):
    client = Client()
    client.force_login(clerk)
    return client


def one(pair):
    return reverse("pairs:one", args=[pair.pk])


def test_two_are_shown_side_by_side_with_the_machine_s_reasons(alike, desk):
    page = desk.get(LIST).content.decode()
    assert "林长河 · 林常河" in page and "出生年月日一致" in page and f"{alike.percent}%" in page
    page = desk.get(one(alike)).content.decode()
    assert "1938-04-07" in page and "一致" in page and "不同" in page and "登记时申报" in page
    looks = Entry.objects.filter(event="casefile:see").values_list("subject_kind", flat=True)
    assert set(looks) == {"casefiles.casefile", "people.person"}


def test_said_to_be_one_they_are_merged_and_the_old_address_leads_to_the_record(alike, desk):
    said = {"act": "same", "kept": str(alike.first_id), "reason": "履历一致", "version": "waiting"}
    answer = desk.post(one(alike), said, follow=True)
    assert answer.redirect_chain[-1][0] == LIST
    old = reverse("people:detail", args=[alike.second_id])
    assert desk.get(old).headers["Location"] == reverse("people:detail", args=[alike.first_id])
    made = Joining.objects.get()
    assert "履历一致" in desk.get(JOININGS).content.decode()
    desk.post(JOININGS, {"joining": str(made.pk), "reason": "弄错了，是两个人"})
    assert Person.objects.open().count() == 2
    assert "已撤回" in desk.get(JOININGS).content.decode()


def test_said_to_be_two_they_are_asked_of_no_more_until_that_is_taken_back(alike, desk):
    said = {"act": "different", "reason": "照片不是一个人", "version": "waiting"}
    desk.post(one(alike), said)
    assert "林常河" not in desk.get(LIST).content.decode()
    page = desk.get(LIST, {"verdict": "different"}).content.decode()
    assert "照片不是一个人" in page
    desk.post(one(alike), {"act": "again", "reason": "找到了新证明"})
    assert "林常河" in desk.get(LIST).content.decode()


def test_whoever_decides_after_another_is_told_in_words(alike, desk, person_in, station):
    other = Client()
    other.force_login(person_in("he", "clerk", station))
    other.post(one(alike), {"act": "later", "version": "waiting"})
    said = {"act": "different", "reason": "照片不是一个人", "version": "waiting"}
    answer = desk.post(one(alike), said)
    assert answer.status_code == 409 and "已经有人办过" in answer.content.decode()


def test_what_is_another_s_is_ticked_and_gets_a_record_of_its_own(alike, desk, clerk):
    person = alike.first
    first, second = (filed(person.case_file, clerk, title=f"履历表{n}") for n in "一二")
    address = reverse("people:split", args=[person.pk])
    desk.post(reverse("people:open", args=[person.pk]), {"purpose": "keep", "note": ""})
    page = desk.get(address).content.decode()
    assert "履历表一" in page and "履历表二" in page and "登记时申报的" in page
    answer = desk.post(address, {"item": str(second.pk), "reason": "两个同名的人混在一起"})
    made = Joining.objects.get()
    assert answer.headers["Location"] == reverse("people:detail", args=[made.other_id])
    assert Item.objects.get(pk=second.pk).case_file.person_id == made.other_id
    assert Item.objects.get(pk=first.pk).case_file.person_id == person.pk
    refused = desk.post(address, {"reason": "两个同名的人混在一起"})
    assert refused.status_code == 422


def test_the_list_goes_on_behind_what_was_shown(station, clerk, desk):
    people = sorted(
        create_person(unit=station, name=f"林长{n}", acting_user=clerk).pk for n in range(46)
    )
    Pair.objects.bulk_create(
        Pair(
            first_id=people[0],
            second_id=other,
            scope=station.path,
            probability=0.5 + (at // 3) / 100,
        )
        for at, other in enumerate(people[1:])
    )
    page = desk.get(LIST).context
    rest = desk.get(LIST, {"after": page["after"]}).context
    shown = [pair.pk for pair, _levels in [*page["pairs"], *rest["pairs"]]]
    assert len(shown) == len(set(shown)) == 45 and rest["after"] == ""
