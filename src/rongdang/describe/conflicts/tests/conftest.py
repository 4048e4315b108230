"""A person of the station, pages and rows that speak of him, and a second clerk who may agree."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.ids import uuid7
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.people.projecting import project
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.models import Source, Statement


@pytest.fixture
def person(station, clerk):
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    open_case_file(person, acting_user=clerk)
    return person


@pytest.fixture
def page(person, clerk):
    """Page of a material filed of him, by title and date."""

    def make(title="干部履历表", formed="1962-03", category="1"):
        item = filed(person.case_file, clerk, title=title, category=category, formed=formed)
        return item.pages.get()

    return make


@pytest.fixture
def says(person, clerk, page):
    """A page of him says this; what it was confirmed as."""

    def say(field, value, formed="1962-03", title="干部履历表"):
        place = page(title, formed)
        said = FactValue(field, value, page_id=place.pk, formed=formed)
        [fact] = confirm_facts(person, [said], acting_user=clerk)
        person.refresh_from_db()
        return fact

    return say


@pytest.fixture
def row(person, station, clerk):
    """A row of a source says these things of him from now on."""

    def say(values, source="市局工资库", key=b"1"):
        kept, _ = Source.objects.get_or_create(
            unit=station, scope=station.path, name=source, kind="table", made_by=clerk
        )
        key = key.ljust(16, b"0")
        now = timezone.now()
        Statement.objects.filter(source=kept, key=key, ended_at=None).update(ended_at=now)
        said = Statement.objects.create(
            source=kept,
            key=key,
            digest=uuid7().bytes,
            person=person,
            scope=person.scope,
            row=7,
            says={
                name: value if isinstance(value, list) else [value]
                for name, value in values.items()
            },
            run=uuid7(),
            recorded_at=now + dt.timedelta(microseconds=1),
        )
        project(person, clerk)
        person.refresh_from_db()
        return said

    return say


@pytest.fixture
def colleague(person_in, station):
    return person_in("wu", "clerk", station)
