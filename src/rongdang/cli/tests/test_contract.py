"""What every long command keeps: results for programs, progress beside them, a code that tells, stop and go on."""

import json
import signal

import pytest
from PIL import Image

from rongdang.cli import main
from rongdang.cli.tests.houses import House

DEMO = ("demo", "--people", "12", "--stacks", "0", "--json")
# A disk on which no file may grow: SQLite learns it as any program does.
FULL = """
import resource, signal, sys
from rongdang.cli import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
raise SystemExit(main(sys.argv[1:]))
"""


def told(said):
    """The one line of the result among what was said."""
    [line] = [line for line in said.splitlines() if line.startswith("{")]
    return json.loads(line)


def test_the_demonstration_says_what_is_there_and_adds_nothing_the_second_time(house):
    code, said = house.rongdang(*DEMO)
    assert code == 0 and told(said)["ok"] and told(said)["units"] >= 12
    assert "files taken over" in said  # progress, beside the result
    assert told(house.rongdang("migrate", "--json")[1]) == {"ok": True}
    again, said = house.rongdang(*DEMO)
    assert (again, told(said)["files"]) == (0, told(said)["files"]) and "taken over" not in said


def test_stopped_half_way_it_goes_on_where_it_was(house):
    process = house.start("demo", "--people", "400", "--stacks", "0")
    for line in process.stdout:
        if "taken over" in line:
            break
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130 and "Traceback" not in said, said
    assert "再运行一次就接着做" in said and "run again to go on" in said
    code, said = house.rongdang("demo", "--people", "400", "--stacks", "0", "--json")
    assert code == 0 and told(said)["files"] >= 400
    code, said = house.rongdang("verify", "--json")
    assert code == 0, said


def test_serve_tells_programs_where_it_answers_and_ends_clean(house):
    process = house.start("serve", "--port", "0", "--json")
    lines = iter(process.stdout)
    ready = next(json.loads(line) for line in lines if line.startswith("{"))
    assert ready["ok"] and ready["address"].startswith("http://127.0.0.1:")
    process.send_signal(signal.SIGTERM)
    process.communicate(timeout=60)
    assert process.returncode == 0


FAILS = """
import django; django.setup()
from rongdang.base.jobs.models import Job
gone = "rongdang.base.jobs.tests.work.fails"
Job.objects.create(path=gone, arguments={"args": [], "kwargs": {}}, attempts=4)
"""
LATER = """
import django; django.setup()
from datetime import timedelta
from django.utils import timezone
from rongdang.base.jobs.models import Job
soon = timezone.now() + timedelta(hours=1)
Job.objects.create(path="x.y", arguments={"args": [], "kwargs": {}}, run_after=soon)
"""


def test_work_ends_with_1_when_a_job_was_given_up_and_130_when_it_was_stopped(house):
    assert house.python(FAILS)[0] == 0
    code, said = house.rongdang("work", "--once", "--json")
    assert code == 1 and told(said) == {"ok": False, "waiting": 0, "given_up": 1}
    assert "1 jobs left" in said
    assert house.rongdang("work", "--once")[0] == 0  # of an earlier run it is not told again
    assert house.python(LATER)[0] == 0
    process = house.start("work", "--once", "--json")
    while "jobs left" not in process.stdout.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=60)[0]
    assert process.returncode == 130 and told(said) == {"ok": False, "waiting": 1, "given_up": 0}


@pytest.mark.parametrize("command", [DEMO, ("verify", "--json")])
def test_a_disk_that_takes_nothing_is_told_in_words(tmp_path, command):
    empty = House(tmp_path / "empty")
    code, said = empty.python(FULL, *command)
    assert code == 1 and "Traceback" not in said, said
    assert told(said)["error"] in ("storage", "disk-full", "read-only")


def test_read_ends_with_1_when_a_page_could_not_be_read_and_prints_the_rest(tmp_path, capsys):
    Image.new("RGB", (400, 600), "white").save(tmp_path / "1.jpg")
    assert main(["read", str(tmp_path), "--json", "--jobs", "1"]) == 0
    assert json.loads(capsys.readouterr().out)["stacks"][tmp_path.name]["pages"][0]["blank"]
    (tmp_path / "2.jpg").write_bytes(b"no picture")
    assert main(["read", str(tmp_path), "--json", "--jobs", "1"]) == 1
    out, err = capsys.readouterr()
    assert len(json.loads(out)["stacks"][tmp_path.name]["pages"]) == 2
    assert "not read: 2.jpg" in err
