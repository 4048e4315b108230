"""Two records made one and taken apart again: nothing lost, nothing shown to whom it was shut."""

import pytest
from django.utils import timezone

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.jobs import worker
from rongdang.base.ledger.models import Entry
from rongdang.describe.access.avoiding import clear_avoidance, declare_relative
from rongdang.describe.access.models import Avoidance
from rongdang.describe.access.opening import search_ways
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.linkage.joining import merge, now_known_as, undo
from rongdang.describe.linkage.models import Joining, Pair
from rongdang.describe.linkage.splitting import split
from rongdang.describe.linkage.tests.lives import Lives, counted, house
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.models import Statement
from rongdang.provide.search.queries import suggestions

pytestmark = pytest.mark.django_db
WHY = "身份证号和出生年月都一致"


@pytest.fixture
def lives(station, clerk, person_in, city):
    def make(seed):
        security = person_in("sec-1", "security", city)
        accounts = [person_in(f"acc-{n}", "clerk", station) for n in range(2)]
        return Lives(station, clerk, security, accounts, seed)

    return make


@pytest.mark.parametrize("seed", range(12))
def test_any_merges_undone_leave_the_house_as_it_was_to_the_byte(lives, clerk, seed):
    world = lives(seed)
    people = [world.person(name) for name in ("林长河", "林长江", "林常河", "林长和")]
    before, filed_then = house(), counted()
    done = []
    for _again in range(world.chance.randrange(1, 4)):
        kept, other = world.chance.sample(list(Person.objects.open()), 2)
        done.append(merge(kept, other, reason=WHY, acting_user=clerk))
        assert counted() == filed_then
    assert house() != before
    for made in reversed(done):
        undo(made, reason="弄错了，是两个人", acting_user=clerk)
    assert house() == before
    assert {one.closed_at for one in Person.objects.filter(pk__in=[p.pk for p in people])} == {None}


