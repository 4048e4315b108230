"""Lists, search and a person's page ask the database as often for many rows as for few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongdang.provide.search.tests.factories import person_with
from rongdang.web import waiting

pytestmark = pytest.mark.django_db
MATERIAL = ("干部履历表", "1", "1953", ["林某1953年7月入伍"], ["曾任三连战士"])


def queries(client, user, address):
    waiting.forget(user)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "address,most",
    [
        ("/people/", 12),
        ("/search/?q=林", 21),
        ("/search/?q=三连", 21),
        ("/search/suggest/?q=林", 6),
        ("/search/?q=1953&year=1953", 21),
    ],
)
def test_lists_and_search(client, clerk, station, address, most):
    client.force_login(clerk)
    for number in range(3):
        person_with(f"林{number}", clerk, station, MATERIAL)
    few = queries(client, clerk, address)
    for number in range(3, 15):
        person_with(
            f"林{number}", clerk, station, MATERIAL, ("任免呈报表", "9-2", "1960", ["林三连1953"])
        )
    many = queries(client, clerk, address)
    assert many <= few <= most, (few, many)


def test_a_person_with_a_few_or_many_materials(client, clerk, station):
    client.force_login(clerk)
    small = person_with("林一", clerk, station, *[MATERIAL] * 3)
    large = person_with("林二", clerk, station, *[MATERIAL] * 30)
    few = queries(client, clerk, f"/people/{small.pk}/")
    many = queries(client, clerk, f"/people/{large.pk}/?q=三连")
    assert many <= few <= 20, (few, many)


def test_what_waits_is_counted_anew_after_ones_own_act(client, clerk, station):
    client.force_login(clerk)
    client.get("/people/")
    assert clerk.pk in waiting._kept
    client.post("/batches/new/", {"unit": station.code, "declared": "on"})
    assert clerk.pk not in waiting._kept
