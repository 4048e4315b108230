"""What the log costs: one more entry in a commit, the whole of it verified, one proof.

    make bench NAME=ledger ARGS="--entries 1000000"

"Over the plain commit" compares a commit of one row with a commit of the same row and its entry, in turns,
on the product's own encrypted database; by the clock (the disk's flush is most of it) and in CPU time. Beside
them, in the same turns: the same row with one more of 300 bytes in a bare table, put there past the models, which
is the least that anything logged can cost; and a whole change of the product (a person put on the register, which
the log and two jobs follow), of which an entry is a part. The verification is of a log of that many entries with details and heads, scaled to a million where fewer were
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


def acts():
    """What is committed: a row; with a bare row beside it; with its entry; a whole change of the product."""
    from django.db import connection
    from rongdang.base.jobs.models import Job
    from rongdang.base.ledger import services
    from rongdang.base.orgs.services import create_unit
    from rongdang.describe.people.services import create_person

    actor, body = uuid.uuid4(), bytes(300)
    unit = create_unit(code="990001", name="梧桐里军休所", parent=None, acting_user=None)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE bench_least (id integer PRIMARY KEY, body blob NOT NULL)")

    def plain():
        Job.objects.create(path="bench")

    def least():
        plain()
        connection.connection.execute("INSERT INTO bench_least (body) VALUES (?)", (body,))

    def logged():
        plain()
        services.record("page:see", actor=actor, subject_kind="page", subject_id="1", detail={"purpose": "benefit"})

    def change():
        create_person(unit=unit, name="林长河", acting_user=None)

    return {"plain": plain, "least": least, "logged": logged, "change": change}


def commits(rounds):
    """What is committed → median (clock, CPU) in ms, all of them in turns."""
    from django.db import transaction

    committed = acts()
    took = {name: ([], []) for name in committed}
    for _turn in range(rounds):
        for name, act in committed.items():
            clock, cpu = time.perf_counter(), time.process_time()
            with transaction.atomic():
                act()
            took[name][0].append(time.perf_counter() - clock)
            took[name][1].append(time.process_time() - cpu)
    return {name: tuple(statistics.median(values) * 1000 for values in pair) for name, pair in took.items()}


def appended(report, took):
    """The rows of one entry more."""
    for which, unit in enumerate(("by the clock", "CPU time")):
        plain, least, logged, change = (took[name][which] for name in ("plain", "least", "logged", "change"))
        report.add(f"a commit of one row, {unit}", plain, "ms")
        report.add(f"the same with its entry, {unit}", logged, "ms")
        report.add(f"over the plain commit, {unit}", (logged / plain - 1) * 100, "%", most=5 if not which else None)
        report.add(f"the least: one bare row more, over the plain commit, {unit}", (least / plain - 1) * 100, "%")
        report.add(f"a whole change, a person put on the register, {unit}", change, "ms")
        report.add(f"an entry over the rest of that change, {unit}", (logged - plain) / (change - logged + plain) * 100, "%")


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

    appended(report, commits(options.rounds))
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
