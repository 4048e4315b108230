"""Setting right what was filed, on the pages: two clerks on one entry, a fact taken back."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.base.ledger.models import Entry
from rongdang.describe.access.tests.factories import open_as
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.models import Fact
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def item(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    return filed(open_case_file(person, acting_user=clerk), clerk)


def browser(user):
    client = Client()
    client.force_login(user)
    return client


def test_two_clerks_on_one_entry_the_second_sees_both_and_loses_nothing(item, clerk, reviewer):
    address = reverse("people:describe", args=[item.pk])
    open_as(reviewer, item.case_file, "keep")
    first = {"title": "干部履历表", "category": "1", "formed": "1962", "version": "1"}
    assert browser(reviewer).post(address, first).status_code == 302
    second = {**first, "title": "干部简历", "note": "有照片", "is_copy": "on"}
    answer = browser(clerk).post(address, second)
    page = answer.content.decode()
    assert answer.status_code == 409 and "别的同志刚改过" in page
    assert "干部履历表" in page and 'value="干部简历"' in page and 'value="有照片"' in page
    item.refresh_from_db()
    assert (item.title, item.version) == ("干部履历表", 2)
    # Having seen both, the clerk may still save his own.
    assert browser(clerk).post(address, {**second, "version": "2"}).status_code == 302
    item.refresh_from_db()
    assert (item.title, item.note, item.is_copy, item.version) == ("干部简历", "有照片", True, 3)


def test_a_fact_is_taken_back_on_the_page_and_stays_to_be_seen(item, clerk):
    person = item.case_file.person
    page = item.pages.get()
    [fact] = confirm_facts(
        person, [FactValue("籍贯", "山东莱阳", page_id=page.pk)], acting_user=clerk
    )
    client, address = browser(clerk), reverse("people:detail", args=[person.pk])
    assert reverse("people:withdraw", args=[fact.pk]) in client.get(address).content.decode()
    answer = client.post(
        reverse("people:withdraw", args=[fact.pk]), {"reason": "认错了字"}, follow=True
    )
    told = answer.content.decode()
    assert "<s>山东莱阳</s>" in told and "撤下，因为：认错了字" in told
    assert reverse("people:withdraw", args=[fact.pk]) not in told


def test_what_a_filed_page_tells_is_added_with_its_page_and_its_writer(item, clerk, reviewer):
    person, page = item.case_file.person, item.pages.get()
    CaseFile.objects.filter(pk=item.case_file_id).update(state="sealed", version=1)
    client, address = browser(clerk), reverse("people:add-fact", args=[item.pk])
    for wrong, code in (
        ({"field": "", "value": "汉族"}, 422),
        ({"field": "不认得的", "value": "汉族"}, 422),
        ({"field": "民族", "value": " "}, 422),
        ({"field": "出生日期", "value": "春天的时候"}, 422),
        ({"field": "民族", "value": "汉族", "page": "x"}, 404),
        ({"field": "民族", "value": "汉族", "page": str(uuid.uuid4())}, 404),
    ):
        assert client.post(address, {"page": str(page.pk), **wrong}).status_code == code
    assert not Fact.objects.filter(page=page).exists()
    said = {"page": str(page.pk), "field": "出生日期", "value": "一九三八年四月"}
    answer = client.post(address, said, follow=True)
    assert "1938-04" in answer.content.decode() and "已添上" in answer.content.decode()
    fact = Fact.objects.get(page=page, field="出生日期")
    assert (fact.value, fact.recorded_by, fact.formed) == ("1938-04", clerk, item.formed)
    person.refresh_from_db()
    item.case_file.refresh_from_db()
    assert person.birth == "1938-04" and item.case_file.state == "open"
    assert Entry.objects.filter(event="fact:confirm", actor=str(clerk.pk)).exists()


def test_n21_nobody_alone_adds_a_date_that_would_hold_instead(item, clerk):
    person, page = item.case_file.person, item.pages.get()
    confirm_facts(person, [FactValue("出生日期", "1940-01", formed="1999")], acting_user=clerk)
    said = {"page": str(page.pk), "field": "出生日期", "value": "1938-04"}
    address = reverse("people:add-fact", args=[item.pk])
    answer = browser(clerk).post(address, said)
    assert answer.status_code == 409 and "要由两人来定" in answer.content.decode()
    person.refresh_from_db()
    assert person.birth == "1940-01" and person.facts.count() == 1
    same = browser(clerk).post(address, {**said, "value": "1940-01"})
    assert same.status_code == 302 and person.facts.count() == 2


def test_what_a_leader_may_not_see_is_not_shown_as_withdrawn_either(item, clerk, person_in, city):
    from rongdang.describe.casefiles.withdrawing import withdraw_fact

    family = filed(item.case_file, clerk, title="家庭成员情况", category="5")
    page, person = family.pages.get(), item.case_file.person
    [fact] = confirm_facts(
        person, [FactValue("籍贯", "山东莱阳", page_id=page.pk)], acting_user=clerk
    )
    withdraw_fact(fact, reason="认错了字", acting_user=clerk)
    leader = person_in("liang", "leader", city)
    open_as(leader, item.case_file)
    page = browser(leader).get(reverse("people:detail", args=[person.pk])).content.decode()
    assert "林长河" in page and "莱阳" not in page and "认错了字" not in page
