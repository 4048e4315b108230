"""The figures of the board: what they count, who may know them, and how they are taken away."""

import datetime as dt
import pytest
from django.utils import timezone

from rongdang.base.errors import NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.describe.people.services import create_person
from rongdang.describe.statements.models import Source
from rongdang.provide.quality import board, measuring
from rongdang.provide.quality.measures import measures
from rongdang.provide.quality.models import Measurement

pytestmark = pytest.mark.django_db


def shares(user, path, **more):
    day = board.last_day(user)
    figures = board.of_unit(user, path, day, **({"whole": True} | more))
    return {one.measure.code: (one.part, one.whole, one.share) for one in figures}


def test_each_figure_counts_what_its_words_say(people, station, clerk):
    for name, days in (("工资表", 30), ("花名册", 500), ("没读过", None)):
        read_at = days and timezone.now() - dt.timedelta(days=days)
        Source.objects.create(
            unit=station,
            scope=station.path,
            name=name,
            kind="table",
            made_by=clerk,
            read_at=read_at,
        )
    measuring.measure(acting_user=clerk)
    found = shares(clerk, station.path)
    assert found["consistent"] == (3, 4, 0.75)
    assert found["unique"] == (2, 4, 0.5)
    assert found["valid"] == (4, 4, 1.0)
    assert found["timely"][:2] == (1, 3)
    people[0].refresh_from_db()
    assert found["complete"][:2] == (people[0].score, 100)
    known = sum(type(one).objects.get(pk=one.pk).known for one in people)
    assert found["known"][:2] == (known, 400)


def test_of_a_higher_unit_the_sums_are_divided(people, station, elsewhere, city, person_in):
    chief = person_in("chief", "clerk", city)
    beyond = create_person(unit=elsewhere, name="柳国安", acting_user=chief)
    measuring.measure(acting_user=chief)
    assert shares(chief, city.path)["consistent"] == (4, 5, 0.8)
    rows = board.of_children(chief, city, board.last_day(chief), whole=True)
    assert [unit for unit, _figures in rows] == sorted(
        (station, elsewhere), key=lambda unit: unit.path
    )
    assert beyond.scope == elsewhere.path


def test_whoever_sees_less_is_told_no_share_of_a_few(people, station, clerk, person_in, stranger):
    measuring.measure(acting_user=clerk)
    leader = person_in("liu", "leader", station)
    found = shares(leader, station.path, whole=False)
    assert {share for _part, _whole, share in found.values()} == {None}
    assert board.last_day(stranger) is None


def test_a_figure_never_says_all_while_anything_is_missing():
    measure = measures()["valid"]
    assert board.Figure(measure, 9999 / 10000, 9999, 10000).percent == 99.9
    assert board.Figure(measure, 1.0, 5, 5).percent == 100.0
    assert board.Figure(measure, None, 0, 0).percent is None


def test_it_is_measured_once_a_day_and_anew_when_asked(people, station, clerk, person_in, city):
    measuring.measure_daily()
    measuring.measure_daily()
    assert Entry.objects.filter(event="quality:measure").count() == 1
    Measurement.objects.update(day=timezone.localdate() - dt.timedelta(days=1))
    measuring.measure_daily()
    assert len(board.trend(clerk, station.path, "known")) == 2
    before = Measurement.objects.count()
    assert measuring.measure(acting_user=clerk) > 0 and Measurement.objects.count() == before
    with pytest.raises(NotPermittedError):
        measuring.measure(acting_user=person_in("sys-1", "system", city))
