"""The list is worked out once and asked many times: it must give what the predicate gives, always."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.accounts.services import assign_role
from rongdang.describe.casefiles.listing import COLUMNS, Narrowed, first_listed
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.grants import services
from rongdang.describe.people.services import create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def files(station, elsewhere, clerk, stranger):
    made = []
    for number in range(6):
        unit, keeper = (station, clerk) if number % 2 else (elsewhere, stranger)
        person = create_person(unit=unit, name=f"林长{number}", acting_user=keeper)
        made.append(open_case_file(person, acting_user=keeper))
    return made


def expected(user):
    return list(CaseFile.objects.visible_to(user).order_by("scope", "number").values(*COLUMNS))


def test_it_gives_what_the_predicate_gives_page_by_page_and_narrowed(
    files, clerk, stranger, chief, leader, station, elsewhere, asked
):
    services.give(asked(numbers=[files[0].number, files[4].number]), acting_user=chief)
    assert len(expected(leader)) == 6, "the files of his unit and those he was granted"
    for user in (clerk, stranger, chief, leader, clerk):
        seen = expected(user)
        assert first_listed(user, Narrowed(), most=100) == seen
        for at, row in enumerate(seen):
            behind = Narrowed(after_scope=row["scope"], after_number=row["number"])
            assert first_listed(user, behind, most=2) == seen[at + 1 : at + 3]
        for path in (station.path, elsewhere.path):
            of_unit = [row for row in seen if row["scope"] == path]
            assert first_listed(user, Narrowed(unit=path), most=100) == of_unit
            assert first_listed(user, Narrowed(unit=path, state="open"), most=100) == of_unit
        assert first_listed(user, Narrowed(state="sealed"), most=100) == []


def test_a_grant_ends_on_the_second_in_the_list_too(given, leader, files, monkeypatch):
    grant = given(numbers=[files[0].number])
    for moment, listed in (
        (grant.until - dt.timedelta(microseconds=1), True),
        (grant.until, False),
    ):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        numbers = [row["number"] for row in first_listed(leader, Narrowed(), most=100)]
        assert (files[0].number in numbers) is listed


def test_another_role_opens_another_unit_at_once(files, clerk, elsewhere):
    before = first_listed(clerk, Narrowed(), most=100)
    assign_role(user=clerk, role="leader", unit=elsewhere, acting_user=None)
    after = first_listed(type(clerk).objects.get(pk=clerk.pk), Narrowed(), most=100)
    assert (len(before), len(after)) == (3, 6)
