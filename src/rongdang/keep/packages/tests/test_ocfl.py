"""OCFL 1.1: what we write is valid, what is broken is named by its code, nothing is half there."""

import json
import os
import random
import re
import subprocess
import sys
import tarfile
import time
from datetime import UTC, datetime

import ocfl
import pytest

from rongdang.base.durable import StorageError
from rongdang.keep.packages.ocfl.inventory import OcflError, VersionNote
from rongdang.keep.packages.ocfl.storage import StorageRoot
from rongdang.keep.packages.ocfl.root_checks import validate_root
from rongdang.keep.packages.ocfl.validating import validate_object

NOTE = VersionNote(
    datetime(2026, 11, 24, 8, 0, 0, tzinfo=UTC),
    "m",
    "Rongdang",
    "urn:uuid:00000000-0000-7000-8000-000000000001",
)
OBJECT = "urn:uuid:01930000-0000-7000-8000-000000000000"


def add(root, files, kept=(), object_id=OBJECT):
    staged = root.stage(
        object_id,
        {name: iter([data]) for name, data in files.items()},
        NOTE,
        kept=kept,
    )
    staged.install()
    return staged.inventory


@pytest.fixture
def root(tmp_path):
    return StorageRoot(tmp_path / "sealed")


def fixtures(shared_data, kind):
    if shared_data is None:
        return []
    return sorted((shared_data / "conformance" / "ocfl-1.1" / f"{kind}-objects").iterdir())


def test_good_objects_of_the_public_fixtures_pass(shared_data):
    for folder in fixtures(shared_data, "good"):
        assert validate_object(folder) == [], folder.name


@pytest.mark.parametrize("kind", ["warn", "bad"])
def test_each_warning_and_error_of_the_public_fixtures_is_named_by_its_code(shared_data, kind):
    for folder in fixtures(shared_data, kind):
        found = validate_object(folder)
        named = set(re.findall(r"[EW]\d{3}", folder.name))
        assert named <= {one.code for one in found}, folder.name
        assert any(one.is_error for one in found) == (kind == "bad"), folder.name
        assert all(one.zh and one.en for one in found)


def test_the_fixture_with_an_empty_folder(shared_data, tmp_path):
    if shared_data is None:
        return
    with tarfile.open(
        shared_data / "conformance" / "ocfl-1.1" / "E003_E063_empty.exact.tar"
    ) as archive:
        archive.extractall(tmp_path, filter="data")
    assert {one.code for one in validate_object(tmp_path / "E003_E063_empty")} == {"E003", "E063"}


def test_versions_share_what_they_have_in_common(root):
    add(root, {"a.bin": b"one", "b/说明.txt": b"words"})
    add(root, {"c.bin": b"three", "again.bin": b"one"}, kept=["a.bin"])
    folder = root.path_of(OBJECT)

    assert validate_object(folder) == []
    assert validate_root(root.folder) == []
    assert sorted(
        p.relative_to(folder).as_posix() for p in folder.rglob("content/**/*") if p.is_file()
    ) == ["v1/content/a.bin", "v1/content/b/说明.txt", "v2/content/c.bin"]
    assert root.open(OBJECT, "again.bin").read() == b"one"
    assert root.open(OBJECT, "b/说明.txt", "v1").read() == b"words"
    with pytest.raises(OcflError):
        root.open(OBJECT, "b/说明.txt")


def test_a_version_that_only_drops_and_repeats(root):
    add(root, {"a.bin": b"one", "b.bin": b"two"})
    add(root, {"c.bin": b"one"})
    assert validate_object(root.path_of(OBJECT)) == []
    assert list(root.inventory(OBJECT).state()) == ["c.bin"]


def test_the_second_voice_agrees(root):
    for number in range(5):
        add(root, {"a.bin": b"one"}, object_id=f"urn:x:{number}")
        add(
            root,
            {f"{n}.bin": bytes([n]) for n in range(number)},
            kept=["a.bin"],
            object_id=f"urn:x:{number}",
        )
        assert ocfl.Object().validate(objdir=str(root.path_of(f"urn:x:{number}")))[0]
    checked = ocfl.StorageRoot(root=str(root.folder))
    assert checked.validate()
    assert checked.num_objects == 5
    assert len(list(root.objects())) == 5


def test_long_and_strange_ids_get_a_place(root):
    for object_id in ("http://x/" + "é" * 80, "..", "a b/c"):
        add(root, {"a": b"1"}, object_id=object_id)
        assert root.inventory(object_id).body["id"] == object_id
    assert ocfl.StorageRoot(root=str(root.folder)).validate()


