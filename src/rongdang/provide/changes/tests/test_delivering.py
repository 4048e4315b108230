"""Sending what changed: signed, in order, kept until it is taken; nothing leaves unasked."""

import datetime as dt
import hmac
import json

import pytest
from django.utils import timezone

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.hosts import services as hosts
from rongdang.base.ledger.models import Entry
from rongdang.describe.people.services import create_person
from rongdang.provide.changes import delivering, subscribing
from rongdang.provide.changes.models import Subscription

pytestmark = [pytest.mark.django_db, pytest.mark.enable_socket]


@pytest.fixture
def held(outside, allowed, reviewer):
    made, secret = subscribing.subscribe(name="市养老系统", url=outside.url, acting_user=reviewer)
    return made, secret


def added(station, clerk, *names):
    return [create_person(unit=station, name=name, acting_user=clerk).pk for name in names]


def later(held, **time):
    """As if so much time had gone by since the last try."""
    Subscription.objects.filter(pk=held.pk).update(next_at=timezone.now())
    if time:
        since = timezone.now() - dt.timedelta(**time)
        Subscription.objects.filter(pk=held.pk).update(failing_since=since)


def people_in(outside):
    taken = [json.loads(body) for _headers, body, status in outside.taken if status == 200]
    return [change["person"] for one in taken for change in one["changes"]]


def test_what_changed_is_sent_once_signed_and_without_values(held, outside, station, clerk):
    made, secret = held
    [person] = added(station, clerk, "林长河")
    assert delivering.send_due() == 1
    assert delivering.send_due() == 0
    [(headers, body, _status)] = outside.taken
    told = json.loads(body)
    assert told["subscription"] == str(made.pk) and people_in(outside) == [str(person)]
    assert "林长河" not in body.decode()
    moment, signed = headers[delivering.SIGNATURE].split(",")
    expected = hmac.new(secret.encode(), moment[2:].encode() + b"." + body, "sha256").hexdigest()
    assert signed == f"v1={expected}" and headers["Host"] == f"127.0.0.1:{outside.port}"
    told = Entry.objects.filter(event="subscription:send")
    assert told.count() == 1 and told.get().actor == str(made.owner_id)


def test_whoever_was_away_a_week_misses_nothing(held, outside, station, clerk):
    made, _secret = held
    everybody = added(station, clerk, "林长河", "林长江")
    outside.answers = [503] * 3
    for hours in (0, 20, 24 * 7):
        assert delivering.send_due() == 0
        assert delivering.send_due() == 0  # it waits before it tries again
        everybody += added(station, clerk, f"王某{'一二三'[len(everybody) - 2]}")
        later(made, hours=hours)
    made.refresh_from_db()
    assert (made.tries, made.trouble, len(outside.taken)) == (3, "HTTP 503", 3)
    assert delivering.send_due(together=2) == 3
    assert people_in(outside) == [str(one) for one in everybody]
    made.refresh_from_db()
    assert (made.tries, made.failing_since, made.trouble) == (0, None, "")


def test_after_a_day_of_silence_the_officers_are_told_once(held, outside, station, clerk):
    made, _secret = held
    added(station, clerk, "林长河")
    outside.answers = [500, 500, 500]
    delivering.send_due()
    assert not Alarm.objects.filter(kind="subscriber-silent").exists()
    for _again in range(2):
        later(made, hours=25)
        delivering.send_due()
    assert Alarm.objects.get(kind="subscriber-silent").times == 2
    assert Entry.objects.filter(event="subscription:fail").count() == 1


def test_a_redirect_is_not_followed(held, outside, station, clerk):
    added(station, clerk, "林长河")
    outside.answers = [302]
    assert delivering.send_due() == 0
    assert len(outside.taken) == 1
    assert Subscription.objects.get().trouble == "HTTP 302"


def test_a_machine_no_longer_allowed_is_sent_nothing(
    held, allowed, outside, station, clerk, person_in, city
):
    hosts.end(allowed, acting_user=person_in("sys-8", "system", city))
    added(station, clerk, "林长河")
    assert delivering.send_due() == 0
    assert outside.taken == [] and "没有获准" in Subscription.objects.get().trouble


