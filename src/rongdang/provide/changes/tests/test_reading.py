"""What changed since: everything in order, nothing twice, and only what the reader may know."""

import pytest

from rongdang.base.ids import uuid7
from rongdang.base.ledger.queries import size
from rongdang.describe.access.avoiding import declare_relative
from rongdang.describe.casefiles.services import open_case_file
from rongdang.describe.casefiles.tests.factories import filed
from rongdang.describe.casefiles.withdrawing import withdraw_fact
from rongdang.describe.linkage.joining import merge, undo
from rongdang.describe.people.models import Fact
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.missing import keys_read
from rongdang.describe.statements.recording import Row, record_batch
from rongdang.describe.statements.said import Said
from rongdang.describe.statements.services import make_source
from rongdang.describe.statements.taking_back import take_back
from rongdang.provide.changes import reading
from rongdang.provide.changes.kinds import kinds

pytestmark = pytest.mark.django_db


@pytest.fixture
def life(station, clerk):
    """Somebody added, his file opened, a material filed, facts confirmed from it, one withdrawn."""
    person = create_person(unit=station, name="林长河", acting_user=clerk)
    case_file = open_case_file(person, acting_user=clerk)
    item = filed(case_file, clerk, title="干部履历表", texts=("林长河",))
    page = item.pages.get()
    said = [
        FactValue("出生日期", "1938-04", page_id=page.pk, formed="1962"),
        FactValue("残疾等级", "六级", page_id=page.pk, formed="1962"),
    ]
    confirm_facts(person, said, acting_user=clerk)
    wrong = Fact.objects.get(field="残疾等级")
    withdraw_fact(wrong, reason="看错了行，是另一个人的", acting_user=clerk)
    return person


def all_of(user, most=2, **more):
    """Everything, as a programme takes it: a little at a time, each time from where it stopped."""
    after, changes = 0, []
    while True:
        told = reading.changes_since(user, after, most=most, **more)
        changes += told.changes
        assert told.after >= after
        after = told.after
        if not told.more:
            return changes


def test_a_keeper_of_files_is_told_what_changed_why_and_by_which_source(life, clerk):
    changes = all_of(clerk)
    assert [one.kind.event for one in changes] == [
        "person:create",
        "casefile:open",
        "item:file",
        "fact:confirm",
        "fact:withdraw",
    ]
    assert {one.person for one in changes} == {life.pk} and changes == all_of(clerk, most=500)
    confirmed, withdrawn = changes[-2:]
    assert set(confirmed.fields) == {"出生日期", "残疾等级"}
    assert [origin.name for origin in confirmed.origins] == ["干部履历表"]
    assert (withdrawn.fields, withdrawn.why) == (("残疾等级",), "看错了行，是另一个人的")


def test_a_leader_learns_that_something_changed_and_not_what(life, person_in, station):
    changes = all_of(person_in("liu", "leader", station))
    assert [one.kind.event for one in changes] == [
        "person:create",
        "casefile:open",
        "fact:confirm",
        "fact:withdraw",
    ]
    assert not any(one.fields or one.origins or one.why for one in changes)


def test_another_home_and_officers_are_told_nothing(life, stranger, person_in, city):
    for user in (stranger, person_in("sys-1", "system", city), person_in("aud-1", "audit", city)):
        told = reading.changes_since(user, 0, most=500)
        assert (told.changes, told.after, told.more) == ((), size(), False)


def test_of_a_relative_s_file_nothing_is_told(life, person_in, city, clerk):
    security = person_in("sec-1", "security", city)
    declare_relative(clerk, life, relation="父", acting_user=security)
    assert all_of(clerk) == []


def test_long_stretches_of_other_entries_are_passed_over(life, clerk):
    assert len(all_of(clerk, look=3)) == 5


def test_rows_of_an_old_system_are_told_person_by_person_with_their_source(station, clerk):
    source = make_source(unit=station, name="工资表", kind="table", acting_user=clerk)
    said = [("1", {"姓名": "林长河", "残疾等级": "六级"}), ("2", {"姓名": "林长江"})]
    rows = [
        Row(at, key, {field: Said(value) for field, value in one.items()})
        for at, (key, one) in enumerate(said, 2)
    ]
    run = uuid7()
    record_batch(source, rows, run=run, span=(2, 3), seen=keys_read(run), acting_user=clerk)
    told = [one for one in all_of(clerk) if one.kind.event == "statement:record"]
    assert [set(one.fields) for one in told] in (
        [{"姓名", "残疾等级"}, {"姓名"}],
        [{"姓名"}, {"姓名", "残疾等级"}],
    )
    assert {origin.name for one in told for origin in one.origins} == {"工资表"}
    people = {one.person for one in told}
    assert take_back(source, run, after=None, acting_user=clerk) is not None
    gone = [one for one in all_of(clerk) if one.kind.event == "statement:take-back"]
    assert {one.person for one in gone} == people  # their records were closed, and that is told


def test_two_records_that_became_one_are_told_with_both_names_of_the_record(life, station, clerk):
    other = create_person(unit=station, name="林长河", acting_user=clerk)
    undo(
        merge(life, other, reason="身份证号一致", acting_user=clerk),
        reason="弄错了，是两个人",
        acting_user=clerk,
    )
    told = [one for one in all_of(clerk) if one.kind.of == "joining"]
    assert [one.kind.event for one in told] == ["person:merge", "person:unmerge"]
    assert {(one.person, one.subject) for one in told} == {(life.pk, other.pk)}


def test_every_kind_of_change_has_its_reader():
    assert {kind.of for kind in kinds().values()} == set(reading.READERS)
