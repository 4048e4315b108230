"""One box: what is found, counted, suggested and drawn, and by whom."""

import pytest

from rongdang.base.accounts.models import User
from rongdang.base.jobs import worker
from rongdang.describe.access.predicate import KEEP, stated
from rongdang.describe.casefiles.models import Item, Page
from rongdang.describe.casefiles.services import ItemDescription, describe_item
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.provide.search import queries
from rongdang.provide.search.matching import FoundPerson, FoundUnit
from rongdang.provide.search.models import Document
from rongdang.provide.search.queries import Filters
from rongdang.provide.search.services import (
    find_item,
    index_case_file,
    index_item,
    index_person,
)
from rongdang.provide.search.tests.factories import layer, person_with

pytestmark = pytest.mark.django_db


def purpose_of(user):
    """Those who keep the files search to keep them, others for a reason that needs every level."""
    return KEEP if user.may(KEEP.permission) else stated("inquiry")


def search(user, query, *filters, before=None):
    return queries.search(user, [purpose_of(user)], query, *filters, before=before)


def suggestions(user, query):
    return queries.suggestions(user, [purpose_of(user)], query)


@pytest.fixture
def leader(person_in, city):
    return person_in("liang", "leader", city)


@pytest.fixture
def lin(clerk, station):
    return person_with(
        "林长河",
        clerk,
        station,
        (
            "干部履历表",
            "1",
            "1953-07-12",
            ["姓名 林长河", "1953年7月入伍", "共23人"],
            ["曾任三连战士"],
        ),
        ("自传", "2", "1958", ["我的家庭", "叔父林守信在外"]),
        ("立功授奖登记表", "7", "1962-05", ["荣立三等功"]),
        ("任免呈报表", "9-2", "1962", ["任命为连长"]),
    )


def same(person):
    """The person as a search finds him."""
    now = Person.objects.select_related("unit", "case_file").get(pk=person.pk)
    file = getattr(now, "case_file", None)
    unit = FoundUnit(now.unit.name, now.unit.name_en)
    return FoundPerson(
        now.pk, now.name, now.name_keys, now.birth, file.number if file else None, unit
    )


def test_words_of_a_page_with_their_place(lin, clerk):
    found = search(clerk, "1953年7月")
    [hit] = found.hits
    assert (hit.before, hit.match, hit.after) == ("姓名 林长河", "1953年7月", "入伍 共23人")
    assert hit.found.sequence == 1 and hit.found.title == "干部履历表"
    assert hit.boxes == [pytest.approx((0.1, 0.09, 0.1 + 0.02 * 7, 0.12), abs=1e-3)]
    assert found.total == 1 and found.after is None and found.people == []


@pytest.mark.parametrize(
    "query",
    [
        "林长河",
        "長河",
        "linchanghe",
        "lin changhe",
        "lch",
        "LCH",
        "linzhanghe",
        "changhe",
        "linch",
        "X002-RS·JX-00001",
        "00001",
        "x002-rs.jx-00001",
    ],
)
def test_a_person_by_name_pinyin_initials_and_number(lin, clerk, query):
    assert search(clerk, query).people == [same(lin)]
    assert suggestions(clerk, query) == [same(lin)]


@pytest.mark.parametrize("query", ["anghe", "ng", "ingh", "rs", "jx", "林河", "长林", "linlin"])
def test_parts_inside_a_spelling_or_a_number_find_nobody(lin, clerk, query):
    assert search(clerk, query).people == []


@pytest.mark.parametrize(
    "name,query",
    [
        ("吕建国", "lvjianguo"),
        ("吕建国", "lüjianguo"),
        ("曾乐行", "zenglexing"),
        ("单于明", "chanyuming"),
        ("买买提·阿卜杜", "买买提阿卜杜"),
        ("买买提·阿卜杜", "maimaiti"),
        ("王𬱟", "𬱟"),
        ("劉喆", "刘喆"),
    ],
)
def test_names_of_every_kind(clerk, station, name, query):
    person = person_with(name, clerk, station)
    assert search(clerk, query).people == [same(person)]


def test_a_new_person_is_found_as_soon_as_his_job_has_run(clerk, station):
    create_person(unit=station, name="高崎远", acting_user=clerk)
    while worker.run_one():
        pass
    assert [person.name for person in search(clerk, "gqy").people] == ["高崎远"]


def test_the_very_name_stands_before_longer_ones(clerk, station):
    people = [person_with(name, clerk, station) for name in ("王伟明", "大王伟", "王伟")]
    found = search(clerk, "王伟")
    assert (
        found.people == [same(people[2]), same(people[0]), same(people[1])]
        and found.people_total == 3
    )


