"""The worker: a small supervisor, and readers that exist only while there is something to do.

A reader loads the OCR engine on its first page and takes its memory along when it ends, so an
idle house holds no engine.
"""

from __future__ import annotations

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from types import FrameType

from django.db import close_old_connections, connections
from django.utils.module_loading import import_string

from rongdang.base.jobs import services
from rongdang.base.jobs.models import Job

log = logging.getLogger(__name__)
IDLE_SECONDS = 20.0  # a reader without work ends after this
LOOK_SECONDS = 0.5
HEARTBEAT_SECONDS = 15.0
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


def run_worker(*, concurrency: int, until_idle: bool = False) -> int:
    """Keep up to `concurrency` readers at work; with `until_idle`, return when nothing is left."""
    stop = Stop()
    readers: list[subprocess.Popen[bytes]] = []
    while not stop.asked.is_set():
        close_old_connections()
        readers = [reader for reader in readers if reader.poll() is None]
        waiting = Job.objects.filter(services.due()).count()
        while len(readers) < min(concurrency, waiting):
            readers.append(_start_reader(0.0 if until_idle else IDLE_SECONDS))
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
        if run_one():
            last = time.monotonic()
        elif time.monotonic() - last >= idle:
            return
        else:
            stop.asked.wait(LOOK_SECONDS)


def run_one() -> bool:
    """Claim and run one job; False when there was none."""
    job = services.claim()
    if job is None:
        return False
    over = threading.Event()
    heartbeat = threading.Thread(target=_beat, args=(job, over), daemon=True)
    heartbeat.start()
    try:
        import_string(job.path).call(*job.arguments["args"], **job.arguments["kwargs"])
    except Exception as error:  # noqa: BLE001  # the one place: whatever a job does, its row says so
        log.warning("job %s attempt %s: %s", job.path, job.attempts, error)
        services.fail(job, error)
    else:
        services.finish(job)
    finally:
        over.set()
    return True


def _beat(job: Job, over: threading.Event) -> None:
    while not over.wait(HEARTBEAT_SECONDS):
        services.hold(job)
    connections.close_all()
