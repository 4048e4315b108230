"""Records are brought under a new version of the tables: reported first, then with every trace kept."""

import pytest

from rongdang.base.errors import NotPermittedError
from rongdang.base.ids import uuid7
from rongdang.base.ledger.models import Entry
from rongdang.base.vocab import changes
from rongdang.base.vocab.changes import Change
from rongdang.describe.conflicts.models import Doubt
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.services import FactValue, confirm_facts, create_person
from rongdang.describe.standard.report import report
from rongdang.describe.standard.services import restate
from rongdang.describe.statements.missing import keys_read
from rongdang.describe.statements.models import Statement
from rongdang.describe.statements.recording import Row, record_batch
from rongdang.describe.statements.said import Said
from rongdang.describe.statements.services import make_source
from rongdang.describe.statements.taking_back import take_back

pytestmark = pytest.mark.django_db
NEW = changes.indexed(
    [
        Change("post_grade", "3", "正师", ("正旅",), "改称", "renamed"),
        Change("post_grade", "3", "正旅", ("副军",), "又改", "renamed again"),
        Change("post_grade", "3", "副团", ()),
        Change("post_grade", "3", "团职", ("正团", "副团")),
        Change("award", "3", "嘉奖", ("通令嘉奖",)),
    ]
)


@pytest.fixture
def person(station, clerk):
    return create_person(unit=station, name="林长河", acting_user=clerk)


def say(person, clerk, **values):
    facts = [FactValue(field, value, formed="1988") for field, value in values.items()]
    confirm_facts(person, facts, acting_user=clerk)


@pytest.fixture
def row(station, clerk):
    """One row of one source says these values of a person; (source, run)."""

    def record(**values):
        source = make_source(unit=station, name="工资表", kind="table", acting_user=clerk)
        run = uuid7()
        said = {field: Said(value) for field, value in values.items()}
        rows = [Row(2, "1", said)]
        record_batch(source, rows, run=run, span=(2, 2), seen=keys_read(run), acting_user=clerk)
        return source, run

    return record


@pytest.mark.parametrize(
    "field,value,kind,now",
    [
        ("职务等级", "正师", "rewritten", "副军"),  # one change leads to the next
        ("职务等级", "副团", "retired", ""),
        ("职务等级", "团职", "split", ""),
        ("职务等级", "行政十四级", "unlisted", ""),
        ("职务等级", "正营职", "rewritten", "正营"),  # a writing the table knows by now
        ("奖励", "嘉奖", "rewritten", "通令嘉奖"),
    ],
)
def test_what_becomes_of_a_value(field, value, kind, now):
    found = changes.restated(field, value, NEW)
    assert (found.kind, found.value) == (kind, now)


@pytest.mark.parametrize(
    "field,value", [("职务等级", "正营"), ("奖励", "二等功"), ("简历", "正师")]
)
def test_a_value_of_today_stays(field, value):
    assert changes.restated(field, value, NEW) is None


def test_the_file_of_changes_names_tables_and_values_that_are_there():
    from rongdang.base.vocab import codes

    for one in changes.all_changes().values():
        known = {entry.name for entry in codes.entries(one.table)}
        assert one.old not in known and set(one.new) <= known and one.why and one.why_en
        assert codes.find(one.table, one.old) is None  # nothing is guessed on the way in either


def test_the_report_counts_and_changes_nothing(person, clerk, station):
    say(person, clerk, 职务等级="正师", 政治面貌="党员", 奖励="嘉奖")
    before = list(Fact.objects.order_by("pk").values())
    told = report(clerk, [station.path], NEW)
    assert told.people == 1 and told.count("rewritten") == 3 and not told.asks
    [political] = [one for one in told.facts if one.field == "政治面貌"]
    assert (political.old, political.new) == ("党员", "中共党员")
    assert list(Fact.objects.order_by("pk").values()) == before


