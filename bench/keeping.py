"""Cost of keeping: encrypt, digest and store pages; append to the ledger; verify it.

Run: python bench/keeping.py [--pages 200] [--entries 100000] [--objects 100000]
Prints JSON. Works in a folder of its own that is removed at the end.
"""

import argparse
import hashlib
import io
import json
import os
import statistics
import tempfile
import time
import uuid
from pathlib import Path

PAGE = 300_000


def pages(count):
    from rongdang.base.cipher import envelope
    from rongdang.keep.objects import services

    data = [os.urandom(PAGE) for _ in range(count)]
    rows = {}
    rows["sha256"] = timed(lambda page: hashlib.sha256(page).digest(), data)
    key = envelope.new_key()
    seal = lambda page, number: envelope.encrypt(page, key, key_id="k", file_id=uuid.uuid4(), number=number)
    rows["encrypt suite 1"] = timed(lambda page: seal(page, 1), data)
    rows["encrypt suite 2"] = timed(lambda page: seal(page, 2), data[:20])
    sealed = seal(data[0], 1)
    rows["decrypt suite 1"] = timed(lambda page: envelope.decrypt(sealed, key), data)

    def digest_and_seal(page):
        digest = hashlib.sha256()
        chunks = envelope.encrypted(
            io.BytesIO(page), key, key_id="k", file_id=uuid.uuid4(), seen=digest.update
        )
        return b"".join(chunks)

    rows["digest and encrypt"] = timed(digest_and_seal, data)
    rows["put (encrypt, digest, 2 fsync, re-read, row)"] = timed(services.put, data)
    fresh = [os.urandom(PAGE) for _ in data]
    rows["put, 32 pages together"] = together(fresh, 32)
    base = rows["sha256"]["MB/s"]
    for row in rows.values():
        row["of sha256"] = round(row["MB/s"] / base, 3)
    return rows


def timed(act, data):
    took = []
    cpu = time.process_time()
    for page in data:
        start = time.perf_counter()
        act(page)
        took.append(time.perf_counter() - start)
    median = statistics.median(took)
    used = (time.process_time() - cpu) / len(data)
    return {"ms": round(median * 1000, 3), "MB/s": round(PAGE / median / 1e6, 1), "cpu ms": round(used * 1000, 3)}


def together(data, size):
    """Per page: `put_many` of `size` pages at a time, and how often the disk was told to flush."""
    from rongdang.keep.objects import services

    flushed, real = [0], os.fsync

    def counted(descriptor):
        flushed[0] += 1
        real(descriptor)

    os.fsync = counted
    start, cpu = time.perf_counter(), time.process_time()
    for at in range(0, len(data), size):
        services.put_many([(page, "") for page in data[at : at + size]])
    took = (time.perf_counter() - start) / len(data)
    used = (time.process_time() - cpu) / len(data)
    os.fsync = real
    return {
        "ms": round(took * 1000, 3),
        "MB/s": round(PAGE / took / 1e6, 1),
        "cpu ms": round(used * 1000, 3),
        "fsync a page": round(flushed[0] / len(data), 2),
    }


def rotation(count):
    """Objects a second whose key is wrapped anew, with the rows written; the bytes are not touched."""
    from django.conf import settings

    from rongdang.keep.keys import services
    from rongdang.keep.objects import rewrapping
    from rongdang.keep.objects.models import StoredObject

    for start in range(0, count, 5000):
        rows = []
        for _ in range(min(5000, count - start)):
            pk = uuid.uuid4()
            key_id, wrapped = settings.KEYRING.wrap("objects", os.urandom(32), pk.bytes)
            rows.append(StoredObject(id=pk, digest=os.urandom(32).hex(), size=1, key_id=key_id, wrapped_key=wrapped))
        StoredObject.objects.bulk_create(rows)
    start, cpu = time.perf_counter(), time.process_time()
    services.rotate("objects", acting_user=None, say=lambda *_: None)
    took, used = time.perf_counter() - start, time.process_time() - cpu
    assert rewrapping.outstanding() == 0
    total = StoredObject.objects.count()
    return {"objects": total, "objects/s": round(total / took), "objects/s of CPU time": round(total / used)}


def ledger(count):
    from django.db import transaction

    from rongdang.base.jobs.models import Job
    from rongdang.base.ledger import queries, services

    def plain():
        with transaction.atomic():
            Job.objects.create(path="bench.plain")

    def logged():
        with transaction.atomic():
            Job.objects.create(path="bench.logged")
            services.record("page:see", actor=uuid.uuid4(), subject_kind="page", subject_id="1", detail={"purpose": "x"})

    took = {"plain": [], "logged": []}
    for _ in range(300):
        for name, act in (("plain", plain), ("logged", logged)):
            start = time.perf_counter()
            act()
            took[name].append(time.perf_counter() - start)
    rows = {f"commit {name} ms": round(statistics.median(times) * 1000, 3) for name, times in took.items()}
    draft = [
        services.Draft(event="page:see", actor="a" * 36, subject_kind="page", subject_id=str(n), detail={"purpose": "查阅"})
        for n in range(1000)
    ]
    start = time.perf_counter()
    for _ in range(count // 1000):
        with transaction.atomic():
            services.record_many(draft)
    rows["append in batches of 1000, entries/s"] = round(count / (time.perf_counter() - start))
    services.sign_head()
    start = time.perf_counter()
    report = queries.verify()
    rows["verify s"] = round(time.perf_counter() - start, 2)
    rows["verify entries"], rows["verify ok"] = report.size, report.ok
    start = time.perf_counter()
    for seq in range(1, 201):
        assert queries.inclusion(seq * (report.size // 200)).holds()
    rows["proof made and checked ms"] = round((time.perf_counter() - start) * 5, 3)
    return rows


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=200)
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--objects", type=int, default=100_000, help="whose keys are rotated")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        os.environ["RONGDANG_VAR"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "rongdang.config.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0, skip_checks=True)
        told = {"pages": pages(options.pages), "rotation": rotation(options.objects), "ledger": ledger(options.entries)}
        print(json.dumps(told, indent=1))


if __name__ == "__main__":
    main()