def test_two_who_build_the_same_version_do_not_overwrite_each_other(root):
    for number in (1, 2):
        first, second = (
            root.stage(OBJECT, {"a": iter([text])}, NOTE) for text in (b"first", b"second")
        )
        first.install()
        with pytest.raises(OcflError) as refused:
            second.install()
        second.discard()
        assert refused.value.status == 409
        assert root.open(OBJECT, "a").read() == b"first"
        assert root.inventory(OBJECT).number == number
    assert validate_object(root.path_of(OBJECT)) == []
    assert validate_root(root.folder) == []


@pytest.mark.parametrize("call", ["fsync", "rename", "write"])
def test_a_disk_that_fails_leaves_the_object_as_it_was(root, monkeypatch, call):
    add(root, {"a": b"first"})
    before = {
        p.relative_to(root.folder): p.read_bytes() for p in root.folder.rglob("*") if p.is_file()
    }
    chunks = iter([b"x"])
    if call == "write":

        def broken():
            yield b"half"
            raise OSError(28, "No space left on device")

        chunks = broken()
    else:
        monkeypatch.setattr(
            os, call, lambda *a, **k: (_ for _ in ()).throw(OSError(28, "No space left on device"))
        )
    with pytest.raises(StorageError) as refused:
        root.stage(OBJECT, {"b": chunks}, NOTE, kept=["a"]).install()
    assert refused.value.code == "disk-full"
    assert {
        p.relative_to(root.folder): p.read_bytes() for p in root.folder.rglob("*") if p.is_file()
    } == before


CHILD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from rongdang.keep.packages.ocfl.inventory import VersionNote
from rongdang.keep.packages.ocfl.storage import StorageRoot
root = StorageRoot(Path(sys.argv[1]))
for number in range(1000):
    data = str(number).encode() * 2000
    staged = root.stage("urn:x", {f"{number}.bin": iter([data] * 5)}, VersionNote(datetime.now(UTC), "m", "n", "urn:y"), kept=[])
    staged.install()
    print(number, flush=True)
"""


def test_killed_at_any_moment_the_object_is_whole_or_completed(root):
    """Whatever the child reported as done is there; what was cut off is finished or gone."""
    moments = [random.Random(number).random() for number in range(12)]
    for moment in moments:
        child = subprocess.Popen(
            [sys.executable, "-c", CHILD, str(root.folder)], stdout=subprocess.PIPE, text=True
        )
        done = [child.stdout.readline()]
        time.sleep(moment / 10)
        child.kill()
        done += child.stdout.read().splitlines()
        child.wait()
        before = {one.code for one in validate_object(root.path_of("urn:x"))}
        assert before <= {"E046", "E064", "E060", "E066", "E023"}, before
        head = root.complete("urn:x").number
        assert head >= len([line for line in done if line.strip()])
        assert validate_object(root.path_of("urn:x")) == []


def test_rubbish_of_a_killed_run_is_taken_away_once_it_is_old(root):
    add(root, {"a": b"1"})
    staging = root.folder / "extensions" / "rongdang-staging"
    name = root.path_of(OBJECT).name
    for part, age in (("old", 1), ("young", None)):
        (staging / f"{name}.{part}" / "v2").mkdir(parents=True)
        if age:
            os.utime(staging / f"{name}.{part}", (age, age))
    add(root, {"b": b"2"})
    assert [path.name for path in staging.iterdir()] == [f"{name}.young"]


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"a":1,"a":2}',
        b"[" * 100000,
        json.dumps({"id": 1, "manifest": 3, "versions": {"v1": 4}}).encode(),
    ],
)
def test_no_inventory_is_so_broken_that_the_validator_falls(root, raw):
    add(root, {"a": b"1"})
    folder = root.path_of(OBJECT)
    for place in (folder, folder / "v1"):
        (place / "inventory.json").write_bytes(raw)
    assert any(one.is_error for one in validate_object(folder))
    with pytest.raises(OcflError):
        root.inventory(OBJECT)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda f: (f / "0=ocfl_1.1").unlink(), "E069"),
        (lambda f: (f / "ocfl_layout.json").write_text("{}"), "E070"),
        (lambda f: (f / "stray.txt").write_text("x"), "E072"),
        (lambda f: (f / "abc" / "stray").mkdir(parents=True), "E073"),
    ],
)
def test_the_storage_root_itself(root, change, code):
    add(root, {"a": b"1"})
    change(root.folder)
    assert [one.code for one in validate_root(root.folder)] == [code]


def test_a_declaration_and_an_inventory_of_different_specifications(root):
    add(root, {"a": b"1"})
    folder = root.path_of(OBJECT)
    (folder / "0=ocfl_object_1.1").rename(folder / "0=ocfl_object_1.0")
    (folder / "0=ocfl_object_1.0").write_text("ocfl_object_1.0\n")
    assert [one.code for one in validate_object(folder)] == ["E038"]
