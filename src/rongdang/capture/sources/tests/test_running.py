import io

import pytest

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import ConflictError, DomainError, IllegalMoveError, NotPermittedError
from rongdang.base.jobs.worker import run_one
from rongdang.capture.sources import running, services, undoing
from rongdang.capture.sources.models import Run
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Statement
from rongdang.describe.statements.services import make_source
from rongdang.keep.objects.models import StoredObject

from .roster import HEAD, LIN, RECIPE, WANG, ZHAO, stream

pytestmark = pytest.mark.django_db


@pytest.fixture
def roster(station, clerk):
    return make_source(unit=station, name="名册", kind="table", acting_user=clerk)


@pytest.fixture
def recipe(roster, clerk):
    return services.save_recipe(roster, RECIPE, why="第一次", acting_user=clerk)


@pytest.fixture
def read(roster, recipe, clerk):
    def reading(*rows, head=HEAD, dry=False, part=False, as_seen=None):
        delivery = services.deliver(
            roster,
            [("roster.csv", stream(*rows, head=head))],
            table="roster",
            acting_user=clerk,
            part=part,
        )
        run = services.start(delivery, recipe, acting_user=clerk, dry=dry, as_seen=as_seen)
        return running.read_on(run.pk)

    return reading


def numbers(run):
    names = ("read", "new", "changed", "unchanged", "opened", "refused", "passed", "missing")
    return {name: run.counts[name] for name in names if run.counts.get(name)}


def test_a_table_becomes_statements_and_people(read):
    run = read(LIN, ZHAO, WANG)
    assert run.state == "done"
    assert numbers(run) == {"read": 3, "new": 3, "opened": 3}
    assert Person.objects.get(name="赵小兰").birth == "1936-07-23"
    assert Statement.objects.get(row=3).sayings["出生日期"].original == "1936.7.23"


def test_read_again_it_changes_nothing(read):
    read(LIN, ZHAO)
    before = list(Statement.objects.values())
    run = read(LIN, ZHAO)
    assert numbers(run) == {"read": 2, "unchanged": 2}
    assert list(Statement.objects.values()) == before


def test_a_row_that_went_missing_is_told_and_not_obeyed(read):
    read(LIN, ZHAO)
    run = read(LIN)
    assert run.counts["missing"] == 1
    gone = Statement.objects.holding().get(row=3)
    assert gone.missing_at and gone.missing_run == run.pk
    assert Person.objects.get(name="赵小兰").closed_at is None
    back = read(LIN, ZHAO)
    gone.refresh_from_db()
    assert (gone.missing_at, back.counts["missing"]) == (None, 0)
    undoing.undo_on(services.undo(back, acting_user=back.started_by).pk)
    gone.refresh_from_db()
    assert gone.missing_run == run.pk  # as before the run that found it again


def test_a_part_of_the_table_makes_nothing_missing(read):
    read(LIN, ZHAO)
    run = read(LIN, part=True)
    assert run.counts.get("missing", 0) == 0
    assert not Statement.objects.filter(missing_at__isnull=False).exists()


def test_a_refused_row_is_kept_with_its_reasons_and_is_not_missing(read):
    read(LIN, ZHAO)
    run = read(LIN, ("002", "", "", "", "", ""), ("001", "林长江", "", "", "", ""))
    first, second = run.refused.order_by("row")
    assert first.cells[0] == "002"
    assert [reason["code"] for reason in first.reasons] == ["nobody"]
    assert [reason["code"] for reason in second.reasons] == ["twice"]
    assert all(reason["todo_zh"] for reason in first.reasons + second.reasons)
    assert run.counts["missing"] == 0


def test_a_marked_row_is_refused_with_alarm_and_its_file_does_not_stay(read):
    run = read(LIN, ("002", "赵小兰", "", "", "", "机密★20年"), WANG)
    assert numbers(run) == {"read": 3, "new": 2, "opened": 2, "refused": 1}
    refused = run.refused.get()
    assert (refused.cells, refused.reasons[0]["code"]) == ([], "secret-mark")
    assert Alarm.objects.get(kind="secret-suspected").subject_id == str(run.pk)
    assert StoredObject.objects.get().shredded_at is not None


def test_a_trial_tells_what_would_change_and_writes_nothing(read):
    read(LIN, ZHAO)
    before = (list(Statement.objects.values()), list(Person.objects.values()))
    run = read(("001", "林长河", LIN[2], "女", LIN[4], ""), WANG, dry=True)
    assert numbers(run) == {"read": 2, "new": 1, "changed": 1, "opened": 1}
    changed = run.diff["changed"][0]
    assert (changed["row"], changed["was"], changed["now"]) == (
        2,
        {"性别": ["男"]},
        {"性别": ["女"]},
    )
    assert run.diff["new"][0]["now"]["姓名"] == ["王建国"]
    assert (list(Statement.objects.values()), list(Person.objects.values())) == before
    with pytest.raises(ConflictError):
        services.undo(run, acting_user=run.started_by)