def test_a_former_name_is_found_once_it_is_confirmed(lin, clerk):
    assert search(clerk, "林水生").people == []
    confirm_facts(
        lin,
        [
            FactValue("曾用名", "林水生", formed="1950"),
            FactValue("曾用名", "林阿水", formed="1949"),
        ],
        acting_user=clerk,
    )
    index_person(lin)
    for query in ("林水生", "lss", "林阿水", "林长河"):
        assert search(clerk, query).people == [same(lin)]


def test_a_corrected_name_takes_the_place_of_the_wrong_one(clerk, station):
    person = person_with("林常河", clerk, station)
    confirm_facts(person, [FactValue("姓名", "林长河", formed="1950")], acting_user=clerk)
    index_person(person)
    assert search(clerk, "林长河").people == [same(person)]
    assert search(clerk, "林常河").people == []


def test_titles_and_facets_with_their_counts(lin, clerk, station, elsewhere, city, person_in):
    other = person_with(
        "高崎",
        person_in("sun", "clerk", elsewhere),
        elsewhere,
        ("干部履历表", "1", "1953", ["1953年"]),
    )
    chief = person_in("ning", "reviewer", city)
    found = search(chief, "1953年")
    assert found.total == 2
    assert found.facets == {
        "unit": [(elsewhere.path, "银杏路军休所", 1), (station.path, "梧桐里军休所", 1)][
            :: 1 if elsewhere.path < station.path else -1
        ],
        "category": [("1", "1", 2)],
        "year": [("1953", "1953", 2)],
    }
    titles = search(chief, "干部履历表")
    assert titles.total == 2 and {hit.found.kind for hit in titles.hits} == {"i"}
    assert {hit.found.person_id for hit in titles.hits} == {lin.pk, other.pk}
    assert search(chief, "1953年", Filters(unit=station.path)).total == 1
    assert search(chief, "1953年", Filters(category="7")).total == 0
    assert search(chief, "林长河 任命").total == 0


def test_facets_of_sub_classes_and_years(lin, clerk):
    found = search(clerk, "任")
    assert found.facets["category"] == [("1", "1", 1), ("9-2", "9-2", 2)]
    assert found.facets["year"] == [("1953", "1953", 1), ("1962", "1962", 2)]
    assert search(clerk, "任", Filters(category="9")).total == 2
    assert search(clerk, "任", Filters(category="9-2", year="1962")).total == 2
    assert search(clerk, "任", Filters(year="1953")).total == 1


def test_facets_count_all_that_is_found_not_the_first_thousand(lin, clerk):
    item = Item.objects.get(title="干部履历表")
    from rongdang.provide.search import services
    from rongdang.provide.search.layout import Layout
    from uuid import uuid4

    for number in range(1100):
        services._put_in(
            Document(
                kind="p",
                ref=uuid4(),
                person=lin,
                item=item,
                scope=lin.scope,
                level="基本",
                category="1",
                year=str(1950 + number % 2),
            ),
            Layout("大会战", b""),
        )
    found = search(clerk, "大会战")
    assert found.total == 1100 and not found.counted_out
    assert found.facets["year"] == [("1950", "1950", 550), ("1951", "1951", 550)]


def test_a_stranger_learns_nothing(lin, stranger):
    for query in ("林长河", "lch", "1953年7月", "干部履历表", "X002-RS·JX-00001", "王"):
        found = search(stranger, query)
        assert (found.people, found.hits, found.total, found.people_total) == ([], [], 0, 0)
        assert not any(found.facets.values())
        assert suggestions(stranger, query) == []


def test_somebody_without_a_role_finds_nothing(lin):
    assert search(User(username="nobody"), "林长河").people == []


def test_a_leader_is_not_told_of_what_is_inside(lin, leader):
    assert search(leader, "林长河").people == [same(lin)]
    assert search(leader, "三等功").total == 1
    for inner in ("自传", "叔父", "我的家庭", "林守信"):
        found = search(leader, inner)
        assert (found.hits, found.total, found.people) == ([], 0, [])
        assert not any(found.facets.values())


