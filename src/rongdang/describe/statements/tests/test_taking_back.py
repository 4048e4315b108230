"""A run taken back leaves the house as it was before the run, whatever had happened in it."""

import random

import pytest

from rongdang.base.ids import uuid7
from rongdang.describe.casefiles.catalogue_checks import check
from rongdang.describe.conflicts.models import Doubt
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.statements.missing import keys_read, note_missing
from rongdang.describe.statements.models import Batch, Statement
from rongdang.describe.statements.services import make_source

from .conftest import NUMBERS, rows, says

pytestmark = pytest.mark.django_db
NAMES = ("林长河", "赵小兰", "王建国", "林長河")
BIRTHS = ("1934-05-12", "1934-05", "1936-07-23", "")


def state():
    people = {
        p.pk: (p.name, p.name_keys, p.sex, p.birth, p.retirement, p.record, p.score, p.known)
        for p in Person.objects.open()
    }
    holding = sorted(
        Statement.objects.holding().values_list(
            "source_id", "key", "digest", "person_id", "missing_run", "missing_at"
        ),
        key=str,
    )
    doubts = sorted(Doubt.objects.values_list("person_id", "code", "digest", "severity"), key=str)
    return people, [tuple(map(str, one)) for one in holding], doubts


def some_rows(chance):
    """A table as it may be on a day: some of six rows, each with a name, a number, a day of birth."""
    told = []
    for key in chance.sample(range(6), chance.randint(0, 6)):
        who = chance.randrange(3)
        number = NUMBERS[who] if chance.random() < 0.7 else ""
        more = {"性别": "男"} if chance.random() < 0.5 else {}
        birth = chance.choice(BIRTHS)
        name = NAMES[who] if chance.random() < 0.9 else chance.choice(NAMES)
        told.append(
            (str(key), says(name, number, **more, **({"出生日期": birth} if birth else {})))
        )
    return rows(*told)


@pytest.mark.parametrize("seed", range(6))
def test_any_history_of_runs_and_undos_comes_back(station, clerk, read, undo, seed):
    chance = random.Random(seed)
    sources = [
        make_source(unit=station, name=name, kind="table", acting_user=clerk)
        for name in ("工资表", "名册")
    ]
    known = create_person(unit=station, name="林长河", acting_user=clerk)
    confirm_facts(known, [FactValue("公民身份号码", NUMBERS[0])], acting_user=clerk)
    history = [(None, None, state())]
    for _ in range(8):
        if len(history) > 1 and chance.random() < 0.4:
            source, run, _after = history.pop()
            undo(source, run)
            assert state() == history[-1][2], seed
        else:
            source, run = chance.choice(sources), uuid7()
            taken = some_rows(chance)
            for half in (taken[:3], taken[3:]):
                read(source, half, run)
            note_missing(source, run, keys_read(run))
            history.append((source, run, state()))
    while len(history) > 1:
        source, run, _after = history.pop()
        undo(source, run)
        assert state() == history[-1][2], seed
    assert [one.zh for one in check(lambda _text: None, read_text=False)] == []


def test_a_person_whom_others_touched_stays(payroll, read, undo, clerk):
    run, _told = read(
        payroll, rows(("1", says("林长河", NUMBERS[0], 性别="男")), ("2", says("赵小兰")))
    )
    person = Person.objects.get(name="林长河")
    confirm_facts(person, [FactValue("民族", "汉族")], acting_user=clerk)
    undo(payroll, run)
    assert list(Person.objects.open()) == [person]
    person.refresh_from_db()
    assert person.record == {"姓名": "林长河", "民族": "汉族"}


def test_what_another_source_says_of_a_person_stays(payroll, station, clerk, read, undo):
    roster = make_source(unit=station, name="名册", kind="table", acting_user=clerk)
    run, _told = read(payroll, rows(("1", says("林长河", NUMBERS[0], 性别="男"))))
    read(roster, rows(("7", says("林长河", NUMBERS[0], 出生日期="1934-05-12"))))
    undo(payroll, run)
    person = Person.objects.open().get()
    assert (person.birth, person.sex) == ("1934-05-12", "")
    assert Statement.objects.holding().get().source == roster


def test_taking_back_is_on_the_ledger_and_names_whom_it_touched(payroll, read, undo):
    run, _told = read(payroll, rows(("1", says("林长河"))))
    undo(payroll, run)
    batch = Batch.objects.get(taken_back=True)
    assert batch.people_ids == [Person.objects.get().pk]
