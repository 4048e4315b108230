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
def quick(monkeypatch):
    """The same rules with smaller numbers, so that a test opens few files."""

    def set_to(kind, files):
        found = {
            name: rules.Pattern(
                kind=row.kind,
                files=files if name == kind else row.files,
                minutes=row.minutes,
                pause=row.pause,
                zh=row.zh,
                en=row.en,
            )
            for name, row in rules.patterns().items()
        }
        monkeypatch.setattr(patterns, "patterns", lambda: found)

    return set_to


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


def test_N14_two_hundred_files_in_ten_minutes_and_the_next_is_not_opened(
    make_file, leader, clerk, quick
):
    quick("reading-rate", 3)
    files = [make_file(f"陈{n}") for n in "一二三四"]
    for one in files[:3]:
        watch_opening(leader, one)
        opened(leader, one)
    opened(leader, files[0])  # the same file again counts once
    watch_opening(leader, files[0])
    with pytest.raises(patterns.ReadingPausedError):
        watch_opening(leader, files[3])
    watch_opening(clerk, files[3])
    alarm = Alarm.objects.get(kind="reading-rate")
    assert (alarm.about, alarm.detail["files"]) == (leader, 3)


def test_N14_what_was_opened_longer_ago_does_not_count(make_file, leader, quick):
    quick("reading-rate", 2)
    old, new, other = (make_file(f"陈{n}") for n in "一二三")
    opened(leader, old, ago=dt.timedelta(minutes=10, seconds=1))
    opened(leader, new)
    watch_opening(leader, other)
    assert not Alarm.objects.exists()


def test_files_to_which_nothing_leads_are_put_before_the_officers(
    make_file, given, leader, clerk, quick
):
    quick("outside-task", 2)
    first, second, third, fourth = (make_file(f"陈{n}") for n in "一二三四")
    given(numbers=[first.number])
    opened(leader, first)
    opened(leader, second)
    opened(leader, third, task="batch")
    note_opening(leader, third)
    assert not Alarm.objects.filter(kind="outside-task").exists()
    opened(leader, fourth)
    note_opening(leader, fourth)
    alarm = Alarm.objects.get(kind="outside-task")
    assert (alarm.about, alarm.detail["files"]) == (leader, 2)


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
