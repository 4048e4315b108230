"""Backup, verified restore and an incremental of no change, against `cp -a` of the same files.

    make bench NAME=backup                        1 GB of 300 KB pages
    make bench NAME=backup ARGS="--gigabytes 10"  as the figure asks

All in one folder on the same disk (--folder), read through once before, so that both sides find the files
in memory. `cp -a` flushes nothing: one `sync` is added to it, as the backup ends with one. A restore reads
every file back from the disk, opens it and compares its digest; so it stands beside `cp -a` alone, and beside
`cp -a` followed by the same proof. CPU seconds stand beside the wall clock, which a shared machine stretches.
"""

import argparse
import os
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path

from table import Report, house

PAGE = 300_000


def fill(count):
    """Objects written as `put_many` writes them, 32 in a folder, without its flush of each; rows in one transaction."""
    import hashlib
    import io

    from django.conf import settings
    from django.utils import timezone
    from rongdang.base.cipher import envelope
    from rongdang.base.ids import uuid7, uuid7_beside
    from rongdang.keep.objects.models import StoredObject
    from rongdang.keep.objects.services import key_of

    block, rows, first = os.urandom(PAGE), [], None
    for number in range(count):
        first = uuid7() if number % 32 == 0 else first
        data, key, object_id = number.to_bytes(8, "big") + block[8:], envelope.new_key(), uuid7_beside(first)
        key_id, wrapped = settings.KEYRING.wrap("objects", key, object_id.bytes)
        path = settings.OBJECT_ROOT / key_of(object_id)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"".join(envelope.encrypted(io.BytesIO(data), key, key_id=key_id, file_id=object_id)))
        rows.append(
            StoredObject(
                id=object_id, digest=hashlib.sha256(data).hexdigest(), size=len(data), key_id=key_id,
                wrapped_key=wrapped, verified_at=timezone.now(),
            )
        )
    StoredObject.objects.bulk_create(rows, batch_size=500)


def timed(act):
    """(wall seconds, CPU seconds of this process and its children)."""

    def cpu():
        return sum(
            use.ru_utime + use.ru_stime
            for use in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
        )

    os.sync()
    wall, used = time.monotonic(), cpu()
    act()
    return time.monotonic() - wall, cpu() - used


def copied(source, goal, size):
    """(`cp -a` and sync, the proof after it)."""
    shutil.rmtree(goal, ignore_errors=True)

    def act():
        subprocess.run(["cp", "-a", source, goal], check=True)
        os.sync()

    took = timed(act), timed(lambda: proved(goal, size))
    shutil.rmtree(goal)
    return took


def warm(place):
    for path in place.rglob("*"):
        if path.is_file():
            path.read_bytes()


def proved(place, size):
    """Every object of a copied folder read back from the disk, opened and compared, as a restore does it."""
    from django.conf import settings
    from rongdang.base.threads import at_once
    from rongdang.keep.backups import moving
    from rongdang.keep.backups.comparing import ObjectCheck
    from rongdang.keep.backups.fetching import EVERY

    names = [f"objects/{path.relative_to(place).as_posix()}" for path in place.rglob("*") if path.is_file()]
    check = ObjectCheck("default", settings.KEYRING)

    def whole(name):
        with (place / name.partition("/")[2]).open("rb", buffering=0) as file:
            moving.let_go(file)
            return check.holds(name, file)

    with at_once(size) as run:
        for start in range(0, len(names), EVERY):
            check.look_up(names[start : start + EVERY])
            assert all(run(whole, names[start : start + EVERY]))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gigabytes", type=float, default=1.0)
    parser.add_argument("--folder", type=Path, help="where to work")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.folder:
        tempfile.tempdir = str(options.folder)
    folder = house()
    from django.conf import settings
    from django.db import connections
    from rongdang.base.orgs.services import create_unit
    from rongdang.keep.backups import backing_up, restoring, secrecy
    from rongdang.keep.backups.targets.folder import FolderTarget

    create_unit(code="990001", name="梧桐里军休所", parent=None, acting_user=None, fonds="X001")
    count = int(options.gigabytes * 10**9 / PAGE)
    fill(count)
    root = Path(folder.name)
    report, (identity, recipient) = Report("backup"), secrecy.new_identity()
    keys = [recipient, secrecy.new_identity()[1]]
    target = FolderTarget(root / "target", append_only=True)
    size = count * PAGE
    before = copied(settings.OBJECT_ROOT, root / "plain", size)
    first = timed(lambda: backing_up.back_up(target, recipients=keys))
    again = timed(lambda: backing_up.back_up(FolderTarget(root / "target", append_only=True), recipients=keys))
    warm(target.root)  # as the files of the house are
    copy = restoring.open_copy(target, identities=[identity], keyring=settings.KEYRING)
    done = []
    restored = timed(
        lambda: done.append(restoring.restore(copy, root / "again", keyring=settings.KEYRING, say=len))
    )
    after = copied(settings.OBJECT_ROOT, root / "plain", size)
    plain, proof = (tuple(map(min, *rows)) for rows in zip(before, after))
    both, size = tuple(map(sum, zip(plain, proof))), size / 1e6
    report.add("objects", count)
    report.add("objects read back and compared", done[0].objects_read, least=count)
    shown = (("cp -a and sync", plain), ("backup", first), ("cp -a, sync and the same proof", both), ("verified restore", restored))
    for name, took in shown:
        report.add(f"{name}, MB/s", size / took[0])
        report.add(f"{name}, CPU s a GB", took[1] / size * 1000)
    report.add("backup of cp -a, wall", plain[0] / first[0], least=0.5)
    report.add("verified restore of cp -a, wall", plain[0] / restored[0], least=0.5)
    report.add("verified restore of cp -a and the same proof, wall", both[0] / restored[0])
    report.add("incremental of no change, s", again[0], most=5)
    report.add("incremental of no change, CPU s", again[1])
    connections.close_all()
    folder.cleanup()
    return report.show(options.json)


if __name__ == "__main__":
    raise SystemExit(main())
