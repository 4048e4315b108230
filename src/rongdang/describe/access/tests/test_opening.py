"""A file is read for a stated reason, as long and as far as the reason goes."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of
from rongdang.base.vocab import purposes
from rongdang.describe.access import opening
from rongdang.describe.access.models import Opening
from rongdang.describe.access.predicate import (
    KEEP,
    REGISTER,
    TRANSFER,
    purpose_of,
    sees_whole,
    stated,
)
from rongdang.describe.casefiles.models import CaseFile, EarlierText, Item, Page
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person

pytestmark = pytest.mark.django_db
LEVELS = {"1": "基本", "5": "内部", "7": "奖惩"}


@pytest.fixture
def leader(person_in, city):
    return person_in("liang", "leader", city)


@pytest.fixture
def case_file(station, clerk):
    """A file with a material of three levels and facts of four."""
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    for category in LEVELS:
        filed(case_file, clerk, title=f"材料{category}", category=category)
    values = [("出生日期", "1938-04"), ("残疾等级", "六级"), ("奖励", "三等功"), ("配偶", "赵小兰")]
    confirm_facts(person, [FactValue(*value) for value in values], acting_user=clerk)
    return case_file


def titles(user, purpose):
    return set(Item.objects.visible_to(user, purpose).values_list("title", flat=True))


def fields_seen(user, purpose):
    return set(Fact.objects.visible_to(user, purpose).values_list("field", flat=True))


def test_a_role_sees_what_its_levels_and_the_reason_s_levels_have_in_common(
    case_file, clerk, leader
):
    for code, entry in purposes.reasons().items():
        for user, own in ((clerk, purposes.ALL_LEVELS), (leader, ("基本", "奖惩"))):
            purpose = stated(code)
            wanted = set(own) & set(entry.levels) if user.may(purpose.permission) else set()
            expected = {f"材料{one}" for one, level in LEVELS.items() if level in wanted}
            assert titles(user, purpose) == expected, (code, user.username)
            pages = Page.objects.visible_to(user, purpose)
            assert {page.item.title for page in pages} == expected


def test_fields_of_another_level_are_dropped(case_file, clerk, leader):
    assert fields_seen(clerk, KEEP) == {"出生日期", "残疾等级", "奖励", "配偶"}
    assert fields_seen(clerk, stated("honour")) == {"出生日期", "奖励"}
    assert fields_seen(clerk, stated("benefit")) == {"出生日期", "残疾等级", "奖励"}
    assert fields_seen(leader, stated("party")) == {"出生日期", "奖励"}


def test_the_register_shows_that_files_exist_and_nothing_in_them(case_file, leader, stranger):
    assert CaseFile.objects.visible_to(leader).get() == case_file
    assert Person.objects.visible_to(leader, REGISTER).get() == case_file.person
    assert not titles(leader, REGISTER) and not fields_seen(leader, REGISTER)
    assert not EarlierText.objects.visible_to(leader, REGISTER).exists()
    assert not CaseFile.objects.visible_to(stranger).exists()


def test_who_does_not_keep_files_reads_none_to_keep_or_to_hand_over(case_file, leader, clerk):
    assert not titles(leader, KEEP) and not titles(leader, TRANSFER)
    assert not CaseFile.objects.visible_to(clerk, TRANSFER).exists()
    assert not CaseFile.objects.visible_to(leader, KEEP).exists()


def test_officers_and_strangers_see_nothing_whatever_they_state(
    case_file, person_in, city, stranger
):
    for role in ("system", "security", "audit"):
        officer = person_in(role, role, city)
        assert not any(titles(officer, stated(code)) for code in purposes.reasons())
        with pytest.raises(DomainError):
            opening.open_file(case_file, code="daily", note="", acting_user=officer)
    assert not any(titles(stranger, stated(code)) for code in purposes.reasons())
    with pytest.raises(DomainError):
        opening.open_file(case_file, code="daily", note="", acting_user=stranger)


def test_an_opening_shows_its_own_file_alone_and_is_on_the_ledger_once(case_file, clerk, station):
    other = open_case_file(
        create_person(unit=station, name="高崎远", acting_user=clerk), acting_user=clerk
    )
    filed(other, clerk, title="别人的材料")
    held = opening.open_file(case_file, code="honour", note="建军节评选", acting_user=clerk)
    purpose = purpose_of(held)
    assert titles(clerk, purpose) == {"材料1", "材料7"}
    assert CaseFile.objects.visible_to(clerk, purpose).get() == case_file
    assert Person.objects.visible_to(clerk, purpose).get() == case_file.person
    assert Fact.objects.visible_to(clerk, purpose).exists()
    again = opening.open_file(case_file, code="honour", note="建军节评选", acting_user=clerk)
    assert again == held
    entry = Entry.objects.get(event="casefile:state-purpose")
    assert entry.subject_id == str(case_file.pk)
    told = {"opening": str(held.pk), "purpose": "honour", "note": "建军节评选"}
    assert detail_of(entry) == told
    assert purpose.told == {"purpose": "honour", "opening": str(held.pk)}


def test_without_a_reason_and_at_the_very_second_of_its_end_a_file_is_shut(
    case_file, clerk, monkeypatch
):
    with pytest.raises(DomainError) as refused:
        opening.required(clerk, case_file)
    assert refused.value.code == "no-purpose"
    held = opening.open_file(case_file, code="daily", note="", acting_user=clerk)
    end = held.until
    monkeypatch.setattr(timezone, "now", lambda: end - dt.timedelta(microseconds=1))
    assert opening.required(clerk, case_file).opening == held.pk
    monkeypatch.setattr(timezone, "now", lambda: end)
    with pytest.raises(DomainError):
        opening.required(clerk, case_file)


def test_another_person_s_opening_opens_nothing(case_file, clerk, leader):
    opening.open_file(case_file, code="daily", note="", acting_user=clerk)
    assert opening.current(leader, case_file) is None
    assert not Opening.objects.visible_to(leader).exists()


def test_a_reason_is_one_of_the_list_and_of_the_role_and_says_more_where_it_must(case_file, leader):
    for code, note in (("", ""), ("curiosity", ""), ("keep", ""), ("transfer", "转往外地干休所")):
        with pytest.raises(DomainError) as refused:
            opening.open_file(case_file, code=code, note=note, acting_user=leader)
        assert refused.value.code == "no-purpose"
    for note in ("", "  ", "看看"):
        with pytest.raises(DomainError) as refused:
            opening.open_file(case_file, code="other", note=note, acting_user=leader)
        assert refused.value.code == "no-note"
    assert not Opening.objects.exists()
    opening.open_file(case_file, code="other", note="信访答复用", acting_user=leader)


def test_the_task_on_the_desk_stands_for_a_reason_of_those_who_keep_files(case_file, clerk, leader):
    held = opening.open_for_task(case_file, task="20261125-001", acting_user=clerk)
    assert (held.purpose, held.task, held.note) == ("keep", "20261125-001", "")
    with pytest.raises(DomainError):
        opening.open_for_task(case_file, task="20261125-001", acting_user=leader)


def test_a_role_taken_away_ends_what_an_opening_shows_at_once(case_file, clerk):
    from rongdang.base.accounts.models import User

    purpose = purpose_of(opening.open_file(case_file, code="keep", note="", acting_user=clerk))
    assert titles(clerk, purpose)
    User.objects.filter(pk=clerk.pk).update(is_active=False)
    assert not titles(User.objects.get(pk=clerk.pk), purpose)


def test_a_masked_number_is_shown_whole_only_with_a_reason_on_the_ledger(case_file, leader):
    with pytest.raises(DomainError):
        opening.unmask(case_file, field="公民身份号码", reason="核对身份", acting_user=leader)
    opening.open_file(case_file, code="daily", note="", acting_user=leader)
    for field, reason in (("公民身份号码", ""), ("公民身份号码", "看"), ("奖励", "核对身份")):
        with pytest.raises(DomainError):
            opening.unmask(case_file, field=field, reason=reason, acting_user=leader)
    assert not Entry.objects.filter(event="fact:unmask").exists()
    opening.unmask(case_file, field="公民身份号码", reason="核对身份", acting_user=leader)
    assert opening.required(leader, case_file).unmasked == ("公民身份号码",)
    told = detail_of(Entry.objects.get(event="fact:unmask"))
    assert (told["field"], told["reason"], told["purpose"]) == ("公民身份号码", "核对身份", "daily")


def test_a_search_of_those_who_keep_no_files_needs_a_reason_of_its_own(case_file, clerk, leader):
    assert opening.search_ways(clerk) == (KEEP, REGISTER)
    assert opening.search_ways(leader) == (REGISTER,)
    held = opening.open_search(code="honour", note="", acting_user=leader)
    purpose, register = opening.search_ways(leader)
    assert (purpose.code, purpose.opening, purpose.case_file) == ("honour", held.pk, None)
    assert register is REGISTER and purpose == purpose_of(held)
    # It opens no file.
    assert opening.current(leader, case_file) is None


def test_what_is_missing_is_told_only_to_those_from_whom_nothing_is_withheld(
    case_file, clerk, leader
):
    scope = case_file.scope
    assert sees_whole(clerk, scope) and not sees_whole(leader, scope)
    assert sees_whole(clerk, scope, KEEP) and not sees_whole(clerk, scope, stated("honour"))