def test_columns_that_changed_since_the_trial_stop_it_in_words(read, recipe):
    trial = read(LIN, dry=True)
    run = read(LIN, head=("工号", "姓名", "证件", "性别", "出生", "备注"))
    assert (run.state, run.problem["code"]) == ("failed", "columns-changed")
    with pytest.raises(ConflictError, match="试读以后"):
        read(LIN, as_seen=trial)
    assert not Statement.objects.exists()


def test_a_run_is_done_by_the_worker(roster, recipe, clerk):
    delivery = services.deliver(roster, [("a.csv", stream(LIN))], table="a", acting_user=clerk)
    run = services.start(delivery, recipe, acting_user=clerk)
    assert run.state == "waiting"
    with pytest.raises(ConflictError, match="正在导入"):
        services.start(delivery, recipe, acting_user=clerk)
    while run_one():
        pass
    run.refresh_from_db()
    assert run.state == "done"
    services.undo(run, acting_user=clerk)
    while run_one():
        pass
    run.refresh_from_db()
    assert run.state == "undone"
    assert not Person.objects.open().exists()


def test_stopped_it_goes_on_where_it_was(roster, recipe, clerk, monkeypatch):
    rows = [(f"{n:04}", f"林长河{n}", "", "男", "", "") for n in range(2500)]
    delivery = services.deliver(roster, [("a.csv", stream(*rows))], table="a", acting_user=clerk)
    run = services.start(delivery, recipe, acting_user=clerk)

    def stop(now):
        if now.cursor < 2500:
            services.stop(run, acting_user=clerk)

    half = running.read_on(run.pk, progress=stop)
    assert (half.state, half.cursor, Statement.objects.count()) == ("stopped", 2001, 2000)
    with pytest.raises(IllegalMoveError):
        services.stop(half, acting_user=clerk)
    services.resume(half, acting_user=clerk)
    whole = running.read_on(run.pk)
    assert (whole.state, whole.counts["new"], whole.counts["read"]) == ("done", 2500, 2500)
    assert Statement.objects.values("key").distinct().count() == 2500


def test_undo_is_refused_while_a_later_run_stands_and_twice(read, clerk):
    first = read(LIN, ZHAO)
    second = read(("001", "林长河", LIN[2], "女", LIN[4], ""), ZHAO)
    same = read(("001", "林长河", LIN[2], "女", LIN[4], ""), ZHAO)
    with pytest.raises(ConflictError, match="没有撤销"):
        services.undo(first, acting_user=clerk)
    services.undo(second, acting_user=clerk)  # `same` changed nothing and stands in nobody's way
    undoing.undo_on(second.pk)
    assert Statement.objects.holding().filter(row=2).get().sayings["性别"].value == "男"
    with pytest.raises(IllegalMoveError):
        services.undo(second, acting_user=clerk)
    undoing.undo_on(services.undo(first, acting_user=clerk).pk)
    assert not Statement.objects.holding().exists()
    assert not Person.objects.open().exists()
    assert same.state == "done"


def test_what_was_taken_back_comes_again_to_the_same_people(read, clerk):
    first = read(LIN)
    person = Person.objects.get()
    undoing.undo_on(services.undo(first, acting_user=clerk).pk)
    again = read(LIN)
    assert numbers(again) == {"read": 1, "new": 1}
    assert Person.objects.get() == person
    person.refresh_from_db()
    assert person.closed_at is None


def test_a_broken_file_fails_in_words(roster, recipe, clerk):
    delivery = services.deliver(
        roster, [("a.xlsx", io.BytesIO(b"PK\x03\x04 broken"))], table="a", acting_user=clerk
    )
    run = running.read_on(services.start(delivery, recipe, acting_user=clerk).pk)
    assert run.state == "failed"
    assert run.problem["zh"] and run.problem["en"]


def test_rights(roster, recipe, clerk, stranger, reviewer):
    with pytest.raises(NotPermittedError):
        services.save_recipe(roster, RECIPE, why="", acting_user=reviewer)
    delivery = services.deliver(roster, [("a.csv", stream(LIN))], table="a", acting_user=clerk)
    with pytest.raises(NotPermittedError):
        services.start(delivery, recipe, acting_user=stranger)
    run = services.start(delivery, recipe, acting_user=reviewer)
    assert Run.objects.visible_to(reviewer).get() == run
    assert not Run.objects.visible_to(stranger).exists()
    for act in (services.stop, services.resume, services.undo):
        with pytest.raises(NotPermittedError):
            act(run, acting_user=stranger)


def test_the_same_recipe_is_the_same_version(roster, clerk, recipe):
    assert services.save_recipe(roster, RECIPE, why="", acting_user=clerk) == recipe
    other = services.save_recipe(
        roster,
        RECIPE.replace("leave = ", 'nothing = ["无"]\nleave = '),
        why="无",
        acting_user=clerk,
    )
    assert (other.number, recipe.number) == (2, 1)
    with pytest.raises(DomainError):
        services.save_recipe(roster, "format = 9", why="", acting_user=clerk)
