"""Logging in: on the ledger, locked after five failures, ended by a closed account or a new password."""

import json

import pytest
from django.test import Client
from django.urls import reverse

from rongdang.base.accounts.services import close_account, set_password
from rongdang.base.ledger.models import Entry

pytestmark = pytest.mark.django_db
GOOD = "correct horse 42"


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
    assert told("session:open") == [(str(clerk.pk), str(clerk.pk), {"address": "10.0.0.7"})]
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


def test_a_new_password_ends_every_open_session(clerk, client, person_in, city):
    officer = person_in("sun", "system", city)
    enter(client)
    set_password(user=clerk, password="a quite new one 7", acting_user=officer)
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