def test_a_name_said_only_on_an_inner_page_is_known_only_inside(lin, clerk, leader):
    inner = Page.objects.get(item__title="自传")
    confirm_facts(lin, [FactValue("曾用名", "林水生", page_id=inner.pk)], acting_user=clerk)
    index_person(lin)
    assert search(clerk, "林水生").people == [same(lin)]
    assert search(leader, "林水生").people == [] and suggestions(leader, "lss") == []
    assert search(leader, "林长河").people == [same(lin)]
    assert search(clerk, "林长河").people_total == 1
    open_page = Page.objects.filter(item__title="干部履历表").first()
    confirm_facts(lin, [FactValue("曾用名", "林水生", page_id=open_page.pk)], acting_user=clerk)
    index_person(lin)
    assert search(leader, "林水生").people == [same(lin)]


def test_a_material_that_moves_inside_is_gone_for_the_leader(lin, clerk, leader):
    item = Item.objects.get(title="任免呈报表")
    page = item.pages.get()
    confirm_facts(lin, [FactValue("曾用名", "林水生", page_id=page.pk)], acting_user=clerk)
    index_person(lin)
    assert search(leader, "任命").total == 1 and search(leader, "林水生").people == [same(lin)]
    describe_item(item, ItemDescription("任职材料", "3", "1963"), acting_user=clerk)
    assert search(leader, "任命").hits == []  # even before the index follows, nothing is shown
    index_item(find_item(item.pk))
    found = search(leader, "任命")
    assert (found.total, found.hits, found.facets["category"]) == (0, [], [])
    assert search(leader, "林水生").people == []
    assert search(clerk, "任职材料").total == 1 and search(clerk, "任免呈报表").total == 0
    assert search(clerk, "任命").facets["year"] == [("1963", "1963", 1)]


def test_a_person_who_moved_away_is_gone_even_before_the_index_follows(lin, clerk, elsewhere):
    assert search(clerk, "林长河").people == [same(lin)]
    Person.objects.filter(pk=lin.pk).update(unit=elsewhere, scope=elsewhere.path)
    assert search(clerk, "林长河").people == []


def test_indexed_twice_is_found_once_and_leaves_nothing_behind(lin, clerk):
    case_file = lin.case_file
    before = Document.objects.count()
    index_case_file(case_file)
    index_item(Item.objects.get(title="自传"))
    assert Document.objects.count() == before
    assert search(clerk, "叔父").total == 1
    assert search(clerk, "林长河").people == [same(lin)]


def test_a_page_read_anew_is_found_by_its_new_words(lin, clerk):
    import zlib

    page = Page.objects.get(item__title="自传")
    page.layer = zlib.compress(layer("我的家乡").to_json().encode())
    page.save(update_fields=["layer"])
    index_item(page.item)
    assert search(clerk, "家乡").total == 1 and search(clerk, "叔父").total == 0


def test_a_material_without_pages_is_found_by_its_title(clerk, station):
    from rongdang.describe.casefiles.registering import (
        RegisteredItem,
        RegisterRow,
        take_over_register,
    )

    [case_file] = take_over_register(
        station,
        [
            RegisterRow(
                "高崎远", {}, (RegisteredItem(ItemDescription("入伍登记表", "9-2", "1955"), 2),)
            )
        ],
        acting_user=clerk,
    )
    index_case_file(case_file)
    assert [hit.found.page_id for hit in search(clerk, "入伍登记表").hits] == [None]


def test_the_list_goes_on(clerk, station):
    lines = [[f"第{n}次大会"] for n in range(45)]
    person_with("林长河", clerk, station, ("会议记录", "9-4", "1960", *lines))
    seen, after = [], None
    while True:
        found = search(clerk, "大会", before=after)
        assert found.total == 45
        seen += [hit.found.row for hit in found.hits]
        after = found.after
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 45 and seen == sorted(seen, reverse=True)


def test_as_many_queries_for_many_as_for_few(lin, clerk, station, django_assert_max_num_queries):
    clerk = User.objects.get(pk=clerk.pk)
    clerk.held
    with django_assert_max_num_queries(8):
        assert len(search(clerk, "林").people) == 1
    for n in range(15):
        person_with(f"林{n}号", clerk, station, ("干部履历表", "1", "1953", ["林家"], ["林家"]))
    with django_assert_max_num_queries(8):
        found = search(clerk, "林")
    assert len(found.people) == 12 and found.people_total == 16 and len(found.hits) == 10


@pytest.mark.parametrize(
    "given,kept",
    [
        ({"unit": "0001.0002", "category": "9-2", "year": "1953"}, ("0001.0002", "9-2", "1953")),
        ({"unit": '0001" OR "', "category": "x", "year": "五三"}, ("", "", "")),
    ],
)
def test_what_is_no_facet_is_left_aside(given, kept):
    filters = Filters.of(**given)
    assert (filters.unit, filters.category, filters.year) == kept
