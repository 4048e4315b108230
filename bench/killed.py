"""Intake and reading with the real engine, killed (-9) at random moments: nothing lost, nothing twice.

    make bench NAME=killed                               200 pages, 50 kills
    make bench NAME=killed ARGS="--pages 40 --kills 12"  a shorter walk

`rongdang ingest` and `rongdang work` are started, killed with everything below them after a random while,
and started again, until the kills are used up; then both may finish. Afterwards every file of the folder must
be kept once, byte for byte, every page be read once, every material have its pages once, and `verify` find
nothing.
"""

import argparse
import hashlib
import io
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from idle import tree
from table import Report, house


def write_pages(folder, count):
    """Drawn pages of the demonstration's paper, at 150 dpi to be many; digests by name."""
    from PIL import Image
    from rongdang.demo.paper.stack import draw_stack

    digests, number, seed = {}, 0, 70
    while number < count:
        for page in draw_stack(seed, split="train", pages=12).pages:
            if number == count:
                break
            image = Image.open(io.BytesIO(page.jpeg)).convert("RGB")
            out = io.BytesIO()
            image.resize((image.width // 2, image.height // 2)).save(out, "JPEG", quality=85, dpi=(150, 150))
            data = out.getvalue() + number.to_bytes(4, "big")  # no two the same
            (folder / f"{number:04d}.jpg").write_bytes(data)
            digests[f"{number:04d}.jpg"] = hashlib.sha256(data).hexdigest()
            number += 1
        seed += 1
    return digests


def end(process):
    """kill -9 of the process and all below it, as a power cut would."""
    for pid in reversed(tree(process.pid)):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    process.wait()


def start(*command):
    return subprocess.Popen([sys.executable, "-m", "rongdang", *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def killed_all_along(commands, kills, rng, longest, say):
    """Run the commands side by side; kill all of them `kills` times; then let them finish."""
    for number in range(kills):
        running = [start(*command) for command in commands]
        time.sleep(rng.uniform(0.3, longest))
        for process in running:
            end(process)
        say(f"kill {number + 1}/{kills}")
    return [start(*command).wait() for command in commands]


def check(report, digests):
    from rongdang.base.jobs.models import Job
    from rongdang.base.ledger.queries import verify
    from rongdang.capture.batches.models import Batch, Scan, Upload
    from rongdang.capture.review.models import Material, MaterialPage
    from rongdang.keep.objects import services as objects
    from rongdang.keep.objects.models import StoredObject

    kept = Upload.objects.exclude(state__in=["receiving", "duplicate"]).select_related("stored")
    by_name = Counter(upload.name for upload in kept)
    right = sum(hashlib.sha256(objects.read(upload.stored)).hexdigest() == digests.get(upload.name) for upload in kept if upload.stored)
    report.add("files lost", len(set(digests) - set(by_name)), most=0)
    report.add("files kept twice", sum(count - 1 for count in by_name.values()), most=0)
    report.add("files whose bytes are the same", right, least=len(digests))
    sides = Counter((scan.upload_id, scan.number, scan.half) for scan in Scan.objects.defer("layer"))
    report.add("pages of the batch", len(sides), least=len(digests))
    report.add("pages twice", sum(count - 1 for count in sides.values()), most=0)
    report.add("pages waiting or failed", Scan.objects.filter(state__in=["waiting", "failed"]).count(), most=0)
    report.add("pages in two materials", sum(n - 1 for n in Counter(MaterialPage.objects.values_list("scan", flat=True)).values()), most=0)
    report.add("batches", Batch.objects.count(), most=1)
    report.add("batches not offered for review", Batch.objects.exclude(state="review").count(), most=0)
    report.add("materials proposed", Material.objects.count(), least=1)
    report.add("jobs given up", Job.objects.filter(state="dead").count(), most=0)
    twice = StoredObject.objects.count() - StoredObject.objects.values("digest").distinct().count()
    report.add("objects kept twice", twice, most=0)
    report.add("objects that cannot be read back", sum(not whole(objects, stored) for stored in StoredObject.objects.all()), most=0)
    result = verify()
    report.add("entries of the ledger", result.size)
    report.add("ledger verifies", int(result.ok), least=1)


def whole(objects, stored):
    try:
        return hashlib.sha256(objects.read(stored)).hexdigest() == stored.digest
    except Exception:
        return False


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--longest", type=float, default=8.0, help="seconds until a kill, at most")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder = house(RONGDANG_WORKERS="1")
    from django.db import connections
    from rongdang.base.accounts.services import assign_role, create_user
    from rongdang.base.orgs.services import create_unit

    unit = create_unit(code="990001", name="梧桐里军休所", parent=None, acting_user=None, fonds="X001")
    clerk = create_user(username="zhou", display_name="周", password="correct horse 42", acting_user=None)
    assign_role(user=clerk, role="clerk", unit=unit, acting_user=None)
    connections.close_all()
    report, rng = Report("killed"), random.Random(options.seed)
    say = (lambda _text: None) if options.json else (lambda text: print(text, file=sys.stderr, flush=True))
    with tempfile.TemporaryDirectory() as inbox:
        digests = write_pages(Path(inbox), options.pages)
        ingest = ("ingest", inbox, "--unit", "990001", "--user", "zhou", "--no-secrets")
        early = options.kills // 3
        codes = killed_all_along([ingest], early, rng, options.longest / 3, say)
        codes += killed_all_along([("work", "--once", "--processes", "1")], options.kills - early, rng, options.longest, say)
    report.add("pages", options.pages)
    report.add("kills", options.kills)
    report.add("finished, exit codes together", sum(map(abs, codes)), most=0)
    check(report, digests)
    connections.close_all()
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
