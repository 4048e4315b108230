"""Sources that disagree wait for a person; what he decides holds, with evidence and a reason."""

import pytest
from django.db import IntegrityError, transaction

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.conflicts import services
from rongdang.describe.conflicts.models import Doubt, Ruling
from rongdang.describe.conflicts.services import Choice
from rongdang.describe.people.models import Fact

pytestmark = pytest.mark.django_db
BORN = "出生日期"


def doubts(person):
    return set(person.doubts.values_list("code", "state"))


def decide(person, field, choice, by, reason="本人亲笔，早于其他材料"):
    ruling = services.decide(person, field, choice, reason=reason, acting_user=by)
    person.refresh_from_db()
    return ruling


def test_a_conflict_is_listed_while_it_lasts_and_gone_when_sources_agree(person, says, clerk):
    says("性别", "男", "1956")
    assert doubts(person) == set()
    wrong = says("性别", "女", "1962")
    [doubt] = Doubt.objects.visible_to(clerk, KEEP)
    assert (doubt.code, doubt.severity, doubt.field) == ("sources:sex", "wrong", "性别")
    assert "男" in doubt.zh and "女" in doubt.en and doubt.clause
    from rongdang.describe.casefiles.withdrawing import withdraw_fact

    withdraw_fact(wrong, reason="认错了字", acting_user=clerk)
    assert doubts(person) == set()


def test_a_row_of_a_source_and_a_page_are_weighed_alike(person, says, row):
    says("籍贯", "江苏常熟")
    row({"籍贯": "江苏无锡", "姓名": "林長河"})
    assert doubts(person) == {("sources:native_place", "open")}
    row({"籍贯": "江苏省常熟县", "姓名": "林長河"})  # the row says something else now
    assert doubts(person) == set()


def test_one_person_decides_and_the_decision_outranks_the_rule(person, says, clerk):
    first = says("性别", "男", "1956")
    second = says("性别", "女", "1962")
    assert person.sex == "男"
    decide(person, "性别", Choice(claim=str(second.pk)), clerk)
    assert person.sex == person.record["性别"] == "女" and doubts(person) == set()
    entry = Entry.objects.get(event="ruling:hold")
    assert (entry.actor, entry.subject_id) == (str(clerk.pk), str(person.pk))
    decide(person, "性别", Choice(claim=str(first.pk)), clerk)  # thought better of
    assert person.sex == "男"
    assert set(Ruling.objects.values_list("state", flat=True)) == {"holds", "replaced"}


def test_a_new_claim_against_it_brings_it_back_and_the_decision_stands_meanwhile(
    person, says, row, clerk
):
    says("性别", "男", "1956")
    second = says("性别", "女", "1962")
    decide(person, "性别", Choice(claim=str(second.pk)), clerk)
    says("性别", "女", "1970")
    assert doubts(person) == set()
    row({"性别": "男"})
    assert doubts(person) == {("sources:sex", "open")} and person.sex == "女"
    decide(person, "性别", Choice(claim=str(second.pk)), clerk)
    assert doubts(person) == set()
    row({"性别": "男", "民族": "汉族"})  # the same row says the same of it again
    assert doubts(person) == set()


def test_of_what_changes_a_decision_lasts_until_something_newer_is_said(person, row, clerk):
    row({"现住址": "甲路1号"}, key=b"1")
    row({"现住址": "乙路2号"}, source="医院库", key=b"2")
    assert doubts(person) == {("sources:address", "open")}
    claim = next(c for c in services._said(person, "现住址") if c.value == "甲路1号")
    decide(person, "现住址", Choice(claim=claim.id), clerk)
    assert person.record["现住址"] == "甲路1号" and doubts(person) == set()
    row({"现住址": "丙路3号"}, source="医院库", key=b"2")
    assert person.record["现住址"] == "丙路3号" and doubts(person) == {("sources:address", "open")}


def test_both_wrong_needs_the_page_that_says_another(person, says, page, clerk, station):
    says("性别", "男", "1956")
    says("籍贯", "江苏常熟", "1956")
    says("籍贯", "江苏无锡", "1962")
    right = page("自传", "1953", "2")
    with pytest.raises(DomainError) as refused:
        decide(person, "籍贯", Choice(value="江苏江阴"), clerk)
    assert refused.value.code == "no-evidence"
    decide(person, "籍贯", Choice(value="江苏江阴", page=right.pk), clerk)
    assert person.record["籍贯"] == "江苏江阴" and doubts(person) == set()
    fact = Fact.objects.get(value_index="", field="籍贯", formed="1953")
    assert (fact.page, fact.recorded_by, fact.value) == (right, clerk, "江苏江阴")


def test_the_page_of_another_is_no_evidence(person, says, clerk, station):
    from rongdang.describe.casefiles.services import open_case_file
    from rongdang.describe.casefiles.tests.factories import filed
    from rongdang.describe.people.services import create_person

    other = create_person(unit=station, name="何海生", acting_user=clerk)
    item = filed(open_case_file(other, acting_user=clerk), clerk)
    says("籍贯", "江苏常熟")
    with pytest.raises(DomainError) as refused:
        decide(person, "籍贯", Choice(value="江苏江阴", page=item.pages.get().pk), clerk)
    assert refused.value.code == "no-evidence" and not Ruling.objects.exists()


