"""What a killed backup, drill or reader left goes with the next run; a living one's stays."""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from rongdang.base import leftovers
from rongdang.keep.backups import drilling
from rongdang.keep.backups.tests.conftest import empty_database, house  # noqa: F401  # fixtures

pytestmark = pytest.mark.django_db
DEAD = f"{leftovers._machine()}-{2**22 + 1}"
WRITE = """
import sys, time
from pathlib import Path
from rongdang.keep.backups.targets.folder import FolderTarget
def endless():
    yield b"half"
    print("ready", flush=True)
    time.sleep(600)
FolderTarget(Path(sys.argv[1]), append_only=sys.argv[2] == "yes").add("objects/ab/file", endless())
"""


@pytest.fixture
def writing(house):  # noqa: F811
    """A backup of another process into the same target, in the middle of a file."""
    begun = []

    def begin(append_only):
        process = subprocess.Popen(
            [sys.executable, "-c", WRITE, str(house.target().root), append_only],
            stdout=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        assert process.stdout.readline().strip() == "ready"
        return process

    yield begin
    for process in begun:
        process.kill()
        process.wait()
        process.stdout.close()


def halves(house):  # noqa: F811
    return [path for path in house.target().root.rglob("*.tmp") if path.is_file()]


@pytest.mark.parametrize("append_only", ["yes", "no"])
def test_a_killed_backup_s_half_file_goes_with_the_next(house, writing, append_only):  # noqa: F811
    house.put(2)
    process = writing(append_only)
    target = house.target(append_only=append_only == "yes")
    house.back_up(target)
    assert len(halves(house)) == 1  # it is still being written
    process.kill()
    process.wait()
    assert house.back_up(target).result["parts"] == 2
    assert halves(house) == []
    assert house.restore(house.root / "again").objects_read == 2


def test_a_killed_drill_s_house_goes_with_the_next_and_a_running_one_s_stays(house):  # noqa: F811
    house.put(1)
    gone = house.settings.VAR_DIR / f"drill-{DEAD}-abc"
    running = house.settings.VAR_DIR / (leftovers.folder_prefix("drill") + "abc")
    served = house.settings.VAR_DIR / f"drill-{DEAD}-def"
    for place in (gone, running, served):
        (place / "postgresql").mkdir(parents=True)
    (served / "postgresql" / "postmaster.pid").write_text(f"{os.getppid()}\n")
    drilling.drill(house.target(), recipients=house.recipients, say=lambda _text: None)
    assert not gone.exists() and running.exists() and served.exists()


def test_the_next_reader_of_a_cluster_clears_the_sockets_of_killed_ones():
    from rongdang.keep.backups.postgresql import serving

    root = Path(tempfile.gettempdir())
    dead = root / f"rongdang-{DEAD}-{os.getpid()}a"
    living = root / (leftovers.folder_prefix("rongdang") + "b")
    served = root / f"rongdang-{DEAD}-{os.getpid()}c"
    try:
        for folder in (dead, living, served):
            folder.mkdir()
            (folder / "log").write_text("x")
        (served / ".s.PGSQL.5432.lock").write_text(f"{os.getpid()}\n/data\n")
        serving.clear_sockets()
        assert not dead.exists() and living.exists() and served.exists()
        (served / ".s.PGSQL.5432.lock").write_text(f"{2**22 + 1}\n/data\n")
        serving.clear_sockets()
        assert not served.exists()
    finally:
        for folder in (dead, living, served):
            for path in folder.glob("*"):
                path.unlink()
            if folder.exists():
                leftovers.shutil.rmtree(folder)
