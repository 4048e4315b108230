"""Printable sheets that cut a stack: for people named by number, for somebody new, for a material."""

import pytest
from django.urls import reverse

from rongdang.capture.batches import separators
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.people.services import create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def numbers(station, clerk):
    people = [create_person(unit=station, name=n, acting_user=clerk) for n in ("林长河", "何海生")]
    return [open_case_file(person, acting_user=clerk).number for person in people]


def sheets(client, asked):
    page = client.get(reverse("batches:separators"), {"number": asked}).content.decode()
    return page, page.count('<section class="separator">')


@pytest.mark.parametrize("between", ["\n", " ", "，", "；\r\n", "\t"])
def test_a_pasted_column_of_numbers_gives_a_sheet_each_in_its_order(
    client, clerk, numbers, between
):
    client.force_login(clerk)
    page, count = sheets(client, between.join([numbers[1], numbers[0], numbers[1]]))
    assert count == 4  # two people, somebody new, a material
    assert page.index("何海生") < page.index("林长河")
    for payload in (
        *map(separators.person_payload, numbers),
        separators.NEW_PERSON,
        separators.ITEM,
    ):
        assert separators.qr_svg(payload) in page
    assert "没有这些档号" not in page


def test_a_number_that_is_not_there_or_not_ones_own_is_named(
    client, clerk, stranger, elsewhere, numbers
):
    theirs = create_person(unit=elsewhere, name="石怀远", acting_user=stranger)
    number = open_case_file(theirs, acting_user=stranger).number
    client.force_login(clerk)
    page, count = sheets(client, f"{numbers[0]} {number} 无此号\0")
    assert count == 3 and "石怀远" not in page
    assert f"没有这些档号，或不归您管，没有做分隔页：{number}、无此号" in page