def test_a_key_date_takes_two_people(person, says, clerk, colleague):
    says(BORN, "1938-04", "1956")
    second = says(BORN, "1936-04", "1979")
    ruling = decide(person, BORN, Choice(claim=str(second.pk)), clerk)
    assert (ruling.state, person.birth) == ("asked", "1938-04")
    with pytest.raises(NotPermittedError) as refused:
        services.agree(ruling, acting_user=clerk)
    assert refused.value.code == "same-person"
    with pytest.raises(ConflictError):
        decide(person, BORN, Choice(claim=str(second.pk)), colleague)
    services.agree(ruling, acting_user=colleague)
    person.refresh_from_db()
    assert person.birth == "1936-04" and doubts(person) == set()
    with pytest.raises(ConflictError):
        services.agree(ruling, acting_user=colleague)


def test_a_key_date_refused_leaves_what_held_and_the_new_value_counts_for_nothing(
    person, says, page, clerk, colleague
):
    says(BORN, "1938-04", "1956")
    says(BORN, "1936-04", "1979")
    first = page("入伍登记表", "1955", "9-2")
    ruling = decide(person, BORN, Choice(value="1937.4", page=first.pk), clerk)
    assert person.birth == "1938-04"  # the earliest page, yet nobody has agreed
    services.refuse(ruling, acting_user=colleague)
    person.refresh_from_db()
    assert person.birth == "1938-04" and Fact.objects.filter(state="refused").count() == 1
    again = decide(person, BORN, Choice(value="1937.4", page=first.pk), clerk)
    services.agree(again, acting_user=colleague)
    person.refresh_from_db()
    assert person.birth == "1937-04" and doubts(person) == set()


def test_what_is_said_after_the_first_word_stops_the_second(person, says, clerk, colleague):
    says(BORN, "1938-04", "1956")
    second = says(BORN, "1936-04", "1979")
    ruling = decide(person, BORN, Choice(claim=str(second.pk)), clerk)
    says(BORN, "1935-01", "1980")
    with pytest.raises(ConflictError) as refused:
        services.agree(ruling, acting_user=colleague)
    assert refused.value.code == "more-is-said"


def test_the_database_itself_holds_key_dates_to_two(person, clerk):
    from django.utils import timezone

    told = {"person": person, "field": BORN, "value": "1", "cites": "x", "reason": "x"}
    told |= {"decided_by": clerk, "decided_at": timezone.now(), "state": "holds"}
    for more in ({}, {"agreed_by": clerk, "agreed_at": timezone.now()}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Ruling.objects.create(**told, **more)


@pytest.mark.parametrize("reason", ["", "  ", "错"])
def test_no_decision_without_a_reason(person, says, clerk, reason):
    fact = says("性别", "男")
    with pytest.raises(DomainError) as refused:
        decide(person, "性别", Choice(claim=str(fact.pk)), clerk, reason)
    assert refused.value.code == "no-reason" and not Ruling.objects.exists()


def test_a_record_that_is_gone_is_not_chosen(person, says, clerk):
    says("性别", "男")
    with pytest.raises(ConflictError) as refused:
        decide(person, "性别", Choice(claim="0"), clerk)
    assert refused.value.code == "claim-gone"


def test_a_stranger_decides_nothing_and_sees_no_doubt(person, says, stranger):
    fact = says("性别", "男", "1956")
    says("性别", "女", "1962")
    with pytest.raises(NotPermittedError):
        decide(person, "性别", Choice(claim=str(fact.pk)), stranger)
    assert not Doubt.objects.visible_to(stranger, KEEP).exists()


def test_marks_of_state_secrets_are_refused_in_a_reason(person, says, clerk):
    fact = says("性别", "男")
    with pytest.raises(DomainError) as refused:
        decide(person, "性别", Choice(claim=str(fact.pk)), clerk, "见机密★长期的命令")
    assert refused.value.code == "secret-mark"


def test_a_contradiction_may_be_put_off_or_stand_and_returns_when_more_is_said(person, says, clerk):
    says(BORN, "1932-05", "1956")
    says("入伍日期", "1942-01", "1956")
    doubt = person.doubts.get(code="years-birth-enlistment")
    services.put_off(doubt, reason="等原部队回函", acting_user=clerk)
    assert ("years-birth-enlistment", "later") in doubts(person)
    services.let_stand(doubt, reason="红小鬼，多份材料一致", acting_user=clerk)
    assert ("years-birth-enlistment", "stands") in doubts(person)
    says("籍贯", "江苏常熟")  # nothing to do with it
    assert ("years-birth-enlistment", "stands") in doubts(person)
    says("入伍日期", "1943-01", "1950")
    assert ("years-birth-enlistment", "open") in doubts(person)


def test_sources_that_disagree_do_not_stand_by_word_alone(person, says, clerk):
    says("性别", "男", "1956")
    says("性别", "女", "1962")
    with pytest.raises(DomainError) as refused:
        services.let_stand(person.doubts.get(), reason="就这样算了", acting_user=clerk)
    assert refused.value.code == "needs-ruling"
    held = services.put_off(person.doubts.get(), reason="等回函再定", acting_user=clerk)
    assert services.take_up(held, acting_user=clerk).state == "open"
