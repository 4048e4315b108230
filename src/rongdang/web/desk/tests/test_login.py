"""Logging in: on the ledger, locked after five failures, ended by a closed account or a new password."""

import json
import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import hashers
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from rongdang.base.accounts import factors
from rongdang.base.accounts.models import Refusal, RoleAssignment, User
from rongdang.base.accounts.services import (
    assign_role,
    close_account,
    reopen_account,
    set_password,
)
from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger.models import Entry

pytestmark = pytest.mark.django_db
GOOD = "correct horse 42"
CAME = {"address": "10.0.0.7", "by": ["password"]}
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="\w+"')


def fresh(user):
    return User.objects.get(pk=user.pk)


def enter(client, username="zhou", password=GOOD, address="10.0.0.7"):
    return client.post(
        reverse("login"), {"username": username, "password": password}, REMOTE_ADDR=address
    )


def told(event):
    return [
        (entry.actor, entry.subject_id, json.loads(bytes(entry.side.body)))
        for entry in Entry.objects.filter(event=event).order_by("seq")
    ]


def test_coming_and_going_are_on_the_ledger(clerk, client):
    assert enter(client).status_code == 302
    assert told("session:open") == [(str(clerk.pk), str(clerk.pk), CAME)]
    assert client.get(reverse("home")).status_code == 200
    client.post(reverse("logout"))
    assert Entry.objects.get(event="session:close").actor == str(clerk.pk)
    assert client.get(reverse("home")).status_code == 302


def test_a_wrong_password_says_so_and_is_noted_against_the_account(clerk, client):
    answer = enter(client, password="wrong")
    assert answer.status_code == 200 and "用户名或口令不对" in answer.content.decode()
    assert told("session:refuse") == [(None, str(clerk.pk), {"address": "10.0.0.7"})]


def test_what_was_typed_for_a_name_is_not_kept_when_it_names_nobody(clerk, client):
    enter(client, username="my-secret-password", password="x")
    entry = Entry.objects.get(event="session:refuse")
    assert entry.subject_id == "" and b"my-secret" not in bytes(entry.body)
    assert b"my-secret" not in bytes(entry.side.body)


def test_five_failures_lock_and_say_for_how_long(clerk, client):
    for _ in range(4):
        assert enter(client, password="wrong").status_code == 200
    locked = enter(client, password="wrong")
    assert locked.status_code == 429 and "15 分钟" in locked.content.decode()
    assert enter(client).status_code == 429  # the right one does not help now
    assert Entry.objects.filter(event="session:lock").exists()
    assert not Entry.objects.filter(event="session:open").exists()


def test_a_success_in_between_counts_anew(clerk, client):
    for _ in range(4):
        enter(client, password="wrong")
    assert enter(client).status_code == 302
    for _ in range(4):
        assert enter(Client(), password="wrong").status_code == 200


def test_a_lock_holds_one_account_at_one_address(clerk, reviewer, client):
    for _ in range(6):
        enter(client, password="wrong")
    assert enter(Client()).status_code == 429
    assert enter(Client(), username="qin").status_code == 302
    assert enter(Client(), address="10.0.0.8").status_code == 302


def test_a_closed_account_is_out_at_once_and_does_not_come_in_again(clerk, client, person_in, city):
    officer = person_in("sun", "system", city)
    enter(client)
    close_account(clerk, acting_user=officer)
    assert client.get(reverse("home")).status_code == 302
    assert enter(Client()).status_code == 200


def test_a_new_password_ends_every_open_session(clerk, client, person_in, city, reset_password):
    officer = person_in("sun", "system", city)
    enter(client)
    reset_password(clerk, "a quite new one 7", officer)
    assert client.get(reverse("home")).status_code == 302
    assert enter(Client(), password="a quite new one 7").status_code == 302


def test_the_login_leads_back_to_the_page_and_to_no_other_site(clerk, client):
    url = reverse("login")
    data = {"username": "zhou", "password": GOOD, "next": "/people/"}
    assert client.post(url, data).headers["Location"] == "/people/"
    other = Client().post(url, {**data, "next": "https://evil.example/"})
    assert other.headers["Location"] == "/"


def test_logging_out_needs_a_post(clerk, client):
    enter(client)
    assert client.get(reverse("logout")).status_code == 405
    assert client.get(reverse("home")).status_code == 200


def test_n06_known_and_unknown_names_get_the_same_words_and_are_locked_alike(clerk, client):
    def said(username):
        browser = Client()
        answers = [enter(browser, username=username, password="wrong") for _ in range(6)]
        return [
            (answer.status_code, TOKEN.sub("", answer.content.decode().replace(username, "NAME")))
            for answer in answers
        ]

    assert said("zhou") == said("nobody")


def test_n06_the_same_work_is_done_for_a_name_nobody_has(clerk, client, monkeypatch):
    """Hashing is what takes time: once for either, never once the door is shut."""
    done = []
    encode = hashers.MD5PasswordHasher.encode

    def counted(*given, **more):
        done.append(1)
        return encode(*given, **more)

    monkeypatch.setattr(hashers.MD5PasswordHasher, "encode", counted)
    counts = {}
    for name in ("zhou", "nobody"):
        done.clear()
        for _ in range(8):
            enter(Client(), username=name, password="wrong")
        counts[name] = len(done)
    assert counts["zhou"] == counts["nobody"] == 5


