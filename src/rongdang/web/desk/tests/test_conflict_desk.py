"""The desk for what does not agree, the story of a record, and the rules: over HTTP."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.describe.conflicts.models import Doubt, RuleChange, Ruling
from rongdang.describe.conflicts.tests.conftest import (  # noqa: F401
    colleague,
    page,
    person,
    row,
    says,
)
from rongdang.web.desk.tests import world as worlds

pytestmark = pytest.mark.django_db
LIST = reverse("conflicts:list")


def entered(user):
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    worlds.proved(client)
    return client


@pytest.fixture
def desk(clerk):
    return entered(clerk)


def one(doubt):
    return reverse("conflicts:one", args=[doubt.pk])


def text(answer):
    return answer.content.decode()


def test_the_list_counts_by_severity_and_unit_and_is_narrowed(desk, person, says, station):
    says("性别", "男", "1956")
    says("性别", "女", "1962")
    says("籍贯", "江苏常熟", "1956")
    says("籍贯", "江苏无锡", "1962")
    wrong = text(desk.get(LIST))
    assert "林长河" in wrong and "性别有几种说法" in wrong and "籍贯有几种说法" not in wrong
    assert re.search(r"不能同时成立 <span class=\"num\">1<", wrong)
    asked = text(desk.get(LIST, {"severity": "ask", "unit": station.path, "field": "籍贯"}))
    assert "籍贯有几种说法" in asked and "梧桐里军休所 · 1 + 1" in asked
    assert "没有等着定的" in text(desk.get(LIST, {"severity": "ask", "field": "民族"}))
    assert "没有等着定的" in text(desk.get(LIST, {"person": "x", "after": "x", "state": "x"}))


def test_both_sources_side_by_side_as_they_wrote_it_with_rule_and_clause(desk, person, says, row):
    says("出生日期", "1938-04", "1956", title="入伍登记表")
    row({"出生日期": ["1936-04", "36年4月"], "姓名": "林长河"})
    shown = text(desk.get(one(Doubt.objects.get(code="sources:birth"))))
    for word in (
        "入伍登记表",
        "市局工资库 第 7 行",
        "36年4月",
        "组通字〔2006〕41号",
        "形成时间早的",
    ):
        assert word in shown, word
    assert shown.count("按规则是这一种") == 1 and "/images/pages/" in shown


def test_a_decision_is_made_and_the_next_one_follows(desk, person, says, clerk):
    says("性别", "男", "1956")
    second = says("性别", "女", "1962")
    doubt = Doubt.objects.get()
    answer = desk.post(
        one(doubt), {"act": "decide", "claim": str(second.pk), "reason": "身份号码为证"}
    )
    assert answer.status_code == 302 and answer.headers["Location"] == LIST
    person.refresh_from_db()
    assert person.sex == "女" and not Doubt.objects.exists()
    assert desk.get(one(doubt)).status_code == 404


def test_a_key_date_is_agreed_by_the_second_at_the_same_page(desk, person, says, colleague):
    says("出生日期", "1938-04", "1956")
    second = says("出生日期", "1936-04", "1979")
    doubt = Doubt.objects.get()
    desk.post(one(doubt), {"act": "decide", "claim": str(second.pk), "reason": "有批复为证"})
    ruling = Ruling.objects.get()
    mine, theirs = text(desk.get(one(doubt))), entered(colleague)
    assert 'value="agree"' not in mine and 'value="agree"' in text(theirs.get(one(doubt)))
    answer = theirs.post(one(doubt), {"act": "agree", "ruling": str(ruling.pk)})
    assert answer.status_code == 302
    person.refresh_from_db()
    assert person.birth == "1936-04"


def test_without_a_reason_or_a_choice_the_page_says_what_is_missing(desk, person, says):
    says("性别", "男", "1956")
    second = says("性别", "女", "1962")
    address = one(Doubt.objects.get())
    assert "没有写明理由" in text(desk.post(address, {"act": "decide", "claim": str(second.pk)}))
    told = text(desk.post(address, {"act": "decide", "claim": "other", "reason": "都不对的"}))
    assert "没有写值" in told and not Ruling.objects.exists()
    assert desk.post(address, {"act": "unknown"}).status_code in (400, 422)


def test_what_changed_under_ones_eyes_is_not_put_off(desk, person, says):
    says("性别", "男", "1956")
    says("性别", "女", "1962")
    address = one(Doubt.objects.get())
    digest = re.search(r'name="digest" value="([^"]+)"', text(desk.get(address)))[1]
    says("性别", "女", "1970")
    answer = desk.post(address, {"act": "later", "reason": "等原部队回函", "digest": digest})
    assert answer.status_code == 409 and Doubt.objects.get().state == "open"


def test_later_and_taken_up_again(desk, person, says):
    says("出生日期", "1932-05", "1956")
    says("入伍日期", "1942-01", "1956")
    doubt = Doubt.objects.get(code="years-birth-enlistment")
    desk.post(one(doubt), {"act": "stands", "reason": "红小鬼，材料一致"})
    assert "红小鬼" in text(desk.get(one(doubt)))
    assert "林长河" in text(desk.get(LIST, {"state": "stands", "severity": "ask"}))
    desk.post(one(doubt), {"act": "take-up"})
    assert Doubt.objects.get(pk=doubt.pk).state == "open"


def test_whose_kin_he_is_a_clerk_does_not_see_his_conflicts(desk, person, says, clerk):
    from rongdang.describe.access.models import Avoidance

    says("性别", "男", "1956")
    says("性别", "女", "1962")
    doubt = Doubt.objects.get()
    Avoidance.objects.create(user=clerk, person=person, ground="kin", relation="子")
    assert desk.get(one(doubt)).status_code == 404 and "林长河" not in text(desk.get(LIST))


def test_the_person_s_file_leads_to_the_desk_and_to_the_story(desk, person, says):
    says("性别", "男", "1956")
    says("性别", "女", "1962")
    desk.post(reverse("people:open", args=[person.pk]), {"purpose": "keep"})
    shown = text(desk.get(reverse("people:detail", args=[person.pk])))
    assert one(Doubt.objects.get()) in shown and reverse("people:story", args=[person.pk]) in shown
    assert "应知的内容已知" in shown


def test_the_story_tells_sources_and_what_was_known_on_a_day(desk, person, says, row):
    says("籍贯", "江苏常熟", "1956", title="自传")
    row({"籍贯": ["江苏常熟", "苏常熟"]})
    address = reverse("people:story", args=[person.pk])
    desk.post(reverse("people:open", args=[person.pk]), {"purpose": "keep"})
    now = text(desk.get(address))
    assert "自传" in now and "市局工资库 第 7 行" in now and "苏常熟" in now
    before = text(desk.get(address, {"known": "2020-01-01", "valid": "1960-01-01"}))
    assert "那时还不知道" in before and "这是 2020-01-01 那天所知道的" in before
    assert desk.get(address, {"known": "31.12.2020"}).status_code == 200


def test_the_story_is_shut_without_a_reason(person, says, reviewer):
    says("籍贯", "江苏常熟")
    answer = entered(reviewer).get(reverse("people:story", args=[person.pk]))
    assert answer.headers["Location"].startswith(reverse("people:open", args=[person.pk]))


def test_the_rules_are_read_by_all_who_work_with_records_and_changed_by_two(
    desk, person_in, station, city
):
    address = reverse("officers:record-rules")
    assert "组通字〔2006〕41号" in text(desk.get(address))
    security = entered(person_in("gu", "security", city))
    leader = entered(person_in("he", "leader", station))
    rule = {"act": "ask", "unit": station.code, "field": "籍贯", "first": "earliest"}
    rule |= {"second": "order", "clause": "梧桐市〔2026〕3号", "reason": "籍贯按入伍时的登记为准"}
    assert security.post(address, rule).status_code == 302
    change = RuleChange.objects.get()
    assert change.by == ["earliest", "order"]
    told = {"act": "agree", "change": str(change.pk)}
    assert security.post(address, told).status_code == 403
    assert desk.post(address, told).status_code == 403
    assert leader.post(address, told).status_code == 302
    assert "梧桐市〔2026〕3号" in text(desk.get(address))


def test_the_list_asks_as_often_for_many_as_for_few(desk, person, says, clerk, station):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from rongdang.describe.people.services import FactValue, confirm_facts, create_person
    from rongdang.web import waiting

    def conflicting(name):
        one = create_person(unit=station, name=name, acting_user=clerk)
        values = [FactValue("性别", sex, formed="1962") for sex in "男女"]
        confirm_facts(one, values, acting_user=clerk)

    def queries():
        waiting._kept.clear()
        with CaptureQueriesContext(connection) as captured:
            assert desk.get(LIST).status_code == 200
        return len(captured)

    conflicting("何一")
    few = queries()
    for number in range(12):
        conflicting(f"何{number}")
    assert queries() <= few <= 10
