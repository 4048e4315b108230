"""A session ends when nobody acts, after a working day, and is not kept alive by a page that looks by itself."""

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rongdang.web.desk.tests.test_login import enter

pytestmark = pytest.mark.django_db


def pass_time(client, minutes):
    """The session as it is so many minutes later."""
    session = client.session
    session["began"] -= minutes * 60
    row = Session.objects.get(pk=session.session_key)
    row.session_data = session.encode(dict(session.items()))
    row.expire_date -= timedelta(minutes=minutes)
    row.save()


def test_after_a_quarter_of_an_hour_without_an_act_one_is_out(clerk, client):
    enter(client)
    pass_time(client, 14)
    assert client.get(reverse("home")).status_code == 200
    pass_time(client, 14)  # the act in between counted
    assert client.get(reverse("home")).status_code == 200
    pass_time(client, 16)
    assert client.get(reverse("home")).status_code == 302


def test_after_a_working_day_one_is_out_however_busy(clerk, client):
    enter(client)
    for _ in range(48):
        pass_time(client, 10)
        last = client.get(reverse("home")).status_code
    assert last == 302


def test_a_page_that_looks_again_by_itself_keeps_nobody_in(clerk, client):
    enter(client)
    for _ in range(4):
        pass_time(client, 4)
        last = client.get("/people/", {"tick": "1"}).status_code
    assert last == 302


def test_an_act_costs_a_write_at_most_every_tenth_of_the_time(clerk, client):
    enter(client)
    for minutes, writes in ((0, 0), (1, 0), (5, 1), (0, 0)):
        pass_time(client, minutes)
        with CaptureQueriesContext(connection) as captured:
            assert client.get("/people/").status_code == 200
        told = [one["sql"] for one in captured if one["sql"].startswith("UPDATE")]
        assert len(told) == writes, (minutes, told)


def test_the_cookie_ends_with_the_browser_and_scripts_do_not_see_it(clerk, client):
    cookie = enter(client).cookies["sessionid"]
    assert cookie["max-age"] == "" and cookie["expires"] == ""
    assert cookie["httponly"] and cookie["samesite"] == "Lax"


def test_n16_nothing_stays_in_a_cache_and_after_logout_the_page_is_gone(clerk, client):
    enter(client)
    for name in ("home", "people:list", "password", "factors"):
        assert client.get(reverse(name)).headers["Cache-Control"] == "no-store"
    client.post(reverse("logout"))
    assert client.get(reverse("people:list")).status_code == 302


def test_sessions_that_are_over_do_not_pile_up(clerk, client):
    enter(client)
    Session.objects.update(expire_date=timezone.now() - timedelta(minutes=1))
    enter(client)
    assert Session.objects.count() == 1
