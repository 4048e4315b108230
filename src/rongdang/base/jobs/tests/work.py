"""Tasks for the tests: each leaves a line in a file, so that what ran can be counted."""

import os
import time
from pathlib import Path

from django_tasks import task


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
