"""A real process that is killed: it acts, and at its n-th step SIGKILL ends it, as `kill -9` would.

The process is a fork of the test, with a database connection of its own. What it wrote lies in the
house it worked in; what it held in memory is gone. Nobody tidies up.
"""

import os
import signal
import sys
import traceback
from pathlib import Path

from django.db import connections

from .steps import Steps

BETWEEN = 4  # kills between the first step and the last


def spread(total, between=BETWEEN):
    """1, `total`, and some between them, evenly."""
    some = (1 + total * part // (between + 1) for part in range(1, between + 1))
    return sorted({1, total, *some})


def died(root, number, act):
    """Run `act` in a process that dies by SIGKILL before it returns from step `number`.

    False when the act ended before: not every act has as many steps each time.
    """
    told = in_a_child(lambda: _dying(root, number, act))
    dead = os.WIFSIGNALED(told) and os.WTERMSIG(told) == signal.SIGKILL
    assert dead or told == 0, told
    return dead


def counted(root, act, note):
    """How many steps `act` takes when nobody kills it; `note` is a file for the number."""

    def count():
        with Steps(root) as steps:
            act()
        Path(note).write_text(str(len(steps.labels)))

    assert in_a_child(count) == 0
    return int(Path(note).read_text())


def _dying(root, number, act):
    seen = 0

    def after(_label):
        nonlocal seen
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)

    with Steps(root, after=after):
        act()


def in_a_child(act):
    """The status that `waitpid` gives; what went wrong in the child stands in the test's output."""
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
    sys.stderr.flush()
    child = os.fork()
    if child == 0:
        try:
            act()
        except BaseException:
            traceback.print_exc()
            sys.stderr.flush()
            os._exit(70)
        os._exit(0)
    return os.waitpid(child, 0)[1]
