"""What a command prints may stand in a log (N29): names of people and files only when asked for."""

import json
import shutil
import uuid

import pytest

from rongdang.capture.batches import folders
from rongdang.capture.batches.tests.factories import page_image
from rongdang.cli.tests.test_archive import run
from rongdang.describe.casefiles.tests.filing import ID
from rongdang.describe.casefiles.tests.test_delivery_gate import Delivery

pytestmark = pytest.mark.django_db
NAME, NUMBER = "阙鹤骞", "990101193803151013"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "in"
    made.mkdir()
    (made / f"{NAME}{ID}.jpg").write_bytes(page_image(1))
    (made / f"{NAME}{ID}.zip").write_bytes(b"PK\x03\x04 broken")
    return made


@pytest.mark.parametrize("asked", [[], ["--json"]])
def test_ingest_tells_files_by_their_place(folder, station, clerk, capsys, asked):
    words = ["ingest", folder, "--unit", station.code, "--user", "zhou", "--no-secrets", *asked]
    _code, out, err = run(capsys, *words)
    assert NAME not in out + err and ID not in out + err
    assert not asked or list(json.loads(out)["files"]) == ["1", "2"]
    again = folder.with_name("again")
    shutil.move(folder, again)
    words[1] = again
    assert f"{NAME}{ID}.jpg" in run(capsys, *words, "--names")[1]


def test_what_a_reason_quotes_is_told_with_the_names_only():
    intake = folders.Intake(uuid.UUID(int=0), "20261125-001")
    intake.files = {f"{NAME}.zip": "refused", "b.jpg": "stored"}
    intake.reasons = {f"{NAME}.zip": f"压缩包里的“{NAME}.jpg”损坏 / “{NAME}.jpg” is damaged"}
    quiet, loud = intake.to_dict(names=False), intake.to_dict(names=True)
    assert quiet["files"] == {"1": "refused", "2": "stored"} and "“…”损坏" in quiet["reasons"]["1"]
    assert NAME not in str(quiet) + intake.to_text(names=False)
    assert NAME in str(loud["files"]) and NAME in str(loud["reasons"])
    assert NAME in intake.to_text(names=True)


def test_register_tells_faults_without_what_the_cells_say(tmp_path, station, reviewer, capsys):
    table = tmp_path / "a.csv"
    table.write_text(f"姓名,公民身份号码\n{NAME},{NUMBER}9\n", encoding="utf-8")
    words = ["register", table, "--unit", station.code, "--user", "qin", "--json"]
    code, out, err = run(capsys, *words)
    [fault] = json.loads(out)["faults"]
    assert code == 1 and fault["line"] == 2 and "“…”" in fault["zh"] and "“…”" in fault["en"]
    assert NUMBER not in out + err and NAME not in out + err
    assert NUMBER in run(capsys, *words, "--names")[1]


def test_import_tells_deliveries_by_their_place(tmp_path, station, reviewer, capsys):
    for place, name in enumerate((NAME, "邰鹤骞")):
        delivery = Delivery(tmp_path / "all" / f"{name}{place}")
        delivery.said["name"] = name
        if place:
            delivery.images["原始图像数据"] = b"no image"
        delivery.write()
    words = ["import", tmp_path / "all", "--unit", station.code, "--user", "qin", "--json"]
    code, out, err = run(capsys, *words)
    rows = json.loads(out)["deliveries"]
    assert code == 1 and sorted(row["folder"] for row in rows) == ["1", "2"]
    assert [row["error"] for row in rows if "error" in row]
    assert "鹤骞" not in out + err
    named = json.loads(run(capsys, *words, "--names")[1])["deliveries"]
    assert {row["folder"] for row in named} == {f"{NAME}0", "邰鹤骞1"}
    assert all("zh" in row for row in named if "error" in row)
