"""Lists, search and a person's page ask the database as often for many rows as for few."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from rongdang.provide.search.tests.factories import person_with
from rongdang.web import waiting

pytestmark = pytest.mark.django_db
MATERIAL = ("干部履历表", "1", "1953", ["林某1953年7月入伍"], ["曾任三连战士"])


def queries(client, address):
    waiting._kept.clear()
    return page_queries(client, address)


def page_queries(client, address):
    with CaptureQueriesContext(connection) as captured:
        assert client.get(address).status_code == 200
    return len(captured)


@pytest.mark.parametrize(
    "address,most",
    [
        ("/people/", 7),
        ("/search/?q=林", 16),
        ("/search/?q=三连", 16),
        ("/search/suggest/?q=林", 7),
        ("/search/?q=1953&year=1953", 16),
    ],
)
def test_lists_and_search(client, clerk, station, address, most):
    client.force_login(clerk)
    for number in range(3):
        person_with(f"林{number}", clerk, station, MATERIAL)
    few = queries(client, address)
    for number in range(3, 15):
        person_with(
            f"林{number}", clerk, station, MATERIAL, ("任免呈报表", "9-2", "1960", ["林三连1953"])
        )
    many = queries(client, address)
    assert many <= few <= most, (few, many)


def test_a_person_with_a_few_or_many_materials(client, clerk, station):
    client.force_login(clerk)
    small = person_with("林一", clerk, station, *[MATERIAL] * 3)
    large = person_with("林二", clerk, station, *[MATERIAL] * 30)
    for person in (small, large):  # opened once; what counts is the page that follows
        client.get(f"/people/{person.pk}/")
    few = queries(client, f"/people/{small.pk}/")
    many = queries(client, f"/people/{large.pk}/?q=三连")
    assert many <= few <= 16, (few, many)


def test_what_waits_is_counted_anew_after_ones_own_act(client, clerk, station):
    client.force_login(clerk)
    first = queries(client, "/people/")
    assert page_queries(client, "/people/") < first
    client.post("/batches/new/", {"unit": station.code, "declared": "on"})
    assert page_queries(client, "/people/") == first
