"""Memory while 10,000 pages come in with the null engine: it must not grow with their number.

    make bench NAME=intake ARGS="--pages 10000"

Small pages, each of its own bytes and a hundred in a zip as a scanner's station sends them, are taken in by
`rongdang ingest` and its jobs are run by one reader; resident memory of either is sampled and compared: the
last fifth against the second. Below some thousand pages this measures the start only. Every process' peak is
told at 1,000, 2,500, 5,000 and 10,000 pages, and that of proposing the materials of the whole batch at the end.
"""

import argparse
import contextlib
import io
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

from idle import tree
from table import Report, house


IN_A_FILE = 100


def write_pages(folder, count):
    """JPEG pages of 400 × 560 pixels, all different, in zips."""
    import numpy as np
    from PIL import Image

    rng = random.Random(1)
    sheet = np.full((560, 400, 3), 235, np.uint8)
    for number in range(count):
        page = sheet.copy()
        for line in range(8):
            y = 40 + line * 60
            page[y : y + 20, 40 : 40 + rng.randint(80, 320)] = rng.randint(20, 90)
        page[2:6, 2 : 2 + number % 390] = number // 390 % 200
        out = io.BytesIO()
        Image.fromarray(page).save(out, "JPEG", quality=80)
        with zipfile.ZipFile(folder / f"{number // IN_A_FILE:04d}.zip", "a") as bundle:
            bundle.writestr(f"{number:05d}.jpg", out.getvalue())


MARKS = (1_000, 2_500, 5_000, 10_000)
ROLES = {"read_until_idle": "reader", "opening.host": "host of the cage", "work": "worker", "ingest": "ingest"}


def role_of(pid):
    words = Path(f"/proc/{pid}/cmdline").read_bytes().decode()
    return next((role for word, role in ROLES.items() if word in words), "caged child")


def memory_of(pid):
    """(RSS, PSS) in MiB."""
    rows = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    sizes = {row.split(":")[0]: int(row.split()[1]) / 1024 for row in rows[1:]}
    return sizes["Rss"], sizes["Pss"]


class Peaks:
    """The largest (RSS, PSS) of every role so far, and what they were when so many pages were read."""

    def __init__(self, done):
        self._done, self._left, self._asked = done, list(MARKS), 0.0
        self.now, self.at = {}, {}

    def see(self, pid):
        size = memory_of(pid)
        role = role_of(pid)
        self.now[role] = tuple(map(max, size, self.now.get(role, size)))
        return size[0]

    def mark(self):
        if self._left and time.monotonic() - self._asked > 2:
            done, self._asked = self._done(), time.monotonic()
            while self._left and done >= self._left[0]:
                self.at[self._left.pop(0)] = dict(self.now)


def watched(command, environment, peaks):
    """Run it; (exit code, samples of the largest resident memory in MiB of its processes, seconds)."""
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    samples, start = [], time.monotonic()
    while process.poll() is None:
        sizes = []
        for pid in tree(process.pid):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError, KeyError):
                sizes.append(peaks.see(pid))
        if sizes:
            samples.append(max(sizes))
        peaks.mark()
        time.sleep(0.5)
    return process.wait(), samples, time.monotonic() - start


def growth(samples):
    """Last fifth against the second fifth (the first holds imports), in MiB; and both."""
    fifth = max(1, len(samples) // 5)
    early, late = statistics.median(samples[fifth : 2 * fifth] or samples), statistics.median(samples[-fifth:])
    return late - early, early, late


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=10_000)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house(RONGDANG_OCR="null", RONGDANG_WORKERS="1")
    from django.db import connections
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit
    from rongdang.capture.batches.models import Scan, Upload

    unit = create_unit(code="990001", name="梧桐里军休所", parent=None, acting_user=None, fonds="X001")
    clerk = create_user(username="zhou", display_name="周", password="correct horse 42", acting_user=None)
    assign_role(user=clerk, role="clerk", unit=unit, acting_user=None)
    connections.close_all()
    report = Report("intake")
    with tempfile.TemporaryDirectory() as inbox:
        write_pages(Path(inbox), options.pages)
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        code, samples, seconds = watched(
            [sys.executable, "-m", "rongdang", "ingest", inbox, "--unit", "990001", "--user", "zhou", "--no-secrets"], environment, Peaks(lambda: 0))
        grown, early, late = growth(samples)
        report.add("pages", options.pages)
        report.add("taken in, exit code", code, most=0)
        report.add("taking in: RSS early", early, "MiB")
        report.add("taking in: RSS late", late, "MiB")
        report.add("taking in: growth", grown, "MiB", most=max(20.0, 0.1 * early))
        report.add("taken in", options.pages / seconds, "pages/s")
        peaks = Peaks(lambda: Scan.objects.exclude(state="waiting").count())
        code, samples, seconds = watched([sys.executable, "-m", "rongdang", "work", "--once", "--processes", "1"], environment, peaks)
    grown, early, late = growth(samples)
    report.add("worked, exit code", code, most=0)
    report.add("reading: RSS early", early, "MiB")
    report.add("reading: RSS late", late, "MiB")
    report.add("reading: growth", grown, "MiB", most=max(20.0, 0.1 * early))
    report.add("read", options.pages / seconds, "pages/s")
    for pages, sizes in [*peaks.at.items(), ("the end", peaks.now)]:
        for role, (rss, pss) in sizes.items():
            report.add(f"peak at {pages}, {role}: RSS", rss, "MiB")
            report.add(f"peak at {pages}, {role}: PSS", pss, "MiB")
    report.add("files kept", Upload.objects.filter(state="split").count(), least=-(-options.pages // IN_A_FILE))
    report.add("pages waiting or failed", Scan.objects.filter(state__in=["waiting", "failed"]).count(), most=0)
    report.add("pages", Scan.objects.count(), least=options.pages)
    if not options.json:
        print(json.dumps({"RSS over time, MiB": [round(s) for s in samples[:: max(1, len(samples) // 40)]]}))
    connections.close_all()
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
