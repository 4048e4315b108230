"""The officers' page of alarms: what it says, where it leads, and how one leaves it."""

import pytest
from django.urls import reverse

from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.kinds import kinds
from rongdang.base.alarms.models import Alarm
from rongdang.base.alarms.services import raise_alarm
from rongdang.web import words

pytestmark = pytest.mark.django_db


@pytest.fixture
def guard(person_in, city):
    return person_in("gu", "security", city)


def sign_in(client, user):
    client.force_login(user, "django.contrib.auth.backends.ModelBackend")
    return client


def test_the_place_where_an_alarm_is_acted_on_is_there_and_asks_for_a_right():
    for row in kinds().values():
        if row.page:
            assert reverse(row.page) and words.ALARM_PAGES[row.page] in set(Permission)


def test_no_code_and_no_key_of_a_row_is_shown_where_a_word_is_meant(client, guard, clerk):
    raise_alarm(kind="secret-gate-off", detail={"hours": 2, "proposed_by": str(clerk.pk)})
    raise_alarm(kind="sandbox-weak", detail={"acts": ["network", "write"], "how": "by-code"})
    raise_alarm(kind="object-damaged", detail={"mended": True})
    page = sign_in(client, guard).get(reverse("officers:alarms")).content.decode()
    for word in ("提出人", clerk.display_name, "不能联网、不能写文件", "已修复", "<dd>是</dd>"):
        assert word in page, word
    for code in (str(clerk.pk), "proposed_by", "network", "by-code"):
        assert code not in page, code


def test_it_says_who_what_when_and_what_to_do(client, guard, clerk):
    told = {"reason": "急查", "until": "2026-11-24T10:30:00+00:00", "odd": [1]}
    for _ in range(3):
        raise_alarm(kind="glass-broken", about=clerk, detail=told)
    page = sign_in(client, guard).get(reverse("officers:alarms")).content.decode()
    for word in (
        kinds()["glass-broken"].zh,
        kinds()["glass-broken"].todo_zh,
        clerk.display_name,
        "3 次",
        "急查",
        "2026-11-24 18:30",
        reverse("emergency:office"),
    ):
        assert word in page, word


def test_it_waits_in_the_menu_until_it_is_settled_with_a_note(client, guard, clerk):
    alarm = raise_alarm(kind="login-locked", about=clerk)
    sign_in(client, guard)
    url = reverse("officers:alarms")
    assert client.post(url, {"alarm": alarm.pk, "note": " "}).status_code == 422
    assert client.post(url, {"alarm": "x", "note": "查过"}).status_code == 404
    assert client.post(url, {"alarm": alarm.pk, "note": "本人忘了口令"}).status_code == 302
    page = client.get(url).content.decode()
    assert "没有等查明的告警" in page and "本人忘了口令" in page
    assert not Alarm.objects.waiting().exists()


def test_the_audit_officer_reads_along_and_settles_nothing(client, person_in, city, clerk):
    alarm = raise_alarm(kind="login-locked", about=clerk)
    sign_in(client, person_in("shen", "audit", city))
    url = reverse("officers:alarms")
    page = client.get(url).content.decode()
    assert kinds()["login-locked"].zh in page and 'name="note"' not in page
    assert client.post(url, {"alarm": alarm.pk, "note": "查过"}).status_code == 403
