"""Reading that does not look like work is slowed down, or put before the officers."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.alarms.models import Alarm
from rongdang.base.ids import uuid7_from
from rongdang.describe.access.models import Opening
from rongdang.describe.grants import patterns, rules
from rongdang.describe.grants.patterns import is_named_like, note_opening, watch_opening

pytestmark = pytest.mark.django_db


@pytest.fixture
def many(make_file):
    """So many people's files."""

    def make(count):
        return [make_file(f"陈{chr(0x4E00 + number)}") for number in range(count)]

    return make


def opened(user, case_file, ago=dt.timedelta(0), task=""):
    now = timezone.now()
    serial = uuid7_from(now - ago).int | int.from_bytes(case_file.pk.bytes[-8:], "big")
    return Opening.objects.create(
        id=type(case_file.pk)(int=serial),
        user=user,
        case_file=case_file,
        purpose="daily",
        task=task,
        until=now + dt.timedelta(hours=1),
    )


def test_the_rules_are_those_that_were_decided():
    rate = rules.patterns()["reading-rate"]
    assert (rate.files, rate.minutes, rate.pause) == (200, 10, True)


def test_N14_two_hundred_files_in_ten_minutes_and_the_next_is_not_opened(many, leader, clerk):
    files = many(201)
    for one in files[:199]:
        opened(leader, one)
    opened(leader, files[0])  # the same file again counts once
    watch_opening(leader, files[199])
    opened(leader, files[199])
    watch_opening(leader, files[0])
    with pytest.raises(patterns.ReadingPausedError):
        watch_opening(leader, files[200])
    watch_opening(clerk, files[200])
    alarm = Alarm.objects.get(kind="reading-rate")
    assert (alarm.about, alarm.detail["files"]) == (leader, 200)


def test_N14_what_was_opened_longer_ago_does_not_count(many, leader):
    files = many(201)
    opened(leader, files[0], ago=dt.timedelta(minutes=10, seconds=1))
    for one in files[1:200]:
        opened(leader, one)
    watch_opening(leader, files[200])
    assert not Alarm.objects.exists()


def test_files_to_which_nothing_leads_are_put_before_the_officers(many, given, leader):
    files = many(33)
    given(numbers=[files[0].number])
    for one in files[:31]:
        opened(leader, one)
    note_opening(leader, files[30])
    assert Alarm.objects.get(kind="outside-task").detail["files"] == 30


def test_a_task_a_grant_and_own_work_lead_to_a_file(many, given, leader):
    files = many(31)
    given(numbers=[files[0].number])
    opened(leader, files[1], task="batch")
    for one in (files[0], *files[2:]):
        opened(leader, one)
    note_opening(leader, files[30])
    assert not Alarm.objects.filter(kind="outside-task").exists()


@pytest.mark.parametrize(
    ("own", "other", "alike"),
    [
        ("林长河", "林长江", True),
        ("林长河", "林长河", True),
        ("林昌和", "林长河", True),
        ("林長河", "林长江", True),
        ("欧阳建国", "欧阳建军", True),
        ("林长河", "林建国", False),
        ("林长河", "陈长河", False),
        ("欧阳建国", "欧建国", False),
        ("林", "林长河", False),
        ("charlie", "林长河", False),
    ],
)
def test_names_that_may_be_of_one_family(own, other, alike):
    assert is_named_like(own, other) is alike


def test_a_file_of_somebody_named_alike_is_put_before_the_officers_once(make_file, leader, guard):
    leader.display_name = "林长江"
    case_file = make_file("林长河")
    note_opening(leader, case_file)
    note_opening(leader, case_file)
    alarm = Alarm.objects.get(kind="like-own-name")
    assert (alarm.times, alarm.subject_id) == (1, str(case_file.pk))
    note_opening(leader, make_file("高崎远"))
    assert Alarm.objects.count() == 1
