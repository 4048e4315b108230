"""What the log costs: one more entry in a commit, the whole of it verified, one proof.

    make bench NAME=ledger ARGS="--entries 1000000"

"Over the plain commit" compares a commit of one row with a commit of the same row and its entry, in turns,
on the product's own encrypted database; by the clock (the disk's flush is most of it) and in CPU time. The
verification is of a log of that many entries with details and heads, scaled to a million where fewer were
made: by the clock, as two processes share it, and the CPU seconds of both together. The independent
verifier reads the export of the same log.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
import uuid
from pathlib import Path

from table import Report, house

VERIFIER = Path(__file__).resolve().parent.parent / "tools" / "ledger_verifier.py"


def commits(rounds):
    """Median (clock, CPU) in ms of a commit without and with an entry."""
    from django.db import transaction
    from rongdang.base.jobs.models import Job
    from rongdang.base.ledger import services

    actor = uuid.uuid4()

    def act(*, logged):
        with transaction.atomic():
            Job.objects.create(path="bench")
            if logged:
                services.record("page:see", actor=actor, subject_kind="page", subject_id="1", detail={"purpose": "benefit"})

    took = {False: ([], []), True: ([], [])}
    for turn in range(rounds * 2):
        logged = bool(turn % 2)
        clock, cpu = time.perf_counter(), time.process_time()
        act(logged=logged)
        took[logged][0].append(time.perf_counter() - clock)
        took[logged][1].append(time.process_time() - cpu)
    return {logged: tuple(statistics.median(values) * 1000 for values in pair) for logged, pair in took.items()}


def fill(count):
    from django.db import transaction
    from rongdang.base.ledger import services

    drafts = [
        services.Draft(event="page:see", actor=str(uuid.uuid4()), subject_kind="casefiles.page", subject_id=str(uuid.uuid4()),
                       detail={"purpose": "benefit", "opening": str(uuid.uuid4())})
        for _ in range(2000)
    ]
    cpu = time.process_time()
    for _ in range(max(1, count // len(drafts))):
        with transaction.atomic():
            services.record_many(drafts)
        services.sign_head()
    return (time.process_time() - cpu) / max(1, count // len(drafts)) / len(drafts) * 1000


def proofs(size):
    from rongdang.base.ledger import queries

    took = []
    for number in range(200):
        cpu = time.process_time()
        proof = queries.inclusion(1 + number * (size // 200), size)
        took.append(time.process_time() - cpu)
        assert proof.holds()
    cpu = time.process_time()
    for number in range(1, 201):
        queries.consistency(number * (size // 201), size)
    return statistics.median(took) * 1000, (time.process_time() - cpu) / 200 * 1000


def all_cpu():
    """CPU seconds of this process and of its children that have ended."""
    used = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)


def outside(path):
    """CPU seconds of the independent verifier."""
    before = all_cpu()
    subprocess.run([sys.executable, "-I", "-S", str(VERIFIER), str(path)], check=True, stdout=subprocess.DEVNULL)
    return all_cpu() - before


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=300)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    folder, report = house(), Report("ledger")
    from rongdang.base.ledger import exporting, queries, services

    took = commits(options.rounds)
    for which, unit in enumerate(("by the clock", "CPU time")):
        plain, logged = took[False][which], took[True][which]
        report.add(f"a commit of one row, {unit}", plain, "ms")
        report.add(f"the same with its entry, {unit}", logged, "ms")
        report.add(f"over the plain commit, {unit}", (logged / plain - 1) * 100, "%", most=5 if not which else None)
    report.add("an entry among 2,000 in one commit, CPU time", fill(options.entries), "ms")
    clock, cpu = time.perf_counter(), all_cpu()
    checked = queries.verify()
    clock, cpu = time.perf_counter() - clock, all_cpu() - cpu
    assert checked.ok
    report.add(f"1,000,000 entries verified (from {checked.size:,}), clock", clock / checked.size * 1e6, "s", most=15)
    report.add("the same, CPU time of all processes", cpu / checked.size * 1e6, "s")
    made, led = proofs(checked.size)
    report.add("an inclusion proof made", made, "ms", most=1)
    report.add("a consistency proof made", led, "ms", most=1)
    path = Path(folder.name) / "export.jsonl"
    with path.open("wb") as file:
        exporting._write(file, services.sign_head().size, details=True, progress=None)
    report.add("1,000,000 entries by the independent verifier", outside(path) / checked.size * 1e6, "s")
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    sys.exit(main())
