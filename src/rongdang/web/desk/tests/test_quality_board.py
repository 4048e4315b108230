"""The quality board as a clerk meets it: figures that lead to lists, and a table to take away."""

import io

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from python_calamine import CalamineWorkbook

from rongdang.base.ledger.models import Entry
from rongdang.describe.people.services import create_person
from rongdang.provide.quality import measuring
from rongdang.provide.quality.measures import measures
from rongdang.provide.quality.tests.conftest import people  # noqa: F401  # a fixture
from rongdang.web.desk.quality import LISTS

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(clerk):
    client = Client()
    client.force_login(clerk)
    return client


def test_the_board_leads_to_the_lists_that_are_worked_off(people, station, desk):
    empty = desk.get(reverse("quality:board")).content.decode()
    assert "还没有计算过" in empty
    assert desk.get(reverse("quality:table"), {"unit": station.path}).status_code == 409
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
    answer = desk.get(reverse("quality:table"), {"unit": station.path})
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
