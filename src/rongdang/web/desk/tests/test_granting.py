"""A grant from the asking to the print, and an emergency from the glass to the review, by browser."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import factors
from rongdang.base.alarms.models import Alarm
from rongdang.base.jobs import worker
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


def decide(client, **less):
    """Give the one grant there is, by the form as the page fills it in, `less` in its place."""
    grant = Grant.objects.get()
    asked = grant.asked
    form = {
        "act": "give",
        "numbers": asked.numbers,
        "levels": asked.levels,
        "prints": asked.prints,
        "exports": asked.exports,
        "until": f"{timezone.localtime(asked.until):%Y-%m-%dT%H:%M}",
        **less,
    }
    return client.post(reverse("grants:decide", args=[grant.pk]), form)


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
    assert decide(above).status_code == 302
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
    decide(above)
    assert "本人历史问题的交代" in seen(here, case_file)


def test_less_is_given_than_was_asked_and_both_are_read_by_both(enter, stranger, chief, case_file):
    there, above = enter(stranger), enter(chief)
    ask(there, case_file, prints="3")
    page = above.get(reverse("grants:desk")).content.decode()
    for field in ("numbers", "levels", "prints", "until"):
        assert f'name="{field}"' in page
    assert 'name="exports"' not in page  # was not asked for
    answer = decide(above, levels=["基本"], prints="1")
    assert answer.status_code == 302
    state(there, case_file, "party")
    seen_there = seen(there, case_file)
    assert "干部履历表" in seen_there and "本人历史问题的交代" not in seen_there
    for client, name in ((there, "grants:own"), (above, "grants:desk")):
        told = client.get(reverse(name)).content.decode()
        given, asked = told.split("批的比申请的少")
        assert "已用 0 次，共 1 次" in given and "3 次" in asked
        assert "内部" in asked and "内部" not in given.split(case_file.number)[-1]


@pytest.mark.parametrize(
    "more",
    [
        {"levels": ["基本", "内部", "健康"]},
        {"numbers": ["X002-没有申请"]},
        {"numbers": []},
        {"prints": "9"},
        {"until": "2999-01-01T00:00"},
        {"until": ""},
    ],
)
def test_a_form_that_gives_more_than_was_asked_or_nothing_is_refused(
    enter, leader, chief, case_file, more
):
    ask(enter(leader), case_file, prints="3")
    answer = decide(enter(chief), **more)
    assert answer.status_code == 422
    assert Grant.objects.get().state == "asked" and not Grant.objects.get().covered.exists()


def test_N40_each_print_is_counted_and_beyond_the_count_none_goes_out(
    enter, leader, chief, case_file
):
    here, above = enter(leader), enter(chief)
    state(here, case_file, "party")
    names = ("people:catalogue", "people:catalogue-pdf", "people:notes-pdf", "people:label-pdf")
    prints = [reverse(name, args=[case_file.person_id]) for name in names]
    assert [here.get(url).status_code for url in prints] == [403] * 4
    ask(here, case_file, prints="2")
    decide(above)
    assert [here.get(url).status_code for url in prints] == [200, 200, 403, 403]
    assert Entry.objects.filter(event="casefile:print").count() == 2
    assert Entry.objects.filter(event="grant:use").count() == 2
    assert Alarm.objects.get(kind="grant-exceeded").times == 2


def test_N40_an_export_is_counted_too(enter, leader, chief, case_file):
    here, above = enter(leader), enter(chief)
    url = reverse("people:export", args=[case_file.person_id])
    state(here, case_file, "inquiry")
    password = "correct horse battery 9"
    form = {"form": "pdf", "password": password}
    assert here.post(url, form).status_code == 404
    whole = ["基本", "家庭", "健康", "奖惩", "内部"]
    ask(here, case_file, exports="1", purpose="inquiry", levels=whole)
    decide(above)
    assert "gbt33870" not in here.get(url).content.decode()
    # The directory holds unmarked masters: with a grant to consult it is not made, nor counted.
    refused = here.post(url, {**form, "form": "gbt33870"})
    assert refused.status_code == 403 and "转递移交" in refused.content.decode()
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


def test_behind_the_glass_the_file_is_searched_until_its_hour_is_over(
    enter, leader, guard, chief, station, case_file, monkeypatch
):
    while worker.run_one():
        pass  # the index
    readers.confirm_reader(
        readers.name_reader(user=leader, unit=station, why="夜班", acting_user=guard),
        acting_user=chief,
    )
    factors.add_app(leader, factors.new_secret())
    night, search = enter(leader), reverse("search:results")
    assert night.get(search, {"q": "没有问题"}).context["results"].total == 0
    night.post(reverse("emergency:open"), {"sought": "林长河", "reason": REASON})
    found = night.get(search, {"q": "没有问题"})
    assert found.context["results"].total == 1 and "按授权：紧急" in found.content.decode()
    [hit] = found.context["results"].hits
    picture = reverse("images:page", args=[hit.found.page_id, 900])
    assert night.get(picture).status_code == 200
    over = EmergencyUse.objects.get().grant.until
    monkeypatch.setattr(timezone, "now", lambda: over)
    night = enter(leader)  # the session of before has ended as well
    later = night.get(search, {"q": "没有问题"})
    assert later.context["results"].total == 0 and "按授权" not in later.content.decode()
    assert not any(later.context["results"].facets.values())
    assert night.get(picture).status_code in (403, 404)


def test_the_page_behind_the_glass_is_there_only_for_the_named(enter, clerk):
    assert enter(clerk).get(reverse("emergency:open")).status_code == 404


@pytest.mark.parametrize("wrong", [{"until": "明天"}, {"until": ""}, {"prints": "999"}])
def test_a_form_that_says_nonsense_is_told_what_is_wrong(enter, leader, case_file, wrong):
    answer = ask(enter(leader), case_file, **wrong)
    assert answer.status_code == 422 and not Grant.objects.exists()
