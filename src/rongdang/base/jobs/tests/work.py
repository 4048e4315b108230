"""Tasks for the tests: each leaves a line in a file, so that what ran can be counted."""

import os
import time
from pathlib import Path

from django_tasks import task

from rongdang.base.jobs.limits import limited


def note(path, line):
    with Path(path).open("a") as file:
        file.write(f"{line} {os.getpid()}\n")


@task()
def slow_once(path):
    """Hangs the first time it runs, as a page that kills its reader would."""
    first = not Path(path).exists()
    note(path, "start")
    if first:
        time.sleep(60)
    note(path, "end")


@task()
def takes(path, seconds):
    note(path, "start")
    time.sleep(seconds)
    note(path, "end")


@task()
def fails():
    raise ValueError("缺页")


@task(priority=5)
def urgent(path):
    note(path, "urgent")


@limited(1)
@task()
def hangs(path):
    note(path, "start")
    time.sleep(60)
    note(path, "end")


@limited(1)
@task()
def hangs_in_native_code(path):
    """Holds the interpreter: no other thread of this process runs any more."""
    import ctypes

    note(path, "start")
    ctypes.PyDLL(None).sleep(60)  # PyDLL keeps the lock while it calls
    note(path, "end")


@task()
def dies(path):
    note(path, "start")
    os._exit(139)
