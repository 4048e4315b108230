"""The independent verifier: under 200 lines, nothing of ours, and it finds every forgery of an export."""

import ast
import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest

from rongdang.base.errors import DomainError
from rongdang.base.ledger import exporting, queries, services
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.models import Entry

pytestmark = pytest.mark.django_db
PROGRAM = Path(__file__).parents[5] / "tools" / "ledger_verifier.py"


def verify(path, *more):
    run = subprocess.run(
        [sys.executable, "-I", "-S", str(PROGRAM), str(path), *map(str, more)],
        capture_output=True,
        text=True,
    )
    return run.returncode, run.stdout + run.stderr


@pytest.fixture
def exported(fill, officers, heads_file, tmp_path):
    fill(20)
    anchor()
    services.erase_detail(7, acting_user=None, reason="本人请求")
    fill(5)
    path = tmp_path / "export.jsonl"
    size = exporting.export(path, acting_user=officers[0])
    assert size == queries.size()
    anchor()
    return path


def test_it_is_short_and_needs_nothing_but_the_standard_library():
    text = PROGRAM.read_text()
    assert len(text.splitlines()) < 200
    imported = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom):
            imported.add(node.module)
        elif isinstance(node, ast.Import):
            imported |= {name.name for name in node.names}
    assert imported and imported <= set(sys.stdlib_module_names)


def test_an_honest_export_holds_alone_with_the_outside_file_and_the_key(
    exported, heads_file, settings
):
    key = settings.KEYRING.signer().public_key.hex()
    code, said = verify(exported, "--heads", heads_file, "--key", key)
    assert code == 0, said
    assert f"root {queries.root_at().hex()}" in said and f"{queries.size()} entries" in said


def entries(rows):
    return [number for number, row in enumerate(rows) if "entry" in row]


def change_entry(rows):
    row = rows[9]
    row["entry"] = row["entry"].replace('"page"', '"pagf"')


def change_entry_and_leaf(rows):
    """All that stands on the one line fits; only the signed head tells."""
    change_entry(rows)
    rows[9]["leaf"] = hashlib.sha256(b"\0" + rows[9]["entry"].encode()).hexdigest()


def change_detail(rows):
    rows[9]["detail"] = rows[9]["detail"].replace("查阅", "借阅")


def change_salt(rows):
    rows[9]["salt"] = "00" * 16


def delete(rows):
    del rows[9]


def insert(rows):
    rows.insert(9, dict(rows[9]))


def swap(rows):
    rows[9], rows[10] = rows[10], rows[9]


def cut_tail(rows):
    for number in entries(rows)[-3:][::-1]:
        del rows[number]


def cut_tail_and_heads(rows):
    cut_tail(rows)
    last = [number for number, row in enumerate(rows) if "head" in row][-1]
    del rows[last]


def heads_of(rows):
    return [row["head"] for row in rows if "head" in row]


def change_root(rows):
    heads_of(rows)[0]["root"] = "ab" * 32


def change_signature(rows):
    signature = heads_of(rows)[0]["signature"]
    heads_of(rows)[0]["signature"] = ("0" if signature[0] != "0" else "1") + signature[1:]


def change_time(rows):
    heads_of(rows)[0]["at"] = "2020-01-01T00:00:00.000000+00:00"


def no_heads(rows):
    rows[:] = [row for row in rows if "head" not in row]


FORGERIES = {
    change_entry: "entry 9: it was changed",
    change_entry_and_leaf: "the tree differs from the signed head: one of 1 to this was changed",
    change_detail: "entry 9: its detail was changed",
    change_salt: "entry 9: its detail was changed",
    delete: "entry 9: it is numbered 10",
    insert: "entry 10: it is numbered 9",
    swap: "entry 9: it is numbered 10",
    cut_tail: "entries once",
    cut_tail_and_heads: "under no signed head",
    change_root: "differs from the signed head",
    change_signature: "signature is wrong",
    change_time: "signature is wrong",
    no_heads: "under no signed head",
}


@pytest.mark.parametrize("forge", FORGERIES, ids=lambda forge: forge.__name__)
def test_it_finds_a_forged_export_and_names_the_first_bad_entry(exported, forge):
    rows = [json.loads(row) for row in exported.read_text().splitlines()]
    forge(rows)
    exported.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    code, said = verify(exported)
    assert (code, FORGERIES[forge] in said) == (2, True), said


def test_an_export_of_a_log_rolled_back_is_found_by_the_outside_file(
    exported, heads_file, tmp_path
):
    rows = [json.loads(row) for row in exported.read_text().splitlines()]
    first = heads_of(rows)[0]["size"]
    earlier = [row for row in rows[: first + 1] if "head" not in row] + [
        {"head": heads_of(rows)[0]}
    ]
    exported.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in earlier))
    assert verify(exported)[0] == 0
    code, said = verify(exported, "--heads", heads_file)
    assert code == 2 and "entries once" in said


def test_an_export_signed_by_another_s_key_is_found(exported):
    code, said = verify(exported, "--key", "ab" * 32)
    assert code == 2 and "a key not named" in said
    code, said = verify(exported, "--witness", "ab" * 32)
    assert code == 2 and "no head is co-signed" in said


def test_without_details_no_personal_word_leaves(fill, officers, tmp_path):
    fill(5)
    path = tmp_path / "export.jsonl"
    exporting.export(path, acting_user=officers[0], details=False)
    assert "查阅" not in path.read_text() and verify(path)[0] == 0
    assert Entry.objects.filter(event="ledger:export").count() == 1


def test_who_may_not_read_the_log_exports_none_and_one_export_writes_at_a_time(
    fill, officers, clerk, tmp_path
):
    fill(2)
    path = tmp_path / "export.jsonl"
    for user in (officers[1], clerk):
        with pytest.raises(DomainError):
            exporting.export(path, acting_user=user)
    (tmp_path / ".export.jsonl.part").touch()
    with pytest.raises(DomainError) as refused:
        exporting.export(path, acting_user=officers[0])
    assert refused.value.code == "export-runs" and not path.exists()
    with pytest.raises(DomainError):
        exporting.export(tmp_path / "nowhere" / "x", acting_user=officers[0])
