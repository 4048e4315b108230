"""Real worker processes on a real database file, killed and stopped in the middle of work."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

BEGIN = """
import django, json
django.setup()
from rongdang.base.jobs import worker
from rongdang.base.jobs.models import Job
from rongdang.base.jobs.tests import work
"""


@pytest.fixture
def house(tmp_path):
    """Start Python in a house of its own; its database is a file with tables."""
    env = {
        **{name: value for name, value in os.environ.items() if not name.startswith("RONGDANG_")},
        "DJANGO_SETTINGS_MODULE": "rongdang.config.settings",
        "RONGDANG_VAR": str(tmp_path / "house"),
        "RONGDANG_JOB_LEASE_SECONDS": "3",
        "RONGDANG_JOB_PAUSE_SECONDS": "0",
        "RONGDANG_JOB_ATTEMPTS": "2",
    }
    (tmp_path / "house").mkdir()
    begun = []

    def start(code, **more):
        process = subprocess.Popen(
            [sys.executable, "-c", BEGIN + code],
            env={**env, **more},
            stdout=subprocess.PIPE,
            text=True,
        )
        begun.append(process)
        return process

    start.log = tmp_path / "log"
    result(
        start(
            "from django.core.management import call_command; call_command('migrate', verbosity=0)"
        )
    )
    yield start
    for process in begun:
        if process.poll() is None:
            process.kill()
            process.wait()


def result(process):
    out, _ = process.communicate(timeout=280)
    assert process.returncode == 0
    return out


def rows(house):
    return json.loads(
        result(house("print(json.dumps(list(Job.objects.values_list('state', 'attempts'))))"))
    )


def wait_for(path, text):
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if path.exists() and text in path.read_text():
            return
        time.sleep(0.02)
    pytest.fail(f"{text} did not come")


def test_a_worker_killed_in_the_middle_loses_nothing(house):
    result(house(f"work.slow_once.enqueue({str(house.log)!r})"))
    reader = house("worker.read_until_idle(60)")
    wait_for(house.log, "start")
    time.sleep(4)  # longer than the lease: the heartbeat holds it, another reader finds nothing
    result(house("worker.read_until_idle(0)"))
    assert rows(house) == [["running", 1]]
    reader.send_signal(signal.SIGKILL)
    reader.wait()
    result(house("worker.read_until_idle(5)"))
    assert rows(house) == [["done", 2]]
    said = house.log.read_text()
    assert (said.count("start"), said.count("end")) == (2, 1)


def test_asked_to_stop_it_finishes_the_job_in_hand_and_takes_no_other(house):
    result(house(f"for _ in range(2): work.takes.enqueue({str(house.log)!r}, 1)"))
    reader = house("worker.read_until_idle(60)")
    wait_for(house.log, "start")
    reader.send_signal(signal.SIGTERM)
    result(reader)
    assert sorted(rows(house)) == [["done", 1], ["ready", 0]]


def test_two_readers_share_the_work_and_do_each_job_once(house):
    result(house(f"for _ in range(24): work.takes.enqueue({str(house.log)!r}, 0.02)"))
    result(house(WORK_OFF))
    assert rows(house) == [["done", 1]] * 24
    assert house.log.read_text().count("end") == 24


WORK_OFF = "raise SystemExit(worker.run_worker(concurrency=2, until_idle=True))"


@pytest.mark.parametrize("task", ["hangs", "hangs_in_native_code", "dies"])
def test_a_job_that_hangs_or_dies_is_ended_redone_and_given_up_while_others_go_on(house, task):
    log, other = str(house.log), str(house.log) + ".other"
    result(house(f"work.{task}.enqueue({log!r}); work.takes.enqueue({other!r}, 0.01)"))
    # Where the heartbeat lives it tells why; where it does not, the clock of last resort ends it.
    grace = "1" if task == "hangs_in_native_code" else "60"
    result(house(WORK_OFF, RONGDANG_JOB_GRACE_SECONDS=grace))
    dead, *others = sorted(rows(house))
    assert dead == ["dead", 2 + (task != "hangs")]
    # The last two are the jobs that the giving up itself starts (config/flow.py).
    assert [state for state, _attempts in others] == ["done"] * 3
    assert (house.log.read_text().count("start"), house.log.read_text().count("end")) == (2, 0)
    said = result(house("print(Job.objects.get(state='dead').error)"))
    assert ("did not end within 1 s" if task == "hangs" else "died on every attempt") in said
