"""The second factor: required of officers, its codes count once, asked again before what is grave."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse

from rongdang.base.accounts import factors
from rongdang.base.accounts.models import User
from rongdang.base.ledger.models import Entry
from rongdang.web.desk.tests.test_login import enter
from rongdang.web.desk.tests.world import proved

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer(person_in, city):
    return person_in("an", "security", city)


def code(secret, steps=0):
    step = int(time.time()) // factors.STEP + steps
    return totp.format_hotp_value(totp.hotp_value(secret, step))


def with_app(user):
    secret = factors.new_secret()
    return secret, factors.add_app(user, secret)


def shown_secret(page):
    return re.search(r"data-secret>([A-Z2-7 ]+)<", page.content.decode())[1].replace(" ", "")


def is_in(client):
    return "_auth_user_id" in client.session


def test_an_officer_is_led_to_set_it_up_and_in_only_then(officer, client):
    came = enter(client, "an")
    assert came.headers["Location"] == reverse("login-factor") and not is_in(client)
    page = client.get(came.headers["Location"])
    assert "先不设" not in page.content.decode()
    secret = shown_secret(page)
    assert client.post(came.headers["Location"], {"later": "yes"}).status_code == 200
    assert client.post(came.headers["Location"], {"code": "000000"}).status_code == 200
    assert not is_in(client) and not factors.has_one(officer)
    page = client.post(came.headers["Location"], {"code": code(secret)})
    codes = re.findall(r"<li>(\d{8})</li>", page.content.decode())
    assert len(codes) == 10 and not is_in(client)
    assert client.get(came.headers["Location"]).status_code == 302 and is_in(client)
    assert Entry.objects.filter(event="factor:add").count() == 1
    assert not factors.code_fits(officer, code(secret))  # the code that set it up is spent


def test_the_codes_page_opens_the_door_once_and_only_to_this_session(officer, client):
    with_app(officer)
    enter(client, "an")
    assert client.get(reverse("login-factor")).headers["Location"] == reverse("login-code")
    assert not is_in(client)


def test_with_a_code_one_is_in_and_without_not(officer, client):
    secret, _codes = with_app(officer)
    came = enter(client, "an")
    assert came.headers["Location"] == reverse("login-code")
    assert client.get(reverse("home")).status_code == 302
    assert "不对" in client.post(reverse("login-code"), {"code": "000000"}).content.decode()
    client.post(reverse("login-code"), {"code": code(secret)})
    assert is_in(client)
    entry = Entry.objects.get(event="session:open")
    assert b'"by": ["password", "code"]' in bytes(entry.side.body) or b'"code"' in bytes(
        entry.side.body
    )


def test_n07_a_code_counts_once_in_whichever_session(officer, client):
    secret, _codes = with_app(officer)
    used = code(secret)
    enter(client, "an")
    client.post(reverse("login-code"), {"code": used})
    assert is_in(client)
    other = Client()
    enter(other, "an")
    other.post(reverse("login-code"), {"code": used})
    assert not is_in(other)
    other.post(reverse("login-code"), {"code": code(secret, -1)})  # an earlier one is spent too
    assert not is_in(other)


def test_n07_a_code_of_five_minutes_ago_is_refused(officer, client):
    secret, _codes = with_app(officer)
    enter(client, "an")
    for steps in (-10, 10):
        client.post(reverse("login-code"), {"code": code(secret, steps)})
        assert not is_in(client)


def test_n07_a_recovery_code_counts_once(officer, client):
    _secret, codes = with_app(officer)
    enter(client, "an")
    client.post(reverse("login-code"), {"code": codes[3]})
    assert is_in(client) and Entry.objects.filter(event="factor:use-recovery").exists()
    other = Client()
    enter(other, "an")
    other.post(reverse("login-code"), {"code": codes[3]})
    assert not is_in(other)
    other.post(reverse("login-code"), {"code": codes[4]})
    assert is_in(other)


def test_guessing_codes_shuts_the_door(officer, client):
    with_app(officer)
    enter(client, "an")
    url, place = reverse("login-code"), {"REMOTE_ADDR": "10.0.0.7"}
    answers = [client.post(url, {"code": "000000"}, **place) for _ in range(5)]
    assert answers[-1].status_code == 429
    assert enter(Client(), "an").status_code == 429


def test_the_first_proof_lasts_five_minutes(officer, client, monkeypatch):
    secret, _codes = with_app(officer)
    enter(client, "an")
    later = time.time() + 301
    monkeypatch.setattr(time, "time", lambda: later)
    answer = client.post(reverse("login-code"), {"code": code(secret)})
    assert answer.headers["Location"] == reverse("login") and not is_in(client)


def test_whoever_has_set_one_up_is_asked_for_it_even_where_it_is_not_required(clerk, client):
    with_app(clerk)
    assert enter(client).headers["Location"] == reverse("login-code")


def test_everybody_may_be_asked_by_setting(clerk, client, settings):
    settings.SECOND_FACTOR = "everybody"
    assert enter(client).headers["Location"] == reverse("login-factor")


def test_the_demonstration_lets_it_be_put_off_and_says_so(officer, client, settings):
    settings.SECOND_FACTOR = "ask"
    enter(client, "an")
    assert "这是演示" in client.get(reverse("login-factor")).content.decode()
    client.post(reverse("login-factor"), {"later": "yes"})
    assert is_in(client)
    told = Entry.objects.get(event="session:open")
    assert b'"later"' in bytes(told.side.body)
    assert "只能用于演示" in client.get(reverse("officers:health")).content.decode()


def test_secrets_lie_encrypted_in_the_database(officer):
    secret, codes = with_app(officer)
    told = str(list(Authenticator.objects.values("data")))
    assert secret not in told and not any(one in told for one in codes)


def test_grave_acts_ask_again_after_ten_minutes(officer, client, monkeypatch):
    secret, codes = with_app(officer)
    client.force_login(officer)
    asked = client.get(reverse("officers:changes"))
    assert asked.headers["Location"] == "/confirm/?next=%2Fofficers%2Fchanges%2F"
    url = asked.headers["Location"]
    assert "没有对上" in client.post(url, {"code": "000000"}).content.decode()
    done = client.post(url, {"code": code(secret), "next": "/officers/changes/"})
    assert done.headers["Location"] == "/officers/changes/"
    assert client.get(reverse("officers:changes")).status_code == 200
    assert Entry.objects.filter(event="session:confirm").count() == 1
    later = time.time() + 601
    monkeypatch.setattr(time, "time", lambda: later)
    assert client.get(reverse("officers:changes")).status_code == 302
    assert client.post(reverse("officers:changes"), {}).status_code == 302
    post = client.post(reverse("officers:changes"), {}, headers={"HX-Request": "true"})
    assert post.headers["HX-Redirect"].startswith("/confirm/")


def test_without_a_second_factor_the_password_confirms(person_in, city, client):
    client.force_login(person_in("lu", "leader", city))
    url = reverse("confirm")
    assert client.post(url, {"password": "wrong"}).status_code == 200
    done = client.post(url, {"password": "correct horse 42", "next": "https://evil.example/"})
    assert done.headers["Location"] == "/"
    assert client.get(reverse("officers:changes")).status_code == 200


def test_with_a_second_factor_the_password_does_not_confirm(officer, client):
    with_app(officer)
    client.force_login(officer)
    client.post(reverse("confirm"), {"password": "correct horse 42"})
    assert client.get(reverse("officers:changes")).status_code == 302


def test_one_s_own_page_sets_up_an_app_and_renews_the_codes(clerk, client):
    client.force_login(clerk)
    assert client.get(reverse("factors")).status_code == 302
    proved(client)
    secret = shown_secret(client.get(reverse("factors")))
    refused = client.post(reverse("factors"), {"what": "app", "code": "000000"})
    assert "不是现在的验证码" in refused.content.decode() and not factors.has_one(clerk)
    page = client.post(reverse("factors"), {"what": "app", "code": code(secret)})
    old = re.findall(r"<li>(\d{8})</li>", page.content.decode())
    page = client.post(reverse("factors"), {"what": "codes"})
    new = re.findall(r"<li>(\d{8})</li>", page.content.decode())
    assert len(old) == len(new) == 10 and old != new
    assert not factors.code_fits(clerk, old[0]) and factors.code_fits(clerk, new[0])


def test_a_passkey_that_does_not_fit_is_refused_in_words(clerk):
    client = Client(headers={"host": "localhost"})
    client.force_login(clerk)
    proved(client)
    assert "passkey-new" in client.get(reverse("factors")).content.decode()
    answer = client.post(
        reverse("factors"), {"what": "passkey", "name": "钥匙", "credential": "{}"}
    )
    assert answer.status_code == 422 and not factors.has_one(clerk)


def test_an_address_of_digits_offers_no_passkey(clerk):
    client = Client(headers={"host": "127.0.0.1:8000"})
    client.force_login(clerk)
    proved(client)
    assert "passkey-new" not in client.get(reverse("factors")).content.decode()


def test_a_role_given_to_somebody_without_a_factor_ends_his_session(person_in, city, client):
    from rongdang.base.accounts.services import assign_role, create_user

    create_user(username="new", display_name="新", password="correct horse 42", acting_user=None)
    enter(client, "new")
    assert client.get(reverse("home")).status_code == 200
    user = User.objects.get(username="new")
    assign_role(user=user, role="audit", unit=city, acting_user=None)
    assert client.get(reverse("home")).status_code == 302
    assert enter(client, "new").headers["Location"] == reverse("login-factor")
