"""What a grant opens is found while it lasts: exactly that, in names, pages, counts and facets."""

import datetime as dt

import pytest
from django.utils import timezone

from rongdang.base.orgs.services import create_unit
from rongdang.describe.access.models import Avoidance
from rongdang.describe.access.predicate import KEEP, REGISTER, TRANSFER, stated
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.grants import services
from rongdang.describe.grants.models import Grant
from rongdang.describe.grants.tests.factories import granted
from rongdang.provide.search import queries
from rongdang.provide.search.matching import NARROWING
from rongdang.provide.search.queries import Filters
from rongdang.provide.search.tests.factories import person_with

pytestmark = pytest.mark.django_db
BENEFIT = stated("benefit")
PAPERS = (
    ("干部履历表", "1", "1953-07-12", ["姓名 高崎远", "荣军医院护士"]),
    ("立功登记表", "7", "1970-03", ["荣军医院抢救立功"]),
)


@pytest.fixture
def far(person_in, elsewhere):
    """Two people of another unit with the same words in their papers."""
    keeper = person_in("far", "clerk", elsewhere)
    return [person_with(name, keeper, elsewhere, *PAPERS) for name in ("高崎远", "高崎近")]


@pytest.fixture
def reader(person_in, station):
    return person_in("liu", "leader", station)


@pytest.fixture
def chief(person_in, city):
    return person_in("cheng", "leader", city)


@pytest.fixture
def grant(far, reader, person_in, elsewhere):
    giver = person_in("geng", "leader", elsewhere)
    return granted(reader, far[0].case_file, giver)


def found(user, query="荣军医院", purpose=BENEFIT, filters=Filters()):
    return queries.search(user, [purpose], query, filters)


def names(user, purpose, query="高崎"):
    return [one.name for one in queries.suggestions(user, [purpose], query)]


def test_without_a_grant_nothing_of_another_unit_is_found(far, reader):
    assert names(reader, REGISTER) == names(reader, BENEFIT) == []
    assert found(reader).total == 0


def test_what_the_grant_opens_is_found_and_nothing_beside_it(far, reader, grant, elsewhere):
    assert names(reader, REGISTER) == names(reader, BENEFIT) == ["高崎远"]
    assert [one.name for one in found(reader, "高崎", REGISTER).people] == ["高崎远"]
    told = found(reader)
    assert [hit.found.title for hit in told.hits] == ["干部履历表"] and told.total == 1
    assert told.facets["unit"] == [(elsewhere.path, elsewhere.name, 1)]
    assert found(reader, filters=Filters(unit=elsewhere.path)).total == 1
    listed = CaseFile.objects.visible_to(reader).filter(scope=elsewhere.path)
    assert [one.person_id for one in listed] == [far[0].pk]


def test_for_another_purpose_its_pages_are_not_found_only_that_the_file_is(far, reader, grant):
    assert found(reader, purpose=stated("daily")).total == 0
    assert names(reader, stated("daily")) == ["高崎远"]
    assert names(reader, TRANSFER) == []


@pytest.mark.parametrize("end", ["over", "withdrawn"])
def test_after_its_end_nothing_is_found(far, reader, grant, end):
    if end == "over":
        Grant.objects.filter(pk=grant.pk).update(until=timezone.now())
    else:
        services.withdraw(grant, why="不需要了", acting_user=reader)
    assert names(reader, REGISTER) == names(reader, BENEFIT) == []
    assert found(reader).total == 0 and found(reader).facets.get("unit") in (None, [])


def test_a_grant_of_another_level_tells_the_name_and_no_other_page(
    far, reader, person_in, elsewhere
):
    giver = person_in("geng", "leader", elsewhere)
    granted(reader, far[0].case_file, giver, levels=["奖惩"])
    assert names(reader, BENEFIT) == ["高崎远"]
    assert [hit.found.title for hit in found(reader).hits] == ["立功登记表"]


def test_a_relative_s_file_is_not_found_by_a_grant_either(far, reader, grant):
    Avoidance.objects.create(user=reader, person=far[0], ground="kin")
    assert found(reader).total == 0 and names(reader, BENEFIT) == []


def test_a_keeper_finds_the_name_beside_his_own_files(far, clerk, station, person_in, elsewhere):
    person_with("高崎山", clerk, station)
    granted(clerk, far[0].case_file, person_in("geng", "leader", elsewhere))
    assert sorted(names(clerk, KEEP)) == sorted(["高崎山", "高崎远"])
    assert found(clerk, purpose=KEEP).total == 0  # its pages need the reason of the grant


def test_grants_of_more_units_than_narrow_the_index_find_as_much(reader, chief, city, person_in):
    keeper = person_in("far", "clerk", city)
    for n in range(NARROWING + 1):
        unit = create_unit(
            code=f"9901{n:02d}", name=f"第{n}所", parent=city, acting_user=None, fonds=f"X1{n}"
        )
        one = person_with(f"高崎{chr(0x4E00 + n)}", keeper, unit, PAPERS[0])
        granted(reader, one.case_file, chief)
    assert found(reader).total == NARROWING + 1
    assert names(reader, REGISTER, "高崎一") == ["高崎一"]