def test_an_account_is_shut_when_tried_from_many_addresses(clerk, client):
    for number in range(20):
        enter(Client(), password="wrong", address=f"10.0.1.{number}")
    assert enter(Client(), address="10.0.2.1").status_code == 429
    assert Alarm.objects.get(kind="login-locked").subject_id == str(clerk.pk)


def test_an_address_is_shut_when_it_tries_many_accounts(clerk, reviewer, client):
    for number in range(50):
        enter(Client(), username=f"guess{number}", password="wrong")
    assert enter(Client()).status_code == 429
    assert enter(Client(), address="10.0.0.8").status_code == 302
    assert Alarm.objects.filter(kind="address-locked").exists()


def test_a_lock_opens_again_after_its_time(clerk, client):
    for _ in range(6):
        enter(client, password="wrong")
    Refusal.objects.update(at=timezone.now() - timedelta(minutes=16))
    assert enter(client).status_code == 302


def test_names_typed_are_not_stored_in_clear(clerk, client):
    enter(client, username="my-secret-password", password="x")
    assert "my-secret" not in str(list(Refusal.objects.values()))


def test_one_session_an_account_the_new_one_ends_the_old(clerk, client):
    enter(client)
    other = Client()
    enter(other)
    assert other.get(reverse("home")).status_code == 200
    assert client.get(reverse("home")).status_code == 302


def test_n08_a_session_of_before_the_login_is_not_the_one_after(clerk, client):
    client.get(reverse("login"))
    session = client.session
    session["planted"] = "x"
    session.save()
    before = session.session_key
    client.cookies["sessionid"] = before
    enter(client)
    assert client.session.session_key != before and "planted" not in client.session


def test_n08_a_cookie_opens_nothing_after_logout_password_or_role_change(
    clerk, client, person_in, city, station, reset_password
):
    system = person_in("sun", "system", city)
    for ends in (
        lambda: client.post(reverse("logout")),
        lambda: reset_password(fresh(clerk), "a quite new one 7", system),
        lambda: assign_role(user=fresh(clerk), role="reviewer", unit=station, acting_user=None),
    ):
        set_password(user=fresh(clerk), password=GOOD, acting_user=fresh(clerk))
        enter(client)
        kept = client.cookies["sessionid"].value
        assert client.get(reverse("home")).status_code == 200
        ends()
        thief = Client()
        thief.cookies["sessionid"] = kept
        assert thief.get(reverse("home")).status_code == 302


def test_a_reopened_account_does_not_bring_old_sessions_back(clerk, client, person_in, city):
    officer = person_in("sun", "system", city)
    enter(client)
    close_account(fresh(clerk), acting_user=officer)
    reopen_account(fresh(clerk), acting_user=officer)
    assert client.get(reverse("home")).status_code == 302


def test_a_password_set_by_another_opens_once_to_choose_one_s_own(
    clerk, client, person_in, city, reset_password
):
    officer = person_in("sun", "system", city)
    reset_password(clerk, "a quite new one 7", officer)
    came = enter(client, password="a quite new one 7")
    assert came.headers["Location"] == reverse("login-password")
    assert client.get(reverse("home")).status_code == 302
    page = client.get(came.headers["Location"])
    assert "别人给您设的" in page.content.decode() and page.headers["Cache-Control"] == "no-store"

    def chosen(password, again):
        data = {"password": password, "again": again}
        return client.post(reverse("login-password"), data)

    assert chosen("a quite new one 7", "a quite new one 7").status_code == 422
    assert chosen("my very own word 8", "another").status_code == 422
    assert chosen("my very own word 8", "my very own word 8").status_code == 302
    assert client.get(reverse("home")).status_code == 200


def test_the_steps_of_the_login_open_only_to_whoever_gave_the_first_proof(client, clerk):
    for name in ("login-code", "login-factor", "login-password"):
        assert client.get(reverse(name)).headers["Location"] == reverse("login")


def test_n28_a_forged_role_keeps_its_owner_out_at_the_login_page(clerk, client, station):
    RoleAssignment.objects.create(user=clerk, role="reviewer", unit=station)
    answer = enter(client)
    assert answer.status_code == 403 and "绕过系统改过" in answer.content.decode()
    assert client.get(reverse("home")).status_code == 302


def test_n28_no_step_of_the_login_makes_good_what_was_changed_by_sql(clerk, client):
    """A password put in as one that is due, and a factor taken away, would else be sealed by its owner."""
    User.objects.filter(pk=clerk.pk).update(
        password=hashers.make_password("known to the thief"), password_at=None
    )
    assert enter(client, password="known to the thief").status_code == 403
    mine = {"password": "my very own word 8", "again": "my very own word 8"}
    assert client.post(reverse("login-password"), mine).headers["Location"] == reverse("login")
    assert enter(client, password="known to the thief").status_code == 403
    assert Alarm.objects.get(kind="role-forged").about == clerk


def test_n28_an_officer_whose_factor_was_removed_by_sql_sets_up_no_other(client, person_in, city):
    officer = person_in("shen", "audit", city)
    factors.add_app(officer, factors.new_secret())
    Authenticator.objects.filter(user=officer).delete()
    answer = enter(client, username="shen")
    assert answer.status_code == 403 and "绕过系统改过" in answer.content.decode()
    assert client.get(reverse("login-factor")).headers["Location"] == reverse("login")
