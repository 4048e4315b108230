"""`rongdang ledger …` as the audit officer types it: JSON and exit codes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from rongdang.base.accounts import factors
from rongdang.base.ledger import merkle, queries, services
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.models import Attestation, Detail, Entry, Head, Node
from rongdang.cli import main

pytestmark = pytest.mark.django_db
GOES_ON = """
import django; django.setup()
from django.db import transaction
from rongdang.base.ledger import queries
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.services import record
with transaction.atomic():
    record("page:see", actor=None)
anchor()
print(queries.size())
"""
VERIFIER = Path(__file__).parents[4] / "tools" / "ledger_verifier.py"


@pytest.fixture
def auditor(person_in, city):
    return person_in("shen", "audit", city)


def run(capsys, *arguments):
    code = main(["ledger", *map(str, arguments), "--json"])
    return code, json.loads(capsys.readouterr().out)


def test_verify_answers_0_or_2_and_names_the_first_bad_entry(auditor, capsys):
    services.sign_head()
    code, told = run(capsys, "verify")
    assert code == 0 and told["ok"] and told["size"] == queries.size()
    Entry.objects.filter(pk=2).update(event="page:sea")
    code, told = run(capsys, "verify")
    assert code == 2 and told["faults"][0]["seq"] == 2


def test_a_head_is_shown_and_signed_on_demand(auditor, capsys, settings, tmp_path):
    code, told = run(capsys, "head")
    assert (code, told["error"]) == (1, "no-head")
    code, told = run(capsys, "head", "--sign")
    assert code == 0 and told["size"] == queries.size()
    assert run(capsys, "head")[1]["signature"] == told["signature"]
    settings.LEDGER_HEADS_FILE = str(tmp_path / "nowhere" / "heads")
    code, told = run(capsys, "head", "--sign")
    assert code == 1 and told["failures"]


def test_proofs_are_checked_by_the_arithmetic_alone(auditor, clerk, capsys):
    services.sign_head()
    size = queries.size()
    services.record("page:see", actor=clerk)
    services.sign_head()
    code, told = run(capsys, "prove", "--entry", 2)
    step = [bytes.fromhex(one) for one in told["proof"]]
    leaf, root = merkle.leaf_hash(told["body"].encode()), bytes.fromhex(told["head"]["root"])
    assert code == 0 and leaf.hex() == told["leaf"]
    assert merkle.inclusion_holds(1, told["size"], leaf, step, root)
    code, told = run(capsys, "prove", "--from", size)
    step = [bytes.fromhex(one) for one in told["proof"]]
    roots = [bytes.fromhex(told[name]) for name in ("from_root", "to_root")]
    assert code == 0 and merkle.consistency_holds(size, size + 1, *roots, step)
    for wrong in (["--entry", 0], ["--entry", 999], ["--from", 999], []):
        assert run(capsys, "prove", *wrong)[0] == 1


def test_an_export_is_read_by_the_independent_verifier(auditor, clerk, capsys, tmp_path):
    path = tmp_path / "ledger.jsonl"
    code, told = run(capsys, "export", "--to", path, "--user", "shen")
    assert code == 0 and told["size"] == queries.size()
    checked = subprocess.run([sys.executable, str(VERIFIER), str(path)], capture_output=True)
    assert checked.returncode == 0, checked.stdout
    assert run(capsys, "export", "--to", tmp_path / "x", "--user", "zhou")[0] == 1
    assert run(capsys, "export", "--to", tmp_path / "x", "--user", "nobody")[0] == 1


def test_going_on_after_a_rollback_takes_two_people_with_both_their_proofs(
    auditor, person_in, city, capsys, settings, tmp_path
):
    guard = person_in("bao", "security", city)
    codes = {
        "shen": factors.add_app(auditor, factors.new_secret()),
        "bao": factors.add_app(guard, factors.new_secret()),
    }
    settings.LEDGER_HEADS_FILE = str(tmp_path / "heads")
    size = queries.size()
    services.record("page:see", actor=None)
    anchor()
    for model, key in (
        (Attestation, "head"), (Head, "pk"), (Detail, "pk"), (Entry, "pk"),
    ):  # fmt: skip
        model.objects.filter(**{f"{key}__gt": size}).delete()
    Node.objects.filter(pk__gte=(size + 1) * 64).delete()
    assert run(capsys, "verify")[0] == 2
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("correct horse 42\n")
    wrong.write_text("x\n")

    def agree(name, password, code):
        words = ("--user", name, "--reason", "依规恢复", "--password-file", password)
        return run(capsys, "acknowledge", *words, "--code", code)

    shen, bao = codes["shen"], codes["bao"]
    assert agree("shen", wrong, shen[0])[1]["error"] == "not-proved"
    assert agree("shen", right, bao[0])[1]["error"] == "not-proved"
    assert agree("shen", right, shen[0]) == (0, {"waiting": 1})
    assert agree("bao", right, shen[1])[1]["error"] == "not-proved"
    assert agree("shen", right, shen[0])[1]["error"] == "not-proved"  # it counted once
    assert agree("shen", right, shen[1]) == (0, {"waiting": 1})  # one officer is not two
    assert agree("bao", right, bao[0]) == (0, {"waiting": 0})
    assert run(capsys, "verify")[0] == 0
    words = ("--user", "shen", "--reason", "x", "--password-file", right, "--code", shen[2])
    assert run(capsys, "release", "ab" * 32, *words)[0] == 1


@pytest.mark.parametrize("command", [["acknowledge"], ["release", "ab" * 32]])
def test_an_officer_without_a_second_factor_agrees_to_nothing(auditor, capsys, tmp_path, command):
    password = tmp_path / "password"
    password.write_text("correct horse 42\n")
    size = queries.size()
    words = ("--user", "shen", "--reason", "依规恢复", "--password-file", password)
    code, told = run(capsys, *command, *words)
    assert (code, told["error"], queries.size()) == (1, "no-factor", size)


def test_wrong_passwords_at_the_command_shut_it_and_are_on_the_ledger(auditor, capsys, tmp_path):
    codes = factors.add_app(auditor, factors.new_secret())
    right, wrong = tmp_path / "right", tmp_path / "wrong"
    right.write_text("correct horse 42\n")
    wrong.write_text("x\n")
    words = ("--user", "shen", "--reason", "依规恢复", "--code", codes[0], "--password-file")
    said = [run(capsys, "acknowledge", *words, wrong)[1]["error"] for _ in range(5)]
    assert said == ["not-proved"] * 4 + ["locked"]
    assert run(capsys, "acknowledge", *words, right)[1]["error"] == "locked"
    refused = Entry.objects.filter(event__in=["session:refuse", "session:lock"])
    assert refused.filter(subject_id=str(auditor.pk)).count() == 6


def test_n25_work_and_serve_do_not_start_on_a_database_rolled_back(house, tmp_path):
    heads = {"RONGDANG_LEDGER_HEADS_FILE": str(tmp_path / "heads")}
    earlier = {path: path.read_bytes() for path in house.var.glob("rongdang.db*")}
    code, said = house.python(GOES_ON, **heads)
    assert code == 0, said
    size = int(said)
    for path in house.var.glob("rongdang.db*"):
        path.unlink()
    for path, held in earlier.items():
        path.write_bytes(held)
    for command in (["work"], ["serve", "--port", "0"]):
        code, said = house.rongdang(*command, **heads)
        assert code == 1 and f"第 {size} 条" in said and "ledger acknowledge" in said
