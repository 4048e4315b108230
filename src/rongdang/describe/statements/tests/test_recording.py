import json

import pytest
from django.db import IntegrityError, transaction

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ids import uuid7
from rongdang.base.ledger.models import Detail, Entry
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.models import Batch, Statement
from rongdang.describe.statements.recording import Row, record_batch
from rongdang.describe.statements.services import make_source

from .conftest import NUMBERS, rows, says

pytestmark = pytest.mark.django_db
LIN = ("1", says("林长河", NUMBERS[0], 性别="男", 出生日期="1934-05-12", 军休类别="退休"))
ZHAO = ("2", says("赵小兰", NUMBERS[1]))


def test_a_new_row_opens_a_person_who_says_what_the_row_says(payroll, read):
    _run, told = read(payroll, rows(LIN, ZHAO))
    assert (told.new, told.opened, told.changed, told.unchanged) == (2, 2, 0, 0)
    person = Person.objects.get(name="林长河")
    assert (person.sex, person.birth, person.retirement) == ("男", "1934-05-12", "退休")
    assert person.name_keys == "linchanghe lch"
    assert person.record["出生日期"] == "1934-05-12"
    statement = Statement.objects.of_number("990101340512001").get()
    assert statement.person == person
    assert statement.sayings == LIN[1]
    assert statement.scope == person.scope == payroll.scope


def test_the_same_again_changes_nothing(payroll, read):
    read(payroll, rows(LIN, ZHAO))
    before = list(Statement.objects.values())
    _run, told = read(payroll, rows(ZHAO, LIN, first=9))
    assert (told.new, told.changed, told.unchanged, told.opened) == (0, 0, 2, 0)
    assert list(Statement.objects.values()) == before


def test_another_word_ends_the_statement_and_makes_one(payroll, read):
    run, _told = read(payroll, rows(LIN))
    later, told = read(payroll, rows(("1", says("林长河", NUMBERS[0], 性别="女"))))
    assert (told.changed, told.new, told.opened) == (1, 0, 0)
    assert dict(told.altered) == {"性别": 1}
    ended, holds = Statement.objects.order_by("pk")
    assert (ended.run, ended.ended_run, holds.run, holds.ended_run) == (run, later, later, None)
    assert ended.ended_at == holds.recorded_at
    assert ended.person_id == holds.person_id


def test_number_and_name_find_the_person_and_one_of_them_does_not(payroll, station, clerk, read):
    known = create_person(unit=station, name="林长河", acting_user=clerk)
    confirm_facts(known, [FactValue("公民身份号码", NUMBERS[0])], acting_user=clerk)
    _run, told = read(payroll, rows(LIN, ("7", says("林长江", NUMBERS[0])), ("8", says("林长河"))))
    assert told.opened == 2
    assert [s.person_id == known.pk for s in Statement.objects.order_by("row")] == [
        True,
        False,
        False,
    ]


def test_two_rows_of_one_batch_are_one_person_where_number_and_name_agree(payroll, read):
    _run, told = read(payroll, rows(LIN, ("1-2", says("林長河", NUMBERS[0]))))
    assert (told.new, told.opened) == (2, 1)
    assert Statement.objects.values("person").distinct().count() == 1


def test_a_number_that_cannot_be_right_finds_nobody(payroll, read):
    wrong = "990101193405120016"
    _run, told = read(payroll, rows(("1", says("林长河", wrong)), ("2", says("林长河", wrong))))
    assert told.opened == 2


def test_two_people_of_one_number_and_name_are_left_to_linkage(payroll, station, clerk, read):
    for _ in range(2):
        twin = create_person(unit=station, name="林长河", acting_user=clerk)
        confirm_facts(twin, [FactValue("公民身份号码", NUMBERS[0])], acting_user=clerk)
    _run, told = read(payroll, rows(LIN))
    assert told.opened == 1


def test_people_of_another_unit_are_not_found(payroll, elsewhere, read, stranger):
    theirs = make_source(unit=elsewhere, name="名册", kind="table", acting_user=stranger)
    record_batch(theirs, rows(LIN), run=theirs.pk, span=(2, 2), seen=(), acting_user=stranger)
    _run, told = read(payroll, rows(LIN))
    assert told.opened == 1


def test_a_key_that_comes_twice_is_refused_the_second_time(payroll, read):
    run, told = read(payroll, rows(LIN, ("1", says("林长江"))))
    assert told.refused == {3: "twice"}
    _run, told = read(payroll, rows(("1", says("林长江")), first=10), run=run)
    assert told.refused == {10: "twice"}
    assert Statement.objects.count() == 1


def test_a_key_given_to_somebody_else_is_refused(payroll, read):
    read(payroll, rows(LIN))
    _run, told = read(payroll, rows(("1", says("赵小兰", NUMBERS[1]))))
    assert told.refused == {2: "somebody-else"}
    assert Statement.objects.holding().get().sayings == LIN[1]
    _run, told = read(payroll, rows(("1", says("林长江", NUMBERS[0]))))  # renamed, same number
    assert told.changed == 1


def test_a_row_without_a_name_opens_nobody_but_may_be_somebody_known(payroll, read):
    read(payroll, rows(LIN))
    _run, told = read(
        payroll,
        rows(("9", {"公民身份号码": LIN[1]["公民身份号码"]}), ("1", {"性别": LIN[1]["性别"]})),
    )
    assert told.refused == {2: "nameless"}
    assert told.changed == 1


def test_one_entry_tells_of_a_batch_in_numbers_and_a_digest(payroll, read):
    read(payroll, rows(LIN, ZHAO))
    entry = Entry.objects.get(event="statement:record")
    told = json.loads(Detail.objects.get(pk=entry.seq).body)
    assert entry.subject_id == str(Batch.objects.get().pk)
    assert (told["new"], told["opened"], told["rows"], len(told["digest"])) == (2, 2, [2, 3], 64)
    assert "林长河" not in str(told)
    assert len(Batch.objects.get().people_ids) == 2


def test_only_who_may_run_sources_records(payroll, stranger):
    with pytest.raises(NotPermittedError):
        record_batch(payroll, rows(LIN), run=payroll.pk, span=(2, 2), seen=(), acting_user=stranger)
    assert not Statement.objects.exists()


def test_one_statement_of_a_row_holds(payroll, read):
    read(payroll, rows(LIN))
    statement = Statement.objects.get()
    statement.says, statement.pk = statement.says, uuid7()
    with pytest.raises(IntegrityError), transaction.atomic():
        statement.save(force_insert=True)


def test_a_source_has_its_own_name_in_its_unit(payroll, station, clerk, stranger):
    with pytest.raises(ConflictError):
        make_source(unit=station, name=" 工资表 ", kind="table", acting_user=clerk)
    with pytest.raises(DomainError):
        make_source(unit=station, name=" ", kind="table", acting_user=clerk)
    with pytest.raises(NotPermittedError):
        make_source(unit=station, name="名册", kind="table", acting_user=stranger)


def test_ten_thousand_of_one_name_stay_ten_thousand(payroll, read):
    """Nothing but a number tells them apart, and none is given: nobody is mixed up with another."""
    _run, told = read(payroll, [Row(n, str(n), says("王伟")) for n in range(2, 502)])
    assert told.opened == 500
