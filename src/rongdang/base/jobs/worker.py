"""The worker: a small supervisor, and readers that exist only while there is something to do.

A reader loads the OCR engine on its first page and takes its memory along when it ends, so an
idle house holds no engine.
"""

from __future__ import annotations

import faulthandler
import logging
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.conf import settings
from django.db import OperationalError, close_old_connections, connections
from django.utils.module_loading import import_string

from rongdang.base.jobs import services
from rongdang.base.jobs.limits import JobTimeoutError, seconds_for
from rongdang.base.jobs.models import Job

log = logging.getLogger(__name__)
IDLE_SECONDS = 20.0  # a reader without work ends after this
LOOK_SECONDS = 0.5
NEXT_SECONDS = 0.1  # a reader is there only a while, so it may look often: a person may be waiting
BEATS = 4  # a lease outlasts so many heartbeats
TOO_LONG = 75  # exit code of a reader whose job passed its limit
READER = "import django; django.setup(); from rongdang.base.jobs.worker import read_until_idle; "


class Stop:
    """Set by SIGTERM or SIGINT: finish the job in hand, take no other."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGTERM, self._ask)
            signal.signal(signal.SIGINT, self._ask)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self.asked.set()


def run_worker(
    *, concurrency: int, until_idle: bool = False, tell: Callable[[int], None] | None = None
) -> int:
    """Keep up to `concurrency` readers at work; with `until_idle`, return when nothing is left.

    `tell` is given the number of jobs that are left, at every look.
    """
    stop = Stop()
    readers: list[subprocess.Popen[bytes]] = []
    while not stop.asked.is_set():
        close_old_connections()
        readers = [reader for reader in readers if reader.poll() is None]
        waiting = Job.objects.filter(services.due()).count()
        while len(readers) < min(concurrency, waiting):
            readers.append(_start_reader(0.0 if until_idle else IDLE_SECONDS))
        if tell is not None:
            tell(services.pending())
        if until_idle and not waiting and not readers and not services.pending():
            return 0
        stop.asked.wait(LOOK_SECONDS)
    for reader in readers:
        reader.send_signal(signal.SIGTERM)
    for reader in readers:
        try:
            reader.wait(timeout=30)
        except subprocess.TimeoutExpired:
            reader.kill()  # its lease runs out, the job is redone
    return 0


def _start_reader(idle: float) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-P",  # never a module that lies in the folder the worker was started in
            "-c",
            f"{READER}read_until_idle({idle!r})",
        ],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )


def read_until_idle(idle: float) -> None:
    """One reader process: run jobs one by one until none came for `idle` seconds."""
    stop = Stop()
    last = time.monotonic()
    while not stop.asked.is_set():
        close_old_connections()
        if run_one(in_reader=True):
            last = time.monotonic()
        elif time.monotonic() - last >= idle:
            return
        else:
            stop.asked.wait(NEXT_SECONDS)


def run_one(*, in_reader: bool = False) -> bool:
    """Claim and run one job; False when there was none.

    In a reader, a job past its limit ends the process: its attempt counts, the job is redone.
    """
    job = services.claim()
    if job is None:
        return False
    over = threading.Event()
    try:
        task = import_string(job.path)
        limit = seconds_for(job.path) if in_reader else None
        _watch(job, over, limit)
        task.call(*job.arguments["args"], **job.arguments["kwargs"])
    except Exception as error:  # noqa: BLE001 - here errors of all jobs end
        log.warning("job %s attempt %s: %s", job.path, job.attempts, error)
        services.fail(job, error)
    else:
        services.finish(job)
    finally:
        over.set()
        if in_reader:
            faulthandler.cancel_dump_traceback_later()
    return True


def _watch(job: Job, over: threading.Event, limit: float | None) -> None:
    """Hold the lease while the job runs, and end this process when it runs for too long."""
    if limit is not None:
        # Needs no Python to run: ends even a process whose native code never lets go of it.
        faulthandler.dump_traceback_later(limit + settings.JOB_GRACE_SECONDS, exit=True)
    threading.Thread(target=_beat, args=(job, over, limit), daemon=True).start()


def _hold(job: Job) -> None:
    """A busy database is asked again at the next beat; one lease outlasts several."""
    try:
        services.hold(job)
    except OperationalError as error:
        log.warning("job %s attempt %s: lease not extended: %s", job.path, job.attempts, error)


def _beat(job: Job, over: threading.Event, limit: float | None) -> None:
    end = time.monotonic() + limit if limit is not None else float("inf")
    beat = settings.JOB_LEASE_SECONDS / BEATS
    while not over.wait(max(0.0, min(beat, end - time.monotonic()))):
        if time.monotonic() < end:
            _hold(job)
            continue
        try:
            log.error("job %s attempt %s is ended after %s s", job.path, job.attempts, limit)
            services.fail(job, JobTimeoutError(job.path, limit or 0.0))
        finally:
            os._exit(TOO_LONG)  # nothing of a job that hangs can be asked to clean up
    connections.close_all()
