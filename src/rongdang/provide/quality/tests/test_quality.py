"""The figures of the board: what they count, who may know them, and how they are taken away."""

import datetime as dt
import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from rongdang.base.errors import NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.linkage.models import Pair
from rongdang.describe.people.projecting import project
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.models import Source
from rongdang.provide.quality import board, measuring
from rongdang.provide.quality.measures import measures
from rongdang.provide.quality.models import Measurement
from rongdang.web.desk.quality import LISTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(station, clerk):
    """Four of the station: one whose two dates of birth do not agree, two that may be one."""
    made = [create_person(unit=station, name=f"林长{n}", acting_user=clerk) for n in "河江海湖"]
    open_case_file(made[0], acting_user=clerk)
    project(made[0], None)
    for born in ("1938-04", "1941"):
        confirm_facts(made[1], [FactValue("出生日期", born)], acting_user=clerk)
    first, second = sorted((made[2].pk, made[3].pk))
    Pair.objects.create(first_id=first, second_id=second, scope=station.path, probability=0.9)
    return made


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


@pytest.fixture
def desk(clerk):
    client = Client()
    client.force_login(clerk)
    return client


def test_the_board_leads_to_the_lists_that_are_worked_off(people, station, desk):
    empty = desk.get(reverse("quality:board")).content.decode()
    assert "还没有计算过" in empty
    assert desk.get(reverse("quality:table"), {"code": station.code}).status_code == 409
    page = desk.post(reverse("quality:board"), follow=True).content.decode()
    assert "75.0%" in page and "50.0%" in page
    for name in ("conflicts:list", "pairs:list", "quality:people"):
        assert f"{reverse(name)}?unit={station.path}" in page
    rows = desk.get(reverse("quality:people"), {"unit": station.path, "measure": "known"})
    points = [points for _person, points in rows.context["people"]]
    assert len(points) == 4 and points == sorted(points)
    assert {measure.list for measure in measures().values()} == set(LISTS)


def test_the_table_is_taken_away_as_a_spreadsheet_and_noted(people, station, desk, clerk):
    station.name = "=HYPERLINK(1)"
    station.save()
    measuring.measure(acting_user=clerk)
    answer = desk.get(reverse("quality:table"), {"code": station.code})
    book = CalamineWorkbook.from_filelike(io.BytesIO(answer.content))
    title, head, row = book.get_sheet_by_index(0).to_python()
    assert head == ["机构", *(one.zh for one in measures().values())]
    assert row[0] == "=HYPERLINK(1)" and row[head.index("一致")] == 0.75
    assert timezone.localdate().isoformat() in title[0]
    assert Entry.objects.filter(event="quality:export", actor=str(clerk.pk)).count() == 1


def test_the_list_behind_a_figure_goes_on_behind_what_was_shown(station, clerk, desk):
    for at in range(45):
        create_person(unit=station, name=f"林长{at}", acting_user=clerk)
    first = desk.get(reverse("quality:people"), {"measure": "known"}).context
    asked = {"measure": "known", "after": first["after"]}
    rest = desk.get(reverse("quality:people"), asked).context
    shown = [person.pk for person, _points in [*first["people"], *rest["people"]]]
    assert len(shown) == len(set(shown)) == 45 and rest["after"] == ""