def test_a_closed_account_is_told_nothing_more(held, outside, station, clerk):
    made, _secret = held
    made.owner.is_active = False
    made.owner.save(update_fields=["is_active"])
    added(station, clerk, "林长河")
    assert delivering.send_due() == 0
    made.refresh_from_db()
    assert (outside.taken, made.state) == ([], "paused")


def test_two_senders_never_send_the_same(held, station, clerk):
    made, _secret = held
    added(station, clerk, "林长河")
    Subscription.objects.filter(pk=made.pk).update(
        lease_until=timezone.now() + dt.timedelta(minutes=1)
    )
    assert delivering.send_due() == 0
    Subscription.objects.filter(pk=made.pk).update(
        lease_until=timezone.now() - dt.timedelta(minutes=1)
    )
    assert delivering.send_due() == 1  # the other was killed


def test_paused_it_keeps_its_place_and_ended_it_is_gone(held, outside, station, clerk, reviewer):
    made, _secret = held
    subscribing.pause(made, acting_user=reviewer)
    everybody = added(station, clerk, "林长河")
    assert delivering.send_due() == 0
    with pytest.raises(ConflictError):
        subscribing.pause(made, acting_user=reviewer)
    subscribing.resume(made, acting_user=reviewer)
    assert delivering.send_due() == 1 and people_in(outside) == [str(one) for one in everybody]
    subscribing.end(made, acting_user=reviewer)
    added(station, clerk, "林长江")
    assert delivering.send_due() == 0
    with pytest.raises(DomainError):
        subscribing.resume(made, acting_user=reviewer)


def test_from_the_start_all_that_ever_happened_is_sent(outside, allowed, station, clerk, reviewer):
    everybody = added(station, clerk, "林长河", "林长江")
    subscribing.subscribe(name="甲", url=outside.url, from_start=True, acting_user=reviewer)
    delivering.send_due()
    assert people_in(outside) == [str(one) for one in everybody]


def test_another_s_subscription_is_not_there(held, person_in, station):
    made, _secret = held
    other = person_in("rev-2", "reviewer", station)
    for act in (subscribing.pause, subscribing.resume, subscribing.end):
        with pytest.raises(DomainError) as refused:
            act(made, acting_user=other)
        assert refused.value.status == 404


@pytest.mark.parametrize(
    "name,url,code",
    [
        ("", "https://127.0.0.1/", "subscription-incomplete"),
        ("甲", "ftp://127.0.0.1/", "not-an-address"),
        ("甲", "https://", "not-an-address"),
        ("甲", "https://a:b@127.0.0.1/", "not-an-address"),
        ("甲", "https://127.0.0.1:99999/", "not-an-address"),
        ("甲", "https://10.9.9.9/", "host-not-allowed"),
        ("甲", f"https://127.0.0.1/{'a' * 500}", "subscription-incomplete"),
        ("甲 机密★十年", "https://127.0.0.1/", "secret-mark"),
    ],
)
def test_what_cannot_be_sent_to_is_not_subscribed(reviewer, name, url, code):
    with pytest.raises(DomainError) as refused:
        subscribing.subscribe(name=name, url=url, acting_user=reviewer)
    assert refused.value.code == code and not Subscription.objects.exists()


def test_in_plain_text_only_this_machine_is_sent_to(reviewer, person_in, city):
    named = hosts.propose(
        "192.0.2.7", 80, reason="试验用的一段地址", acting_user=person_in("sys-7", "system", city)
    )
    hosts.decide(named, agreed=True, acting_user=person_in("sec-7", "security", city))
    with pytest.raises(DomainError) as refused:
        subscribing.subscribe(name="甲", url="http://192.0.2.7/", acting_user=reviewer)
    assert refused.value.code == "not-encrypted"


def test_who_may_not_hand_files_out_subscribes_to_nothing(outside, allowed, clerk):
    with pytest.raises(NotPermittedError):
        subscribing.subscribe(name="甲", url=outside.url, acting_user=clerk)


def test_there_is_an_end_to_subscriptions(outside, allowed, reviewer):
    for number in range(subscribing.MOST):
        subscribing.subscribe(name=f"第{number}个", url=outside.url, acting_user=reviewer)
    with pytest.raises(ConflictError):
        subscribing.subscribe(name="乙", url=outside.url, acting_user=reviewer)
