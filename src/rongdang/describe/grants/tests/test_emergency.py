"""Break-glass: a named few, a reason, an hour, an alarm at once, and an answer within three days."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.describe.grants import queries, readers, tasks
from rongdang.describe.grants.emergency import break_glass, reader_of
from rongdang.describe.grants.models import EmergencyReader, EmergencyUse, ReaderState
from rongdang.describe.grants.spending import may_leave

pytestmark = pytest.mark.django_db
REASON = "林老突发心梗，急查药物过敏史"


def code_of(act, *args, **kwargs):
    with pytest.raises(DomainError) as refused:
        act(*args, **kwargs)
    return refused.value.code


@pytest.fixture
def named(clerk, station, guard, chief):
    reader = readers.name_reader(user=clerk, unit=station, why="夜班值守", acting_user=guard)
    return readers.confirm_reader(reader, acting_user=chief)


@pytest.fixture
def broken(named, clerk, case_file):
    return break_glass(sought=case_file.number, reason=REASON, acting_user=clerk)


@pytest.fixture
def at(monkeypatch):
    def go(moment):
        monkeypatch.setattr(timezone, "now", lambda: moment)

    return go


def test_it_opens_every_level_of_one_file_for_an_hour_and_lets_nothing_out(
    broken, clerk, leader, case_file, make_file, at
):
    assert queries.levels_of(clerk, case_file.pk, purpose="emergency") == (
        "基本",
        "家庭",
        "健康",
        "奖惩",
        "内部",
    )
    assert queries.levels_of(clerk, make_file("高崎远").pk, purpose="emergency") == ()
    assert set(broken.grant.allowances.values_list("action", flat=True)) == {"see"}
    assert not may_leave(leader, case_file, "print")
    assert broken.grant.until - broken.grant.asked_at <= dt.timedelta(minutes=60, seconds=1)
    at(broken.grant.until)
    assert queries.levels_of(clerk, case_file.pk, purpose="emergency") == ()


def test_the_alarm_goes_up_in_the_same_moment(broken, guard, clerk, person_in, city):
    audit = person_in("shen", "audit", city)
    for officer in (guard, audit):
        alarm = Alarm.objects.visible_to(officer).get(kind="glass-broken")
        assert (alarm.severity, alarm.about) == ("urgent", clerk)
        assert alarm.detail["reason"] == REASON
    assert Entry.objects.filter(event="emergency:break", actor=str(clerk.pk)).count() == 1


def test_it_opens_by_full_name_too_but_not_for_two_of_one_name(named, clerk, make_file):
    wanted = make_file("高崎远")
    use = break_glass(sought="高崎远", reason=REASON, acting_user=clerk)
    assert use.grant.covered.first().case_file_id == wanted.pk
    make_file("高崎远")
    assert code_of(break_glass, sought="高崎远", reason=REASON, acting_user=clerk) == "no-case-file"
    assert code_of(break_glass, sought="", reason=REASON, acting_user=clerk) == "no-case-file"


def test_N22_without_a_reason_or_a_name_on_the_list_nothing_opens(
    named, clerk, reviewer, case_file
):
    for reason in ("", "  ", "急"):
        assert (
            code_of(break_glass, sought=case_file.number, reason=reason, acting_user=clerk)
            == "no-reason"
        )
    assert (
        code_of(break_glass, sought=case_file.number, reason=REASON, acting_user=reviewer)
        == "no-emergency"
    )
    assert not EmergencyUse.objects.exists() and not Alarm.objects.exists()


def test_N22_without_a_review_the_naming_stops_on_the_second_and_the_officers_know(
    broken, named, clerk, case_file, at
):
    at(broken.due_at - dt.timedelta(microseconds=1))
    assert reader_of(clerk) and readers.stop_overdue() == 0
    at(broken.due_at)
    assert reader_of(clerk) is None
    assert (
        code_of(break_glass, sought=case_file.number, reason=REASON, acting_user=clerk)
        == "no-emergency"
    )
    named.refresh_from_db()
    assert named.state == ReaderState.STOPPED
    assert Alarm.objects.filter(kind="glass-overdue", about=clerk).count() == 1
    assert readers.stop_overdue() == 0


def test_a_review_that_comes_too_late_does_not_give_the_naming_back(
    broken, named, guard, clerk, at
):
    at(broken.due_at + dt.timedelta(days=1))
    readers.review(broken, justified=True, finding="已核实住院记录", acting_user=guard)
    named.refresh_from_db()
    assert named.state == ReaderState.STOPPED and reader_of(clerk) is None


def test_reviewed_in_time_by_another_the_naming_goes_on(broken, guard, chief, clerk, at):
    assert (
        code_of(readers.review, broken, justified=True, finding="查过", acting_user=clerk)
        == "not-permitted"
    )
    assert (
        code_of(readers.review, broken, justified=True, finding=" ", acting_user=guard)
        == "no-reason"
    )
    readers.review(broken, justified=True, finding="已核实住院记录", acting_user=guard)
    assert (
        code_of(readers.review, broken, justified=False, finding="再来", acting_user=guard)
        == "emergency-decided"
    )
    at(broken.due_at + dt.timedelta(days=1))
    assert reader_of(clerk) and readers.stop_overdue() == 0


def test_found_unjustified_everything_ends_at_once(broken, named, guard, clerk, case_file):
    readers.review(broken, justified=False, finding="没有紧急情况", acting_user=guard)
    assert queries.levels_of(clerk, case_file.pk, purpose="emergency") == ()
    assert reader_of(clerk) is None
    assert Alarm.objects.filter(kind="glass-disapproved", about=clerk).exists()


def test_four_eyes_name_each_of_the_few(clerk, station, guard, chief, person_in, city):
    assert (
        code_of(readers.name_reader, user=clerk, unit=station, why="夜班", acting_user=chief)
        == "not-permitted"
    )
    reader = readers.name_reader(user=clerk, unit=station, why="夜班", acting_user=guard)
    assert reader_of(clerk) is None
    assert code_of(readers.confirm_reader, reader, acting_user=guard) == "not-self"
    assert code_of(readers.confirm_reader, reader, acting_user=clerk) == "not-permitted"
    second = person_in("gu2", "security", city)
    readers.confirm_reader(reader, acting_user=second)
    assert reader_of(clerk)
    assert code_of(readers.confirm_reader, reader, acting_user=chief) == "emergency-decided"
    for change in ({"confirmed_by": guard}, {"confirmed_by": clerk}, {"confirmed_by": None}):
        with pytest.raises(IntegrityError), transaction.atomic():
            EmergencyReader.objects.filter(pk=reader.pk).update(**change)
    readers.end_reader(reader, why="换班", acting_user=guard)
    assert reader_of(clerk) is None


def test_no_officer_nobody_without_a_role_nobody_twice_and_only_a_few(
    clerk, station, guard, person_in, city
):
    def name(user):
        return readers.name_reader(user=user, unit=station, why="夜班", acting_user=guard)

    assert code_of(name, person_in("shen", "audit", city)) == "officers-apart"
    assert code_of(name, guard) == "not-self"
    name(clerk)
    assert code_of(name, clerk) == "named-already"
    for number in range(4):
        name(person_in(f"z{number}", "clerk", station))
    assert code_of(name, person_in("z9", "clerk", station)) == "too-many"


def test_the_job_waits_for_the_end_of_the_term_and_stops_who_was_not_reviewed(
    broken, named, clerk, at
):
    [job] = Job.objects.filter(path__endswith="await_review")
    tasks.await_review.call(*job.arguments["args"])
    [_first, again] = Job.objects.filter(path__endswith="await_review").order_by("pk")
    assert again.run_after == broken.due_at
    at(broken.due_at)
    tasks.await_review.call(str(broken.pk))
    tasks.await_review.call(str(broken.pk))
    named.refresh_from_db()
    assert named.state == ReaderState.STOPPED
    assert Entry.objects.filter(event="emergency:stop").count() == 1
