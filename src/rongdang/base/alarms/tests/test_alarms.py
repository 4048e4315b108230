"""What is raised waits for an officer who is not the one it is about, and leaves with a note."""

import re
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction

from rongdang.base.alarms import queries
from rongdang.base.alarms.kinds import kinds
from rongdang.base.alarms.models import Alarm, Severity
from rongdang.base.alarms.services import raise_alarm, settle_alarm
from rongdang.base.columns.fields import sealed_for
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.queries import detail_of

SOURCES = Path(__file__).resolve().parents[3]


@pytest.fixture
def guard(person_in, city):
    return person_in("gu", "security", city)


def test_every_kind_says_in_both_languages_what_happened_and_what_to_do():
    for row in kinds().values():
        assert row.severity in Severity.values
        assert all((row.zh, row.en, row.todo_zh, row.todo_en))


def test_every_kind_that_is_raised_anywhere_is_in_the_table():
    raised = set()
    for path in SOURCES.rglob("*.py"):
        if "tests" not in path.parts:
            raised |= set(
                re.findall(r'raise_alarm\(\s*kind="([^"]+)"', path.read_text(encoding="utf-8"))
            )
    assert raised <= set(kinds())


def test_the_same_thing_again_counts_up_while_it_waits_and_each_time_is_on_the_ledger(guard, clerk):
    raise_alarm(kind="login-locked", about=clerk, detail={"address": "10.0.0.1"})
    alarm = raise_alarm(kind="login-locked", about=clerk, detail={"address": "10.0.0.2"})
    assert (alarm.times, alarm.detail) == (2, {"address": "10.0.0.2"})
    told = [detail_of(entry) for entry in Entry.objects.filter(event="alarm:raise").order_by("seq")]
    assert [one["address"] for one in told] == ["10.0.0.1", "10.0.0.2"]
    settle_alarm(alarm, note="本人忘了口令", acting_user=guard)
    again = raise_alarm(kind="login-locked", about=clerk)
    assert (again.pk != alarm.pk, again.times) == (True, 1)


def test_a_graver_word_stays(clerk):
    raise_alarm(kind="backup-failed", severity="notice")
    assert raise_alarm(kind="backup-failed").severity == "urgent"
    assert raise_alarm(kind="backup-failed", severity="notice").severity == "urgent"


def test_what_belongs_to_another_person_or_thing_waits_apart(clerk, reviewer, station):
    raise_alarm(kind="login-locked", about=clerk)
    raise_alarm(kind="login-locked", about=reviewer)
    raise_alarm(kind="object-damaged", subject=station)
    raise_alarm(kind="object-damaged", subject_kind="objects.storedobject", subject_id="1")
    assert Alarm.objects.count() == 4


def test_an_alarm_lives_and_dies_with_the_transaction_it_is_raised_in(clerk):
    with pytest.raises(DomainError), transaction.atomic():
        raise_alarm(kind="login-locked", about=clerk)
        raise DomainError("不行", "no")
    assert not Alarm.objects.exists()
    assert not Entry.objects.filter(event="alarm:raise").exists()


def test_an_officer_sees_the_alarms_of_his_units_and_of_the_installation_the_gravest_first(
    person_in, city, station, elsewhere, clerk
):
    here, wide = person_in("gu1", "security", station), person_in("gu2", "security", city)
    raise_alarm(kind="login-locked", about=clerk, scope=station.path)
    raise_alarm(kind="grant-exceeded", about=clerk, scope=elsewhere.path)
    raise_alarm(kind="backup-failed")
    assert [alarm.kind for alarm in queries.waiting(here)] == ["backup-failed", "login-locked"]
    assert [alarm.kind for alarm in queries.waiting(wide)] == [
        "backup-failed",
        "grant-exceeded",
        "login-locked",
    ]
    assert not queries.waiting(clerk)


def test_settling_takes_the_right_a_note_and_another_person(guard, clerk, person_in, city):
    own = raise_alarm(kind="own-scope-change", about=guard)
    audit = person_in("shen", "audit", city)
    for user, note, code in (
        (clerk, "查过", "not-permitted"),
        (audit, "查过", "not-permitted"),
        (guard, "查过", "own-alarm"),
    ):
        with pytest.raises(DomainError) as refused:
            settle_alarm(own, note=note, acting_user=user)
        assert refused.value.code == code
    other = raise_alarm(kind="login-locked", about=clerk)
    with pytest.raises(DomainError) as refused:
        settle_alarm(other, note="  ", acting_user=guard)
    assert refused.value.code == "no-note"
    settle_alarm(other, note="本人忘了口令", acting_user=guard)
    with pytest.raises(DomainError) as refused:
        settle_alarm(other, note="再销一次", acting_user=guard)
    assert refused.value.code == "alarm-settled"
    assert [alarm.note for alarm in queries.settled(guard)] == ["本人忘了口令"]
    assert Entry.objects.filter(event="alarm:settle").count() == 1


def test_the_database_itself_refuses_the_same(guard, clerk):
    alarm = raise_alarm(kind="own-scope-change", about=guard)
    rows = Alarm.objects.filter(pk=alarm.pk)
    for change in (
        {"settled_by": clerk, "settled_at": alarm.raised_at, "note": ""},
        {
            "settled_by": guard,
            "settled_at": alarm.raised_at,
            "note": sealed_for(alarm, "note", "我自己销"),
        },
        {"note": sealed_for(alarm, "note", "没有人销")},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.update(**change)
