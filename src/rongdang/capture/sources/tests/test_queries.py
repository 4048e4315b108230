"""Freshness, evidence, what of a trial may be seen; and the schedule."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.capture.sources import running, services
from rongdang.capture.sources.models import Run
from rongdang.capture.sources.queries import diff_seen, freshness, statement_evidence
from rongdang.capture.sources.sync import start_due
from rongdang.describe.access.models import Avoidance, Ground
from rongdang.describe.access.predicate import KEEP, REGISTER
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Statement
from rongdang.describe.statements.services import make_source

from .roster import LIN, RECIPE, WANG, ZHAO, stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def source(station, clerk):
    return make_source(unit=station, name="名册", kind="table", acting_user=clerk)


@pytest.fixture
def recipe(source, clerk):
    return services.save_recipe(source, RECIPE, why="", acting_user=clerk)


@pytest.fixture
def deliver(source, clerk):
    return lambda *rows: services.deliver(
        source, [("r.csv", stream(*rows))], table="r", acting_user=clerk
    )


@pytest.fixture
def read(deliver, recipe, clerk):
    def reading(*rows, dry=False):
        run = services.start(deliver(*rows), recipe, acting_user=clerk, dry=dry)
        return running.read_on(run.pk)

    return reading


def test_each_field_tells_when_it_was_read_and_when_it_last_said_something_new(source, read):
    assert freshness(source) == []
    first = read(LIN, ZHAO)
    second = read((*LIN[:3], "女", *LIN[4:]), ZHAO)
    fresh = {one.field: one for one in freshness(source)}
    assert fresh["性别"].newest_at == second.ended_at == fresh["姓名"].read_at
    assert fresh["姓名"].newest_at == first.ended_at
    assert fresh["姓名"].filled == 2


def test_the_row_is_shown_as_the_source_wrote_it_to_whom_it_may_be(read, clerk):
    read(LIN, WANG)
    statement = Statement.objects.get(row=3)
    evidence = statement_evidence(statement, clerk, KEEP)
    assert (evidence.cells["出生"], evidence.cells["备注"], evidence.withheld) == (
        "1938年1月1日",
        "走读",
        0,
    )
    none = statement_evidence(statement, clerk, REGISTER)
    assert "备注" not in none.cells and none.withheld
    Avoidance.objects.create(user=clerk, person=statement.person, ground=Ground.OWN)
    with pytest.raises(NotPermittedError):
        statement_evidence(statement, clerk, KEEP)


def test_of_a_destroyed_file_no_row_is_shown(read, clerk):
    read(LIN, (*ZHAO[:5], "机密★"))
    with pytest.raises(DomainError, match="销毁"):
        statement_evidence(Statement.objects.get(), clerk, KEEP)


def test_a_trial_shows_nobody_his_own_record(read, clerk):
    read(LIN)
    trial = read((*LIN[:3], "女", *LIN[4:]), WANG, dry=True)
    seen = diff_seen(trial, clerk, KEEP)
    assert seen["changed"][0]["now"] == {"性别": ["女"]}
    assert seen["new"][0]["now"]["姓名"] == ["王建国"]
    Avoidance.objects.create(user=clerk, person=Person.objects.get(), ground=Ground.OWN)
    assert "changed" not in diff_seen(trial, clerk, KEEP)
    assert diff_seen(trial, clerk, REGISTER) == {}


def test_a_source_is_read_when_its_time_has_come_and_only_if_it_changed(
    source, deliver, recipe, clerk
):
    deliver(LIN)
    services.set_schedule(source, every=60, acting_user=clerk)
    (run,) = start_due()
    assert start_due() == []  # not yet again
    running.read_on(run.pk)
    later = timezone.now() + dt.timedelta(minutes=61)
    assert start_due(later) == []  # the very file
    deliver(LIN, ZHAO)
    (second,) = start_due(later + dt.timedelta(minutes=61))
    assert running.read_on(second.pk).counts["new"] == 1
    services.set_schedule(source, every=0, acting_user=clerk)
    deliver(ZHAO)
    assert start_due(later + dt.timedelta(days=9)) == []
    assert Run.objects.count() == 2


def test_a_schedule_of_somebody_who_lost_the_right_starts_nothing(
    source, deliver, recipe, clerk, station
):
    from rongdang.base.ledger.models import Entry

    deliver(LIN)
    services.set_schedule(source, every=60, acting_user=clerk)
    clerk.roles.all().delete()
    assert start_due() == []
    assert Entry.objects.filter(event="source:skip").exists()
