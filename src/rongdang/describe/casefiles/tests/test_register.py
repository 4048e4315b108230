"""A paper register becomes files without images; the scan of a registered material finds its place."""

import pytest

from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.describe.access.predicate import KEEP
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.registering import RegisteredItem, RegisterRow, take_over_register
from rongdang.describe.casefiles.services import ItemDescription, PageSource, file_item
from rongdang.describe.people.models import Person
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db


def row(name="林长河", birth="1938-04", **changes):
    items = (
        RegisteredItem(ItemDescription("干部履历表", "1", "1962-03-15"), 4),
        RegisteredItem(ItemDescription("干部履历表", "1", "1979"), 6),
        RegisteredItem(ItemDescription("授予军官军衔报告表", "9-2", "1955-09"), 2),
    )
    return RegisterRow(
        **{
            "name": name,
            "facts": {"出生日期": birth, "性别": "男"},
            "items": items,
            "place": ("3", "12", "4", "7"),
            **changes,
        }
    )


def scan(text=b"page"):
    stored = objects.put(text, "image/jpeg")
    return PageSource(
        original_id=stored.pk,
        optimised_id=stored.pk,
        width=10,
        height=14,
        dpi=300,
        rotation=0,
        blank=False,
        engine="null",
        layer=b"",
    )


def test_people_files_and_catalogues_are_there_on_the_word_of_the_clerk(station, clerk):
    first, second = take_over_register(station, [row(), row("高崎远", "1941")], acting_user=clerk)
    assert [first.number, second.number] == ["X002-RS·JX-00001", "X002-RS·JX-00002"]
    assert (first.item_count, first.page_count, first.box) == (3, 12, "7")
    person = Person.objects.visible_to(clerk).get(name="林长河")
    assert (person.birth, person.sex, person.record["性别"]) == ("1938-04", "男", "男")
    assert set(person.facts.values_list("recorded_by", flat=True)) == {clerk.pk}
    held = (
        Item.objects.visible_to(clerk, KEEP)
        .filter(case_file=first)
        .order_by("category", "sequence")
    )
    assert [(i.category, i.sequence, i.page_count, i.paper_only) for i in held] == [
        ("1", 1, 4, True),
        ("1", 2, 6, True),
        ("9-2", 1, 2, True),
    ]
    assert Entry.objects.filter(event="casefile:register", actor=str(clerk.pk)).count() == 2


def test_the_same_register_twice_adds_nothing(station, clerk):
    take_over_register(station, [row()], acting_user=clerk)
    again = take_over_register(station, [row(), row("高崎远", "1941")], acting_user=clerk)
    assert [file.person.name for file in again] == ["高崎远"]
    assert CaseFile.objects.count() == 2


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"facts": {"爱好": "钓鱼"}},
        {"items": [RegisteredItem(ItemDescription("自传", "2"), 0)]},
        {"items": [RegisteredItem(ItemDescription("自传", "11"), 1)]},
    ],
)
def test_a_wrong_row_refuses_the_whole_register(station, clerk, wrong):
    with pytest.raises(DomainError) as refusal:
        take_over_register(
            station,
            [row(), row("高崎远", **wrong) if "name" not in wrong else row(**wrong)],
            acting_user=clerk,
        )
    assert refusal.value.hint_zh and refusal.value.hint_en
    assert not CaseFile.objects.exists() and not Person.objects.exists()


def test_only_who_may_edit_files_takes_a_register_over(station, stranger):
    with pytest.raises(DomainError):
        take_over_register(station, [row()], acting_user=stranger)
    assert not Person.objects.exists()


def test_pages_of_a_registered_material_go_to_its_line(station, clerk):
    [file] = take_over_register(station, [row()], acting_user=clerk)
    description = ItemDescription("干部履历表", "1", "1962-03-15", note="有照片")
    item = file_item(file, description, [scan(), scan(b"two"), scan(b"three")], acting_user=clerk)
    file.refresh_from_db()
    assert (file.item_count, file.page_count) == (3, 11)  # the register had said four pages
    assert (item.sequence, item.paper_only, item.page_count, item.pages.count(), item.note) == (
        1,
        False,
        3,
        3,
        "有照片",
    )
    second = file_item(file, description, [scan(b"four")], acting_user=clerk)
    file.refresh_from_db()
    assert second.pk != item.pk and (file.item_count, file.page_count) == (4, 12)
