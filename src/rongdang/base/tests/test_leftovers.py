"""What dead processes left is told from what living ones are writing."""

import os
import subprocess
import sys
import time

import pytest

from rongdang.base import leftovers

HOLD = """
import sys, time
from pathlib import Path
from rongdang.base.leftovers import folder_prefix, unfinished
import tempfile
folder = Path(sys.argv[1])
unfinished(folder / "a.bin").write_bytes(b"half")
made = Path(tempfile.mkdtemp(prefix=folder_prefix("kind"), dir=folder))
(made / "x").write_text("x")
print("ready", flush=True)
time.sleep(600)
"""


@pytest.fixture
def writer(tmp_path):
    """Another process in the middle of a file and a folder."""
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout.readline().strip() == "ready"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


def names(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != "var")


def test_of_a_living_process_nothing_goes_and_of_a_killed_one_all(tmp_path, writer):
    before = names(tmp_path)
    assert len(before) == 2
    leftovers.remove_files(tmp_path)
    assert leftovers.remove_folders(tmp_path, "kind") == 0 and names(tmp_path) == before
    writer.kill()
    writer.wait()
    leftovers.remove_files(tmp_path)
    assert leftovers.remove_folders(tmp_path, "kind") == 1 and names(tmp_path) == []


def test_a_folder_that_is_still_worked_in_stays(tmp_path, writer):
    writer.kill()
    writer.wait()
    assert leftovers.remove_folders(tmp_path, "kind", in_use=lambda _path: True) == 0
    assert leftovers.remove_folders(tmp_path, "other") == 0
    assert len(names(tmp_path)) == 2


def test_what_this_process_writes_stays_and_an_earlier_one_of_its_number_is_dead(tmp_path):
    mine = leftovers.unfinished(tmp_path / "a")
    mine.write_bytes(b"half")
    assert not leftovers.is_left(mine)
    os.utime(mine, (1, 1))  # before this process began: a container gives the same numbers again
    assert leftovers.is_left(mine)


@pytest.mark.parametrize("name", [".a.00ff00-1.tmp", ".a.4711.tmp"])
def test_of_another_machine_only_what_nobody_wrote_to_for_days_goes(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"half")
    assert not leftovers.is_left(path)
    old = time.time() - (leftovers.SILENT_DAYS + 1) * 86400
    os.utime(path, (old, old))
    assert leftovers.is_left(path)


@pytest.mark.parametrize(
    "name", ["a.tmp", ".a.tmp", "a.4711.tmp", ".a.tmp.4711", "kind-x", ".a.x-1.tmp"]
)
def test_other_names_are_nobody_s_leftovers(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(b"")
    os.utime(path, (1, 1))
    assert not leftovers.is_left(path)


def test_a_link_is_never_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").write_text("x")
    link = tmp_path / f"kind-{leftovers._machine()}-{2**22 + 1}-abc"
    link.symlink_to(outside)
    assert leftovers.remove_folders(tmp_path, "kind") == 0 and (outside / "kept").exists()


def test_a_note_names_a_living_process_or_not(tmp_path):
    note = tmp_path / "postmaster.pid"
    assert not leftovers.names_a_living(note)
    note.write_text(f"{os.getpid()}\n/somewhere")
    assert leftovers.names_a_living(note)
    note.write_text(f"{2**22 + 1}\n")
    assert not leftovers.names_a_living(note)
    note.write_text("nothing")
    assert leftovers.names_a_living(note)  # it cannot be told
