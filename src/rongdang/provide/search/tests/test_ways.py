"""A search finds what any of one's lawful ways opens, each hit under the way that opens it, no more."""

import datetime as dt
from itertools import product

import pytest
from django.utils import timezone

from rongdang.base.accounts.services import assign_role
from rongdang.describe.access import opening
from rongdang.describe.access.models import Avoidance
from rongdang.describe.access.predicate import KEEP, REGISTER, content, stated
from rongdang.describe.casefiles.models import ITEMS, Item
from rongdang.describe.grants import emergency, readers, services
from rongdang.describe.grants.models import EmergencyUse
from rongdang.describe.grants.tests.factories import granted
from rongdang.provide.search import queries
from rongdang.provide.search.queries import Filters
from rongdang.provide.search.tests.factories import person_with

pytestmark = pytest.mark.django_db
WORD = "荣军医院"
PAPERS = (
    ("干部履历表", "1", "1953-07-12", [f"{WORD}护士 身份证 99010119530712001X"]),
    ("立功登记表", "7", "1970-03", [f"{WORD}抢救立功"]),
    ("体检表", "9-4", "1980", [f"{WORD}青霉素过敏"]),
)


@pytest.fixture
def near(clerk, station):
    return person_with("高崎山", clerk, station, *PAPERS)


@pytest.fixture
def far(person_in, elsewhere):
    """Two people of another unit with the same words in their papers."""
    keeper = person_in("far", "clerk", elsewhere)
    return [person_with(name, keeper, elsewhere, *PAPERS) for name in ("高崎远", "高崎近")]


@pytest.fixture
def giver(person_in, elsewhere):
    return person_in("geng", "leader", elsewhere)


def found(user, query=WORD, filters=Filters()):
    return queries.search(user, opening.search_ways(user), query, filters)


def names(user, query="高崎"):
    return {one.name for one in queries.suggestions(user, opening.search_ways(user), query)}


def titles(results):
    return sorted((hit.found.person, hit.found.title, hit.purpose.code) for hit in results.hits)


def test_a_keeper_finds_his_own_files_and_what_a_grant_opens_each_under_its_purpose(
    near, far, clerk, station, elsewhere, giver
):
    granted(clerk, far[0].case_file, giver, levels=["基本"])
    told = found(clerk)
    assert titles(told) == sorted(
        [("高崎山", title, "keep") for title, *_rest in PAPERS]
        + [("高崎远", "干部履历表", "benefit"), ("高崎远", "体检表", "benefit")]
    )
    assert told.total == 5
    assert told.facets["unit"] == [
        (station.path, station.name, 3),
        (elsewhere.path, elsewhere.name, 2),
    ]
    assert dict((code, count) for code, _label, count in told.facets["category"]) == {
        "1": 2,
        "7": 1,
        "9-4": 2,
    }
    assert found(clerk, filters=Filters(unit=elsewhere.path)).total == 2
    assert names(clerk) == {"高崎山", "高崎远"}


def test_numbers_are_masked_where_the_way_that_opens_the_page_masks_them(near, far, clerk, giver):
    granted(clerk, far[0].case_file, giver)
    shown = {
        hit.found.person: f"{hit.before}{hit.match}{hit.after}"
        for hit in found(clerk, "身份证").hits
    }
    assert "99010119530712001X" in shown["高崎山"]
    assert "99010119530712001X" not in shown["高崎远"]


def test_a_grant_opens_its_own_files_and_gives_no_reason_for_others(
    near, far, person_in, station, giver
):
    leader = person_in("liu", "leader", station)
    granted(leader, far[0].case_file, giver)
    opened = [("高崎远", title, "benefit") for title in ("体检表", "干部履历表")]
    assert titles(found(leader)) == opened
    opening.open_search(code="benefit", note="", acting_user=leader)
    assert {person for person, _title, _code in titles(found(leader))} == {"高崎山", "高崎远"}


