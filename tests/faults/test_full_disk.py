"""A disk that is really full: every act on it is refused in words, what was there stays, it goes on later.

The disk is a small tmpfs, mounted in a mount namespace that ends with the process (as `unshare -rm`
makes one). Where the kernel allows no such namespace, a limit on the length of files stands for it;
`disk` says which of the two it was, and the test's report and output carry the word.
"""

import ctypes
import json
import os
import resource
import shutil
import signal
from contextlib import ExitStack

import pytest
from django.test import override_settings

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.keep.backups.retention import copies_of
from rongdang.keep.backups.targets.folder import FolderTarget
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

from .kills import in_a_child
from .steps import copy_cut
from .test_every_step import inside, nothing_wrong

pytestmark = pytest.mark.django_db

NEWNS, NEWUSER = 0x00020000, 0x10000000
PRIVATE = 0x40000 | 0x4000  # MS_PRIVATE | MS_REC
LIMIT = 400_000


def small_disk(place, size):
    """Mount a tmpfs of `size` bytes on `place` for this process alone; False where it is not allowed."""
    c = ctypes.CDLL(None, use_errno=True)
    user, group = os.getuid(), os.getgid()
    if c.unshare(NEWNS) != 0:
        if c.unshare(NEWNS | NEWUSER) != 0:
            return False
        for name, text in (
            ("setgroups", "deny"),
            ("uid_map", f"0 {user} 1"),
            ("gid_map", f"0 {group} 1"),
        ):
            with open(f"/proc/self/{name}", "w") as file:
                file.write(text)
    c.mount(b"none", b"/", None, PRIVATE, None)
    return c.mount(b"tmpfs", str(place).encode(), b"tmpfs", 0, f"size={size}".encode()) == 0


def on_a_full_disk(place, size, act, note):
    """Run `act(disk)` in a process whose `place` is small; what it gave, as JSON goes, and the disk's name."""
    place.mkdir(exist_ok=True)

    def child():
        disk = "tmpfs" if small_disk(place, size) else "RLIMIT_FSIZE"
        if disk == "RLIMIT_FSIZE":
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, resource.RLIM_INFINITY))
        told = act(disk)
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
        note.write_text(json.dumps({"disk": disk, **told}))

    assert in_a_child(child) == 0
    told = json.loads(note.read_text())
    print(f"the full disk was: {told['disk']}")
    return told


def refusal(act):
    """The code of the refusal, its hint, and nothing else may come."""
    with pytest.raises(DomainError) as told:
        act()
    return {"code": told.value.code, "hint": bool(told.value.hint_zh and told.value.hint_en)}


def accepted(disk):
    """A limit on a file's length is told as trouble with storage; only a full disk as a full disk."""
    return {"disk-full"} if disk == "tmpfs" else {"storage"}


def test_a_store_on_a_full_disk(house, tmp_path, settings, record_property):
    house.put(2, 2000)
    home = settings.VAR_DIR

    def act(disk):
        stored = tmp_path / "small" / "objects"
        shutil.copytree(settings.OBJECT_ROOT, stored)
        with override_settings(OBJECT_ROOT=stored):
            ballast = tmp_path / "small" / "ballast"
            ballast.write_bytes(b"x" * 200_000)
            before = sorted(objects.store().names())
            told = refusal(lambda: objects.put(os.urandom(700_000)))
            held = sorted(objects.store().names()) == before and StoredObject.objects.count() == 2
            nothing_wrong()
            ballast.unlink()
            again = objects.put(os.urandom(300_000))
            return {**told, "held": held, "again": len(objects.read(again))}

    told = on_a_full_disk(tmp_path / "small", 600_000, act, home.parent / "told.json")
    record_property("full disk", told["disk"])
    assert told["code"] in accepted(told["disk"]) and told["hint"]
    assert told["held"] and told["again"] == 300_000


def test_a_target_on_a_full_disk(house, tmp_path, settings, record_property):
    house.put(5, 90_000)

    def act(_disk):
        target = FolderTarget(tmp_path / "small" / "target", append_only=False)
        (tmp_path / "small" / "ballast").write_bytes(b"x" * 390_000)
        told = refusal(lambda: house.back_up(target))
        copies, alarm = copies_of(target)[0], Alarm.objects.filter(kind="backup-failed").count()
        left = len(list(target.root.rglob("*.tmp")))
        nothing_wrong()
        return {**told, "copies": copies, "alarm": alarm, "left": left}

    told = on_a_full_disk(tmp_path / "small", 600_000, act, tmp_path / "told.json")
    record_property("full disk", told["disk"])
    assert told["code"] in accepted(told["disk"]) and told["hint"]
    assert (told["copies"], told["alarm"], told["left"]) == ([], 1, 0)
    house.back_up()
    assert house.restore(tmp_path / "again").objects_read == 5


def test_a_place_to_restore_on_a_full_disk_goes_on_when_there_is_room(
    house, tmp_path, record_property
):
    house.put(5, 200_000)
    house.back_up()
    small = tmp_path / "small"

    def act(disk):
        size = (house.settings.VAR_DIR / "rongdang.db").stat().st_size
        ballast = small / "ballast"
        if disk == "tmpfs":
            ballast.write_bytes(b"x" * size)
        told = refusal(lambda: house.restore(small / "again"))
        house_there = (small / "again" / "rongdang.db").exists()
        ballast.unlink(missing_ok=True)
        with ExitStack() as room:
            if disk != "tmpfs":
                endless = (resource.RLIM_INFINITY,) * 2
                room.callback(resource.setrlimit, resource.RLIMIT_FSIZE, endless)
                resource.setrlimit(resource.RLIMIT_FSIZE, endless)
            done = house.restore(small / "again")
        with inside(small / "again"):
            nothing_wrong()
        return {**told, "early": house_there, "read": done.objects_read}

    size = (house.settings.VAR_DIR / "rongdang.db").stat().st_size
    told = on_a_full_disk(small, 2 * size + 700_000, act, tmp_path / "told.json")
    record_property("full disk", told["disk"])
    assert told["code"] in accepted(told["disk"]) and told["hint"]
    assert not told["early"] and told["read"] == 5


def test_a_whole_house_on_a_full_disk(house, station, tmp_path, settings, record_property):
    """Its database too: no act is half done, and it works again when there is room."""
    house.put(2, 2000)
    size = sum(path.stat().st_size for path in settings.VAR_DIR.rglob("*") if path.is_file())

    def act(disk):
        place = tmp_path / "small" / "house"
        copy_cut(settings.VAR_DIR, place, set())
        ballast = tmp_path / "small" / "ballast"
        with inside(place):
            fill(ballast)
            said = [failure() for _ in range(3)] if disk == "tmpfs" else ["limit"]
            ballast.unlink()
            nothing_wrong()
            again = objects.put(os.urandom(100_000))
            nothing_wrong()
            return {"said": said, "again": len(objects.read(again))}

    told = on_a_full_disk(tmp_path / "small", size + 3_000_000, act, tmp_path / "told.json")
    record_property("full disk", told["disk"])
    assert all(told["said"]) and told["again"] == 100_000


def fill(ballast):
    """Until the disk takes no more byte; a limit on lengths ends it too."""
    with ballast.open("wb", buffering=0) as file:
        try:
            while file.write(b"x" * 4096):
                pass
        except OSError:
            return


def failure():
    """What putting an object said on a full disk; it must say something."""
    try:
        objects.put(os.urandom(50_000))
    except Exception as error:  # noqa: BLE001  # the database's own words come as they are
        return f"{type(error).__name__}: {error}"[:200]
    return ""
