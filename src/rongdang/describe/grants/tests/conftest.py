"""A file of the station, its leader, and a leader above who decides on what he asks for."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.grants import services
from rongdang.describe.people.services import create_person


@pytest.fixture
def make_file(station, clerk):
    def make(name="林长河"):
        person = create_person(unit=station, name=name, acting_user=clerk)
        return open_case_file(person, acting_user=clerk)

    return make


@pytest.fixture
def case_file(make_file):
    return make_file()


@pytest.fixture
def leader(person_in, station):
    return person_in("liu", "leader", station)


@pytest.fixture
def chief(person_in, city):
    return person_in("cheng", "leader", city)


@pytest.fixture
def guard(person_in, city):
    return person_in("gu", "security", city)


@pytest.fixture
def asked(case_file, leader):
    """Ask for one file, as much of it as the test says."""

    def ask(user=leader, numbers=(case_file.number,), days=3.0, **wanted):
        wanted = {
            "levels": ["基本", "健康"],
            "purpose": "benefit",
            "reason": "核定护理费，市局〔2026〕12号",
            **wanted,
        }
        until = timezone.now() + dt.timedelta(days=days)
        return services.ask(numbers=numbers, until=until, acting_user=user, **wanted)

    return ask


@pytest.fixture
def given(asked, chief):
    def give(**wanted):
        return services.give(asked(**wanted), acting_user=chief)

    return give
