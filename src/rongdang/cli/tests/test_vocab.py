"""`rongdang vocab`: what a new version of the tables changes, told first and done then."""

import json

import pytest

from rongdang.cli import main
from rongdang.describe.people.models import Fact
from rongdang.describe.people.services import FactValue, confirm_facts, create_person


@pytest.fixture
def person(station, clerk):
    made = create_person(unit=station, name="林长河", acting_user=clerk)
    said = {"政治面貌": "党员", "职务等级": "团职", "民族": "火星人"}
    confirm_facts(made, [FactValue(*one) for one in said.items()], acting_user=clerk)
    return made


def run(capsys, act, clerk, station, *more):
    code = main(["vocab", act, "--unit", station.code, "--user", clerk.username, *more])
    return code, capsys.readouterr().out


def test_the_report_looks_only_and_names_nobody(person, clerk, station, capsys):
    code, out = run(capsys, "report", clerk, station)
    assert code == 3 and "党员 → 中共党员" in out and "团职 → 正团 | 副团" in out
    assert "火星人" not in out and str(person.pk) not in out
    assert Fact.objects.get(field="政治面貌").value == "党员"
    _code, out = run(capsys, "report", clerk, station, "--names")
    assert "火星人" in out and str(person.pk) in out


def test_it_rewrites_and_says_what_is_left(person, clerk, station, capsys):
    code, out = run(capsys, "migrate", clerk, station, "--json")
    told = json.loads(out)
    assert code == 3 and told["done"] == {"people": 1, "facts": 1, "rows": 0}
    assert told["rewritten"] == [] and told["split"][0]["choices"] == ["正团", "副团"]
    person.refresh_from_db()
    assert person.record["政治面貌"] == "中共党员"
    _code, out = run(capsys, "migrate", clerk, station, "--json")
    assert json.loads(out)["done"]["facts"] == 0


def test_no_such_unit_or_account(person, clerk, station, capsys):
    for unit, user in ((station.code, "nobody"), ("no-unit", clerk.username)):
        assert main(["vocab", "report", "--unit", unit, "--user", user]) == 1