def test_a_fact_is_said_anew_by_the_same_evidence_and_the_old_one_is_kept(person, clerk, station):
    say(person, clerk, 职务等级="正师")
    done = restate([station.path], acting_user=clerk, known=NEW)
    assert (done.people, done.facts, done.rows) == (1, 1, 0)
    old, new = Fact.objects.filter(field="职务等级").order_by("pk")
    assert old.state == FactState.WITHDRAWN and old.withdrawn_by == clerk and old.withdrawn_why
    assert (new.value, new.original, new.formed) == ("副军", "正师", "1988")
    assert new.recorded_at == old.recorded_at and new.state == FactState.CONFIRMED
    person.refresh_from_db()
    assert person.record["职务等级"] == "副军"
    entry = Entry.objects.get(event="person:restate")
    assert entry.actor == str(clerk.pk)


def test_once_more_finds_nothing_to_do(person, clerk, station):
    say(person, clerk, 职务等级="正师", 性别="男")
    restate([station.path], acting_user=clerk, known=NEW)
    before = list(Fact.objects.order_by("pk").values())
    assert restate([station.path], acting_user=clerk, known=NEW).facts == 0
    assert list(Fact.objects.order_by("pk").values()) == before


def test_what_splits_or_ended_stays_and_says_whom_it_concerns(person, clerk, station):
    say(person, clerk, 职务等级="团职")
    assert restate([station.path], acting_user=clerk, known=NEW).facts == 0
    told = report(clerk, [station.path], NEW)
    [value] = told.asks[person.pk]
    assert (value.old, value.choices) == ("团职", ("正团", "副团"))
    person.refresh_from_db()
    assert person.record["职务等级"] == "团职"


def test_stopped_in_the_middle_it_goes_on(clerk, station):
    for name in ("林长河", "赵小兰", "高崎远"):
        say(create_person(unit=station, name=name, acting_user=clerk), clerk, 职务等级="正师")

    class Stop(Exception):
        pass

    def stop(_done):
        raise Stop

    first = Person.objects.order_by("pk").first()
    with pytest.raises(Stop):
        restate([station.path], acting_user=clerk, known=NEW, told=stop, at_once=1)
    first.refresh_from_db()
    assert first.record["职务等级"] == "副军"
    assert restate([station.path], acting_user=clerk, known=NEW, at_once=1).people == 2
    assert {one.record["职务等级"] for one in Person.objects.all()} == {"副军"}


def test_a_row_says_the_new_value_and_goes_with_its_run(row, clerk, station):
    source, run = row(姓名="林长河", 职务等级="正师", 军休类别="退休")
    done = restate([station.path], acting_user=clerk, known=NEW)
    assert (done.people, done.rows) == (1, 1)
    holds = Statement.objects.holding().get()
    assert holds.sayings["职务等级"] == Said("副军", "正师") and holds.run == run
    assert holds.sayings["军休类别"] == Said("退休")
    assert Person.objects.get().record["职务等级"] == "副军"
    take_back(source, run, after=None, acting_user=clerk)
    assert not Statement.objects.holding().exists()


def test_the_source_read_again_by_the_new_table_says_nothing_new(row, clerk, station):
    source, _run = row(姓名="林长河", 职务等级="正师")
    restate([station.path], acting_user=clerk, known=NEW)
    again, said = uuid7(), {"姓名": Said("林长河"), "职务等级": Said("副军", "正师")}
    told = record_batch(
        source,
        [Row(2, "1", said)],
        run=again,
        span=(2, 2),
        seen=keys_read(again),
        acting_user=clerk,
    )
    assert (told.unchanged, told.changed) == (1, 0)


def test_nobody_rewrites_beyond_his_units(person, clerk, person_in, station, elsewhere):
    say(person, clerk, 职务等级="正师")
    stranger = person_in("charlie", "clerk", elsewhere)
    with pytest.raises(NotPermittedError):
        restate([station.path], acting_user=stranger, known=NEW)
    assert report(stranger, [station.path], NEW).people == 0
    assert Fact.objects.get(field="职务等级").value == "正师"


def test_a_value_that_splits_is_put_before_a_person_until_it_is_said(person, clerk):
    say(person, clerk, 职务等级="团职")
    doubt = Doubt.objects.get(person=person, code="standard:post_grade")
    assert "正团、副团" in doubt.zh and "正团、副团" in doubt.en and doubt.field == "职务等级"
    fact = FactValue("职务等级", "副团", formed="1990")
    confirm_facts(person, [fact], acting_user=clerk)
    assert not Doubt.objects.filter(person=person, code="standard:post_grade").exists()
