"""`rongdang import TABLE`: tried, imported, again without a change, taken back; exit codes and words."""

import json

import pytest

from rongdang.capture.sources.models import Run
from rongdang.capture.sources.tests.roster import HEAD, LIN, RECIPE, WANG, ZHAO, csv
from rongdang.cli import main
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Statement

pytestmark = pytest.mark.django_db
NOBODY = ("009", "", "", "男", "", "")


@pytest.fixture
def table(tmp_path):
    (tmp_path / "recipe.toml").write_text(RECIPE, encoding="utf-8")

    def write(*rows, head=HEAD):
        path = tmp_path / "roster.csv"
        path.write_bytes(csv(*rows, head=head))
        return path

    return write


@pytest.fixture
def run(capsys, tmp_path, clerk):
    def command(*more):
        known = ("--source", "名册", "--unit", "990001", "--user", "zhou", "--json")
        code = main(["import", *map(str, more), *known])
        out, err = capsys.readouterr()
        assert "林长河" not in out + err
        return code, json.loads(out)

    return command


def test_tried_imported_again_and_taken_back(run, table, tmp_path):
    recipe = ("--recipe", tmp_path / "recipe.toml")
    code, told = run(table(LIN, ZHAO), *recipe, "--dry-run")
    assert (code, told["dry"], told["counts"]["new"]) == (0, True, 2)
    assert not Statement.objects.exists()
    code, told = run(table(LIN, ZHAO), *recipe)
    assert (code, told["state"], told["counts"]["new"]) == (0, "done", 2)
    code, again = run(table(LIN, ZHAO))
    assert (code, again["counts"]["unchanged"], again["counts"]["new"]) == (0, 2, 0)
    code, back = run("--undo", told["run"])
    assert (code, back["state"]) == (0, "undone")
    assert not Person.objects.open().exists()
    code, error = run("--undo", told["run"])
    assert (code, error["error"]) == (1, "illegal-move")
    assert run("--undo", "no-such-run")[1]["error"] == "no-run"


def test_refused_rows_and_a_failure_have_their_exit_codes(run, table, tmp_path):
    code, told = run(table(LIN, NOBODY, WANG), "--recipe", tmp_path / "recipe.toml")
    assert (code, told["ok"], told["counts"]["refused"]) == (2, True, 1)
    assert told["refused_rows"] == [{"row": 3, "reasons": ["nobody"]}]
    code, told = run(table(LIN, head=("工号", "姓名", "证件", "性别", "出生", "备注")))
    assert (code, told["state"], told["problem"]["code"]) == (1, "failed", "columns-changed")


def test_what_was_stopped_goes_on_with_the_same_command(run, table, tmp_path):
    rows = [(f"{n:04}", f"王建国{n}", "", "男", "", "") for n in range(2100)]
    path = table(*rows)
    recipe = ("--recipe", tmp_path / "recipe.toml")
    told = run(path, *recipe)[1]
    # As it was when the power went after its first chunk.
    Run.objects.filter(pk=told["run"]).update(state="running", ended_at=None)
    code, on = run(path, *recipe)
    assert (code, on["run"], on["state"], on["counts"]["new"]) == (0, told["run"], "done", 2100)


def test_without_a_recipe_it_says_so(run, table):
    code, told = run(table(LIN))
    assert (code, told["error"]) == (1, "no-recipe")
    code, told = run()
    assert (code, told["error"]) == (1, "no-path")
