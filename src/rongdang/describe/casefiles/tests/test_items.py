"""A file is opened, filled, described and placed: by whom, and what is refused."""

import pytest

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.services import create_unit
from rongdang.describe.access.predicate import KEEP, stated
from rongdang.describe.casefiles import services
from rongdang.describe.casefiles.models import CaseFile, Item, Page
from rongdang.describe.casefiles.tests.factories import filed, page_source
from rongdang.describe.people.services import create_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(station, clerk):
    return create_person(unit=station, name="林长河", acting_user=clerk)


@pytest.fixture
def case_file(person, clerk):
    return services.open_case_file(person, acting_user=clerk)


def test_numbers_follow_one_another_in_the_fonds_also_across_its_units(
    station, clerk, city, person_in
):
    shared = create_unit(code="990009", name="分所", parent=city, acting_user=None, fonds="X002")
    head = person_in("head", "clerk", city)
    units = (station, shared, station)
    numbers = [
        services.open_case_file(
            create_person(unit=unit, name="林长河", acting_user=head), acting_user=head
        ).number
        for unit in units
    ]
    assert numbers == ["X002-RS·JX-00001", "X002-RS·JX-00002", "X002-RS·JX-00003"]


def test_a_material_is_numbered_in_its_class_and_counted(case_file, clerk):
    first, second = filed(case_file, clerk), filed(case_file, clerk, pages=2)
    other = filed(case_file, clerk, category="9-2", title="任免审批表")
    assert [i.sequence for i in (first, second, other)] == [1, 2, 1]
    case_file.refresh_from_db()
    assert (case_file.item_count, case_file.page_count) == (3, 4)
    assert other.level and Entry.objects.filter(event="item:file").count() == 3


@pytest.mark.parametrize(
    "changes,code",
    [
        ({"category": "44"}, "no-category"),
        ({"category": "4"}, "no-sub-class"),
        ({"title": "  "}, "no-title"),
        ({"formed": "三月"}, "no-date"),
    ],
)
def test_what_no_catalogue_may_hold_is_refused(case_file, clerk, changes, code):
    said = {"title": "履历表", "category": "1", "formed": "1962", **changes}
    with pytest.raises(DomainError) as refused:
        services.file_item(
            case_file, services.ItemDescription(**said), [page_source(1)], acting_user=clerk
        )
    assert refused.value.code == code and not Item.objects.exists()
    item = filed(case_file, clerk)
    with pytest.raises(DomainError):
        services.describe_item(item, services.ItemDescription(**said), acting_user=clerk)


def test_no_pages_no_material(case_file, clerk):
    with pytest.raises(DomainError) as refused:
        services.file_item(
            case_file, services.ItemDescription("履历表", "1"), [], acting_user=clerk
        )
    assert refused.value.code == "no-pages"


def test_the_second_clerk_on_one_entry_is_told(case_file, clerk, reviewer):
    item = filed(case_file, clerk)
    said = services.ItemDescription("干部履历表", "1", "1962")
    services.describe_item(item, said, acting_user=clerk, version=1)
    with pytest.raises(ConflictError):
        services.describe_item(
            item, services.ItemDescription("别的", "1"), acting_user=reviewer, version=1
        )
    item.refresh_from_db()
    assert (item.title, item.version) == ("干部履历表", 2)


def test_another_class_gives_another_number_and_level(case_file, clerk):
    item = filed(case_file, clerk)
    filed(case_file, clerk, category="8", title="处分决定")
    moved = services.describe_item(
        item, services.ItemDescription("处分决定", "8"), acting_user=clerk
    )
    assert (moved.category, moved.sequence) == ("8", 2) and moved.level == "奖惩"


def test_a_sealed_file_is_opened_by_a_correction(case_file, clerk):
    item = filed(case_file, clerk)
    CaseFile.objects.update(state="sealed", version=1)
    services.describe_item(item, services.ItemDescription("改名", "1"), acting_user=clerk)
    case_file.refresh_from_db()
    assert case_file.state == "open"


def test_a_stranger_and_a_leader_change_nothing_and_see_their_levels(
    case_file, clerk, stranger, person_in, station
):
    item = filed(case_file, clerk)
    family = filed(case_file, clerk, category="5", title="政审材料")
    leader = person_in("lu", "leader", station)
    for user in (stranger, leader):
        for act in (
            lambda: filed(case_file, user),
            lambda: services.describe_item(
                item, services.ItemDescription("x", "1"), acting_user=user
            ),
            lambda: services.place_paper(
                case_file, room="1", rack="", layer="", box="", acting_user=user
            ),
        ):
            with pytest.raises(NotPermittedError):
                act()
    assert not Item.objects.visible_to(stranger, KEEP).exists()
    assert not Page.objects.visible_to(stranger, KEEP).exists()
    assert not CaseFile.objects.visible_to(stranger).exists()
    seen = set(Item.objects.visible_to(leader, stated("inquiry")))
    assert item in seen and (family in seen) == (family.level in ("基本", "奖惩"))


def test_the_place_of_the_paper_is_noted_with_what_was_before(case_file, clerk):
    services.place_paper(case_file, room="3", rack="12", layer="4", box="7", acting_user=clerk)
    case_file.refresh_from_db()
    assert (case_file.room, case_file.box) == ("3", "7")
    assert Entry.objects.filter(event="casefile:place", actor=str(clerk.pk)).count() == 1
