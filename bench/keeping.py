"""What keeping costs: a page of 300 KB encrypted, digested and stored; keys rotated.

    make bench NAME=keeping
    make bench NAME=keeping ARGS="--pages 960 --folder /another/disk"

"Of sha256" is how fast it is beside SHA-256 alone of the same bytes in memory, by the clock: 0.5 is half its
speed. Pages are stored 32 at a time, as capture stores them: encrypted, written, flushed, opened again from
the disk and compared, and one commit for all. That reading back, which no other store here does, is told
apart. The median of the batches counts; CPU time stands beside the clock, which a shared machine stretches.
Of what happens in memory the best tenth is told too: a cipher waits longer than a digest for a core's neighbour.
"""

import argparse
import hashlib
import os
import statistics
import sys
import tempfile
import time
import uuid
from pathlib import Path

from table import Report, house

PAGE, TOGETHER = 300_000, 32


def fresh(count):
    return [os.urandom(PAGE) for _ in range(count)]


def timed(act, things):
    """(median clock, mean CPU) in ms a thing."""
    took, cpu = [], time.process_time()
    for thing in things:
        start = time.perf_counter()
        act(thing)
        took.append(time.perf_counter() - start)
    return statistics.median(took) * 1000, (time.process_time() - cpu) / len(things) * 1000


def best_tenth(acts, things):
    """Of each act, done in turns on the same things, the clock in ms that nine of ten are slower than."""
    took = [[] for _act in acts]
    for thing in things:
        for act, times in zip(acts, took):
            start = time.perf_counter()
            act(thing)
            times.append((time.perf_counter() - start) * 1000)
    return [sorted(times)[len(times) // 10] for times in took]


def digest(page):
    hashlib.sha256(page).hexdigest()


def sealed(number):
    """The digest and the envelope of a page, in memory used again."""
    from rongdang.base.cipher import envelope

    scratch = bytearray(1 << 20)

    def act(page):
        digest(page)
        key, name = envelope.new_key(), uuid.uuid4()
        for _ in envelope.encrypted_in(scratch, page, key, key_id="objects.1.aa", file_id=name, number=number):
            pass

    return act


class Apart:
    """How long a function of the product takes in all, and how often the disk is told to flush."""

    def __init__(self):
        self.clock, self.cpu, self.flushes = 0.0, 0.0, 0

    def __enter__(self):
        from rongdang.keep.objects import putting

        self._module, self._compare, self._fsync = putting, putting._compare, os.fsync
        putting._compare, os.fsync = self._timed, self._counted
        return self

    def __exit__(self, *_):
        self._module._compare, os.fsync = self._compare, self._fsync

    def _timed(self, *what):
        clock, cpu = time.perf_counter(), time.process_time()
        self._compare(*what)
        self.clock, self.cpu = self.clock + time.perf_counter() - clock, self.cpu + time.process_time() - cpu

    def _counted(self, descriptor):
        self.flushes += 1
        self._fsync(descriptor)


def stored(count):
    """(clock, CPU) in ms a page of storing and of reading back, and the flushes a page."""
    from rongdang.keep.objects import services

    storing, reading, flushes = [], [], 0
    for _ in range(max(2, count // TOGETHER)):
        pages = [(page, "") for page in fresh(TOGETHER)]
        with Apart() as apart:
            clock, cpu = time.perf_counter(), time.process_time()
            services.put_many(pages)
            clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        storing.append((clock - apart.clock, cpu - apart.cpu))
        reading.append((apart.clock, apart.cpu))
        flushes = apart.flushes
    each = [[statistics.median(side) / TOGETHER * 1000 for side in zip(*rows)] for rows in (storing, reading)]
    return *each, flushes / TOGETHER


def rotation(count):
    """Objects a second, (clock, CPU), whose key is wrapped anew, with the rows written; no byte of theirs is touched."""
    from django.conf import settings
    from rongdang.base.ids import uuid7  # as the house makes them: rows of one time lie together
    from rongdang.keep.keys import services
    from rongdang.keep.objects import rewrapping
    from rongdang.keep.objects.models import StoredObject

    for start in range(0, count, 5000):
        rows = []
        for _ in range(min(5000, count - start)):
            pk = uuid7()
            key_id, wrapped = settings.KEYRING.wrap("objects", os.urandom(32), pk.bytes)
            rows.append(StoredObject(id=pk, digest=os.urandom(32).hex(), size=1, key_id=key_id, wrapped_key=wrapped))
        StoredObject.objects.bulk_create(rows)
    clock, cpu = time.perf_counter(), time.process_time()
    services.rotate("objects", acting_user=None, say=lambda *_: None)
    clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
    assert rewrapping.outstanding() == 0
    total = StoredObject.objects.count()
    return total / clock, total / cpu


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=640)
    parser.add_argument("--objects", type=int, default=100_000, help="whose keys are rotated")
    parser.add_argument("--folder", type=Path, help="where to work: the disk that is measured")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.folder:
        tempfile.tempdir = str(options.folder)
    folder, report = house(), Report("keeping")
    some = fresh(100)
    plain = timed(digest, some)
    report.add("SHA-256 of a page of 300 KB", plain[0], "ms")
    both = timed(sealed(1), some)
    report.add("encrypted and digested, AES suite", both[0], "ms")
    report.add("the same of sha256", plain[0] / both[0], least=0.5)
    alone, together = best_tenth([digest, sealed(1)], some * 3)
    report.add("the same of sha256, the best tenth of each", alone / together)
    report.add("encrypted and digested, SM suite (SHA-256 only)", timed(sealed(2), some[:20])[0], "ms")
    stored(2 * TOGETHER)  # the database's files grow, the ring is read
    storing, reading, flushes = stored(options.pages)
    report.add("encrypted, digested and stored, 32 together", storing[0], "ms")
    report.add("the same, CPU time", storing[1], "ms")
    report.add("the same of sha256, by the clock", plain[0] / storing[0], least=0.5)
    report.add("the same of sha256, CPU time", plain[1] / storing[1])
    report.add("opened again from the disk and compared", reading[0], "ms")
    report.add("the same, CPU time", reading[1], "ms")
    report.add("flushes a page", flushes, most=2)
    clock, cpu = rotation(options.objects)
    report.add("keys rotated, objects a second", clock, least=20_000)
    report.add("the same, objects a second of CPU time", cpu)
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    sys.exit(main())
