"""A grant from the asking to the print, and an emergency from the glass to the review, by browser."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import factors
from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.grants import readers
from rongdang.describe.grants.models import EmergencyUse, Grant
from rongdang.describe.people.services import create_person
from rongdang.web.desk.tests import world as worlds

pytestmark = pytest.mark.django_db
REASON = "林老突发心梗，急查药物过敏史"


@pytest.fixture
def enter():
    def sign_in(user):
        client = Client()
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        worlds.proved(client)
        return client

    return sign_in


@pytest.fixture
def case_file(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    made = open_case_file(person, acting_user=clerk)
    filed(made, clerk, title="干部履历表", texts=("三连战士",))
    filed(made, clerk, title="本人历史问题的交代", category="5", texts=("没有问题",))
    return made


@pytest.fixture
def leader(person_in, station):
    return person_in("liu", "leader", station)


@pytest.fixture
def chief(person_in, city):
    return person_in("cheng", "leader", city)


@pytest.fixture
def guard(person_in, city):
    return person_in("gu", "security", city)


def ask(client, case_file, **wanted):
    until = timezone.localtime() + dt.timedelta(days=1)
    form = {
        "numbers": case_file.number,
        "purpose": "party",
        "levels": ["基本", "内部"],
        "reason": "政审，市局〔2026〕12号",
        "until": f"{until:%Y-%m-%dT%H:%M}",
        **wanted,
    }
    return client.post(reverse("grants:ask"), form)


def state(client, case_file, purpose):
    url = reverse("people:open", args=[case_file.person_id])
    return client.post(url, {"purpose": purpose, "note": "政审，市局〔2026〕12号"})


def seen(client, case_file):
    answer = client.get(reverse("people:detail", args=[case_file.person_id]))
    return answer.content.decode() if answer.status_code == 200 else answer.status_code


def test_somebody_from_elsewhere_sees_the_granted_levels_until_it_is_taken_back(
    enter, stranger, chief, guard, case_file
):
    there, above, officer = enter(stranger), enter(chief), enter(guard)
    assert seen(there, case_file) == 404
    assert ask(there, case_file).status_code == 302
    assert seen(there, case_file) == 404
    grant = Grant.objects.get()
    assert "政审" in above.get(reverse("grants:desk")).content.decode()
    decided = above.post(reverse("grants:decide", args=[grant.pk]), {"act": "give"})
    assert decided.status_code == 302
    assert state(there, case_file, "inquiry").status_code == 422
    assert state(there, case_file, "party").status_code == 302
    page = seen(there, case_file)
    assert "干部履历表" in page and "本人历史问题的交代" in page
    why = {"why": "任务已结束"}
    assert officer.post(reverse("grants:withdraw", args=[grant.pk]), why).status_code == 302
    assert seen(there, case_file) == 404
    assert "任务已结束" in there.get(reverse("grants:own")).content.decode()


def test_a_leader_sees_what_his_role_leaves_out_only_by_a_grant(enter, leader, chief, case_file):
    here, above = enter(leader), enter(chief)
    assert state(here, case_file, "party").status_code == 302
    page = seen(here, case_file)
    assert "干部履历表" in page and "本人历史问题的交代" not in page
    ask(here, case_file)
    above.post(reverse("grants:decide", args=[Grant.objects.get().pk]), {"act": "give"})
    assert "本人历史问题的交代" in seen(here, case_file)


def test_N40_each_print_is_counted_and_beyond_the_count_none_goes_out(
    enter, leader, chief, case_file
):
    here, above = enter(leader), enter(chief)
    state(here, case_file, "party")
    names = ("people:catalogue", "people:catalogue-pdf", "people:notes-pdf", "people:label-pdf")
    prints = [reverse(name, args=[case_file.person_id]) for name in names]
    assert [here.get(url).status_code for url in prints] == [403] * 4
    ask(here, case_file, prints="2")
    above.post(reverse("grants:decide", args=[Grant.objects.get().pk]), {"act": "give"})
    assert [here.get(url).status_code for url in prints] == [200, 200, 403, 403]
    assert Entry.objects.filter(event="casefile:print").count() == 2
    assert Entry.objects.filter(event="grant:use").count() == 2
    assert Alarm.objects.get(kind="grant-exceeded").times == 2


def test_N40_an_export_is_counted_too(enter, leader, chief, case_file):
    here, above = enter(leader), enter(chief)
    url = reverse("people:export", args=[case_file.person_id])
    state(here, case_file, "inquiry")
    password = "correct horse battery 9"
    form = {"form": "gbt33870", "password": password}
    assert here.post(url, form).status_code == 404
    whole = ["基本", "家庭", "健康", "奖惩", "内部"]
    ask(here, case_file, exports="1", purpose="inquiry", levels=whole)
    above.post(reverse("grants:decide", args=[Grant.objects.get().pk]), {"act": "give"})
    assert here.get(url).status_code == 200
    assert here.post(url, form).status_code == 200
    assert here.post(url, form).status_code == 403
    assert Entry.objects.filter(event="casefile:export").count() == 1


def test_N22_the_glass_breaks_with_a_second_factor_for_one_file_and_is_reviewed(
    enter, reviewer, guard, chief, station, case_file
):
    reader = readers.name_reader(user=reviewer, unit=station, why="夜班", acting_user=guard)
    readers.confirm_reader(reader, acting_user=chief)
    night, officer = enter(reviewer), enter(guard)
    url = reverse("emergency:open")
    form = {"sought": "林长河", "reason": REASON}
    assert night.post(url, form).status_code == 403  # a password alone
    assert not EmergencyUse.objects.exists()
    factors.add_app(reviewer, factors.new_secret())
    answer = night.post(url, form)
    assert answer.headers["Location"] == reverse("people:detail", args=[case_file.person_id])
    page = seen(night, case_file)
    assert "干部履历表" in page and "本人历史问题的交代" in page
    again = night.post(url, form)
    assert again.headers["Location"].startswith(reverse("confirm"))  # proved anew each time
    told = officer.get(reverse("officers:alarms")).content.decode()
    assert REASON in told and reverse("emergency:office") in told
    office = reverse("emergency:office")
    use = EmergencyUse.objects.get()
    finding = {"act": "review", "use": str(use.pk), "justified": "no", "finding": "没有紧急情况"}
    assert officer.post(office, finding).status_code == 302
    assert "没有紧急情况" in officer.get(office).content.decode()
    worlds.proved(night)
    assert night.post(url, form).status_code == 403
    assert EmergencyUse.objects.count() == 1


def test_the_page_behind_the_glass_is_there_only_for_the_named(enter, clerk):
    assert enter(clerk).get(reverse("emergency:open")).status_code == 404


@pytest.mark.parametrize("wrong", [{"until": "明天"}, {"until": ""}, {"prints": "999"}])
def test_a_form_that_says_nonsense_is_told_what_is_wrong(enter, leader, case_file, wrong):
    answer = ask(enter(leader), case_file, **wrong)
    assert answer.status_code == 422 and not Grant.objects.exists()
