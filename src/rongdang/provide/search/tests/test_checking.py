"""The index against the documents, on either database: whole, lacking, strange, saying otherwise."""

import pytest
from django.db import connection

from rongdang.describe.casefiles.tests.filing import small_file
from rongdang.provide.search.checking import index_faults
from rongdang.provide.search.models import Document
from rongdang.provide.search.ports import PAGES, PEOPLE, engine
from rongdang.provide.search.services import index_case_file

pytestmark = pytest.mark.django_db


@pytest.fixture
def indexed(station, reviewer):
    index_case_file(small_file(station, reviewer))
    index_case_file(small_file(station, reviewer, "周同和", "990101195001010019"))
    return list(Document.objects.order_by("pk"))


def faults():
    return [english for _chinese, english in index_faults()]


def test_an_index_as_it_was_made_has_no_fault(indexed):
    assert faults() == [] and len(indexed) >= 10


def test_an_entry_that_is_gone_and_one_of_no_document(indexed):
    table = PEOPLE if indexed[-1].kind == "n" else PAGES
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"DELETE FROM {table}_docsize WHERE id = %s", [indexed[-1].pk])
        else:
            cursor.execute(f"DELETE FROM {table} WHERE id = %s", [indexed[-1].pk])
    engine().add(PAGES, 999_999, "多出的", [])
    told = faults()
    assert any("lacks 1" in one for one in told) and any("1 entries of no" in one for one in told)


@pytest.mark.parametrize("change", ["words", "scope"])
def test_an_entry_that_says_something_else_than_its_document(indexed, change):
    page = next(one for one in indexed if one.kind == "p")
    if change == "words":
        page.text.words += "又一行"
        page.text.save(update_fields=["words"])
    else:
        Document.objects.filter(pk=page.pk).update(scope="0009")
    assert faults() == ["1 entries of the index differ from what their documents say"]