@pytest.mark.parametrize("seed", range(6))
def test_any_split_undone_leaves_the_record_as_it_was(lives, clerk, seed):
    world = lives(100 + seed)
    person = world.person("林长河")
    for _more in range(3):
        world.row(person)
    before = {key: row for key, row in house().items() if key[0] != "casefiles.casefile"}
    rows = list(Statement.objects.filter(person=person).values_list("pk", flat=True))
    items = list(Item.objects.filter(case_file__person=person).values_list("pk", flat=True))
    chosen = {"statements": rows[:1], "items": items[: len(items) // 2]}
    made = split(person, **chosen, reason="两个同名的人混在一起", acting_user=clerk)
    assert Statement.objects.get(pk=rows[0]).person_id == made.other_id
    undo(made, reason="原来就是一个人", acting_user=clerk)
    after = {
        key: row
        for key, row in house().items()
        if key[0] != "casefiles.casefile" and key[1] != str(made.other_id)
    }
    assert after == before
    assert not Person.objects.open().filter(pk=made.other_id).exists()


@pytest.fixture
def two(station, clerk):
    """One with a file of two materials and one with a file of one, each saying a date of birth."""
    people = []
    for name, born, count in (("林长河", "1938-04", 2), ("林常河", "1938", 1)):
        person = create_person(unit=station, name=name, acting_user=clerk)
        case_file = open_case_file(person, acting_user=clerk)
        for _material in range(count):
            item = filed(case_file, clerk, title="干部履历表", texts=(name,))
        said = [FactValue("出生日期", born, page_id=item.pages.get().pk, formed="1962")]
        confirm_facts(person, said, acting_user=clerk)
        person.refresh_from_db()
        people.append(person)
    return people


def test_what_hung_on_two_hangs_on_one_and_is_found_there(two, clerk):
    kept, other = two
    made = merge(kept, other, reason=WHY, acting_user=clerk)
    kept.refresh_from_db()
    assert kept.record["出生日期"] == "1938-04" and kept.case_file.item_count == 3
    assert [item.sequence for item in kept.case_file.items.order_by("sequence")] == [1, 2, 3]
    assert not Person.objects.visible_to(clerk).filter(pk=other.pk).exists()
    joined = CaseFile.objects.get(person=other)
    assert (joined.state, joined.item_count) == ("joined", 0)
    assert now_known_as(other.pk) == kept.pk
    while worker.run_one():
        pass
    found = suggestions(clerk, search_ways(clerk), "林常河")
    assert [one.pk for one in found] in ([], [kept.pk])
    entry = Entry.objects.get(event="person:merge")
    assert (entry.actor, entry.subject_id) == (str(clerk.pk), str(made.pk))


def test_what_came_since_stays_where_it_came(two, clerk):
    kept, other = two
    made = merge(kept, other, reason=WHY, acting_user=clerk)
    kept.refresh_from_db()
    newer = filed(kept.case_file, clerk, title="退休审批表", texts=("退休",))
    said = [FactValue("军休类别", "退休", page_id=newer.pages.get().pk, formed="1998")]
    confirm_facts(kept, said, acting_user=clerk)
    undo(made, reason="弄错了，是两个人", acting_user=clerk)
    kept.refresh_from_db()
    other.refresh_from_db()
    assert (kept.retirement, other.retirement, other.closed_at) == ("退休", "", None)
    assert (kept.case_file.item_count, other.case_file.item_count) == (3, 1)
    assert kept.case_file.page_count == 3 and other.case_file.state == "open"


def test_whoever_was_shut_out_of_either_is_shut_out_of_both(two, clerk, person_in, city, station):
    kept, other = two
    security, nephew = person_in("sec-1", "security", city), person_in("yu", "clerk", station)
    declare_relative(nephew, other, relation="叔", acting_user=security)
    merge(kept, other, reason=WHY, acting_user=clerk)
    assert Avoidance.objects.holding().filter(user=nephew, person=kept).exists()
    with pytest.raises(NotPermittedError):
        confirm_facts(kept, [FactValue("籍贯", "云州")], acting_user=nephew)


def test_what_was_cleared_for_one_is_not_cleared_for_both(two, clerk, person_in, city, station):
    """The reader was found to be no kin of the one; of the other he is, so of the record he is."""
    kept, other = two
    security, nephew = person_in("sec-1", "security", city), person_in("yu", "clerk", station)
    mistaken = declare_relative(nephew, kept, relation="叔", acting_user=security)
    clear_avoidance(mistaken, why="查明不是亲属，只是同姓", acting_user=security)
    declare_relative(nephew, other, relation="叔", acting_user=security)
    made = merge(kept, other, reason=WHY, acting_user=clerk)
    shut = Avoidance.objects.holding().filter(user=nephew)
    assert shut.filter(person=kept).exists()
    undo(made, reason="弄错了，是两个人", acting_user=clerk)
    assert list(shut.values_list("person", flat=True)) == [other.pk]


def test_whoever_must_keep_away_from_one_merges_neither(two, person_in, city, station):
    kept, other = two
    security, nephew = person_in("sec-1", "security", city), person_in("yu", "clerk", station)
    declare_relative(nephew, other, relation="叔", acting_user=security)
    for first, second in ((kept, other), (other, kept)):
        with pytest.raises(NotPermittedError):
            merge(first, second, reason=WHY, acting_user=nephew)
    assert not Joining.objects.exists()


def test_two_said_to_be_different_are_never_merged_not_even_through_a_third(two, station, clerk):
    kept, other = two
    third = create_person(unit=station, name="林长河", acting_user=clerk)
    first, second = sorted((kept.pk, third.pk))
    Pair.objects.create(
        first_id=first,
        second_id=second,
        scope=kept.scope,
        probability=0.9,
        verdict="different",
        said_by=clerk,
        said_at=timezone.now(),
    )
    merge(other, third, reason=WHY, acting_user=clerk)
    for one, beside in ((kept, other), (other, kept)):
        with pytest.raises(ConflictError) as refused:
            merge(one, beside, reason=WHY, acting_user=clerk)
        assert refused.value.code == "said-different"


def test_taken_apart_they_are_remembered_as_different(two, clerk):
    kept, other = two
    undo(
        merge(kept, other, reason=WHY, acting_user=clerk),
        reason="弄错了，是两个人",
        acting_user=clerk,
    )
    with pytest.raises(ConflictError):
        merge(kept, other, reason=WHY, acting_user=clerk)


def test_joinings_are_undone_from_the_last_one_backwards_and_once(two, station, clerk):
    kept, other = two
    third = create_person(unit=station, name="林长河", acting_user=clerk)
    first = merge(kept, other, reason=WHY, acting_user=clerk)
    second = merge(third, kept, reason=WHY, acting_user=clerk)
    with pytest.raises(ConflictError):
        undo(first, reason="弄错了，是两个人", acting_user=clerk)
    assert now_known_as(other.pk) == third.pk
    undo(second, reason="弄错了，是两个人", acting_user=clerk)
    undo(first, reason="弄错了，是两个人", acting_user=clerk)
    with pytest.raises(ConflictError):
        undo(first, reason="弄错了，是两个人", acting_user=clerk)


def test_files_in_two_units_wait_for_the_paper(two, person_in, city, elsewhere, clerk):
    kept, _other = two
    far = person_in("city-clerk", "clerk", city)
    beyond = create_person(unit=elsewhere, name="林长河", acting_user=far)
    open_case_file(beyond, acting_user=far)
    with pytest.raises(NotPermittedError):
        merge(kept, beyond, reason=WHY, acting_user=clerk)
    with pytest.raises(ConflictError) as refused:
        merge(kept, beyond, reason=WHY, acting_user=far)
    assert refused.value.code == "two-custodians"


def test_a_sealed_file_is_reopened_by_what_joins_it(two, clerk):
    kept, other = two
    CaseFile.objects.filter(person__in=(kept, other)).update(state="sealed", version=1)
    made = merge(kept, other, reason=WHY, acting_user=clerk)
    assert CaseFile.objects.get(person=kept).state == "open"
    undo(made, reason="弄错了，是两个人", acting_user=clerk)
    states = CaseFile.objects.filter(person__in=(kept, other)).values_list("state", flat=True)
    assert set(states) == {"sealed"}


def test_while_one_is_being_sealed_nothing_is_merged(two, clerk):
    kept, other = two
    CaseFile.objects.filter(person=other).update(sealing_by=clerk)
    with pytest.raises(ConflictError) as refused:
        merge(kept, other, reason=WHY, acting_user=clerk)
    assert refused.value.code == "file-sealing" and Fact.objects.filter(person=other).exists()


def test_no_reason_no_merge_and_nobody_is_merged_with_himself(two, clerk):
    kept, other = two
    for reason, one, code in (("", other, "no-reason"), (WHY, kept, "same-record")):
        with pytest.raises(DomainError) as refused:
            merge(kept, one, reason=reason, acting_user=clerk)
        assert refused.value.code == code
    merge(kept, other, reason=WHY, acting_user=clerk)
    with pytest.raises(ConflictError) as refused:
        merge(kept, other, reason=WHY, acting_user=clerk)
    assert refused.value.code == "record-closed"


def test_nothing_or_all_or_another_s_is_not_split_off(two, clerk):
    kept, other = two
    items = list(Item.objects.filter(case_file__person=kept).values_list("pk", flat=True))
    theirs = list(Item.objects.filter(case_file__person=other).values_list("pk", flat=True))
    for chosen, code in (((), "split-what"), (theirs, "split-what"), (items, "split-all")):
        with pytest.raises(DomainError) as refused:
            split(kept, items=chosen, reason=WHY, acting_user=clerk)
        assert refused.value.code == code
    assert Person.objects.count() == 2


def test_of_two_in_one_file_each_gets_his_own(two, clerk):
    kept, _other = two
    first, second = Item.objects.filter(case_file__person=kept).order_by("sequence")
    made = split(kept, items=[second.pk], reason="两个同名的人混在一起", acting_user=clerk)
    kept.refresh_from_db()
    assert [item.pk for item in kept.case_file.items.all()] == [first.pk]
    assert [item.pk for item in made.other.case_file.items.all()] == [second.pk]
    parted = CaseFile.objects.get(person=made.other_id)
    assert "出生日期" not in kept.record and (parted.item_count, parted.page_count) == (1, 1)
    assert Fact.objects.get(page__item=second).person_id == made.other_id


@pytest.mark.usefixtures("two")
def test_a_reader_without_the_right_joins_nothing(two, person_in, station):
    kept, other = two
    with pytest.raises(NotPermittedError):
        merge(kept, other, reason=WHY, acting_user=person_in("liu", "leader", station))