def test_who_keeps_files_here_and_reads_others_there_finds_both(near, far, clerk, elsewhere):
    assign_role(user=clerk, role="leader", unit=elsewhere, acting_user=None)
    clerk = type(clerk).objects.get(pk=clerk.pk)
    assert names(clerk) == {"高崎山", "高崎远", "高崎近"}
    assert {person for person, *_rest in titles(found(clerk))} == {"高崎山"}
    opening.open_search(code="honour", note="", acting_user=clerk)
    assert {(person, code) for person, _title, code in titles(found(clerk))} == {
        ("高崎山", "keep"),
        ("高崎远", "honour"),
        ("高崎近", "honour"),
    }


@pytest.mark.parametrize("end", ["over", "withdrawn", "relative"])
def test_what_ended_is_not_found_the_rest_still_is(near, far, clerk, giver, end, monkeypatch):
    grant = granted(clerk, far[0].case_file, giver)
    if end == "over":
        monkeypatch.setattr(timezone, "now", lambda: grant.until)
    elif end == "withdrawn":
        services.withdraw(grant, why="不需要了", acting_user=clerk)
    else:
        Avoidance.objects.create(user=clerk, person=far[0], ground="kin")
    assert {person for person, *_rest in titles(found(clerk))} == {"高崎山"}
    assert found(clerk).total == 3 and len(found(clerk).facets["unit"]) == 1


def test_the_index_finds_exactly_what_the_predicate_opens(
    near, far, clerk, person_in, station, city, giver
):
    """The same question asked of the ORM, one way after the other, for readers of every kind."""
    leader, both = person_in("liu", "leader", station), person_in("bo", "reviewer", station)
    assign_role(user=both, role="leader", unit=far[0].unit, acting_user=None)
    both = type(both).objects.get(pk=both.pk)
    granted(leader, near.case_file, person_in("cheng", "leader", city), levels=["奖惩"])
    for user, one in product((clerk, both), far):
        granted(user, one.case_file, giver, levels=["奖惩"])
    Avoidance.objects.create(user=both, person=far[1], ground="kin")
    opening.open_search(code="honour", note="", acting_user=both)
    for user in (clerk, leader, both, giver):
        ways = opening.search_ways(user)
        truth = set()
        for way in ways:
            rows = Item.objects.filter(content(user, way, ITEMS)) if way.kind != "register" else ()
            truth |= {(item.case_file.person.name, item.title) for item in rows}
        told = found(user)
        assert {(hit.found.person, hit.found.title) for hit in told.hits} == truth
        assert told.total == len(truth)
        assert sum(count for *_rest, count in told.facets.get("unit", ())) == len(truth)


def test_an_emergency_is_searched_for_its_hour_and_not_a_moment_longer(
    near, reviewer, person_in, city, station, far, monkeypatch
):
    guard, chief = person_in("gu", "security", city), person_in("cheng", "leader", city)
    night = person_in("ye", "leader", station)
    reader = readers.name_reader(user=night, unit=station, why="夜班", acting_user=guard)
    readers.confirm_reader(reader, acting_user=chief)
    assert found(night, "青霉素").total == 0
    use = emergency.break_glass(
        sought="高崎山", reason="林老突发心梗，急查药物过敏史", acting_user=night
    )
    told = found(night, "青霉素")
    assert titles(told) == [("高崎山", "体检表", "emergency")]
    assert found(night).total == 3  # this file, all of it, and no other
    last = use.grant.until - dt.timedelta(microseconds=1)
    for moment, total in ((last, 1), (use.grant.until, 0)):
        monkeypatch.setattr(timezone, "now", lambda moment=moment: moment)
        assert found(night, "青霉素").total == total
    monkeypatch.undo()
    readers.review(
        EmergencyUse.objects.get(), justified=False, finding="没有紧急情况", acting_user=guard
    )
    assert found(night, "青霉素").total == 0
    assert opening.search_ways(night) == (REGISTER,)


def test_ways_are_told_to_the_ledger(far, clerk, giver):
    granted(clerk, far[0].case_file, giver)
    ways = opening.search_ways(clerk)
    assert ways == (KEEP, stated("benefit", by_grant=True), REGISTER)
    assert opening.told_of(ways) == {"purpose": "keep", "also": ["benefit"]}
