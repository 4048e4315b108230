"""Cut off after any write, flush, name or commit: all of an act, or nothing; done again, it is done once."""

import shutil
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import override_settings

from rongdang.base.alarms.models import Alarm
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries as ledger
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches import folders
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.tests.factories import form, page_image, run_jobs
from rongdang.capture.review import services as review
from rongdang.capture.review.filing import Decision
from rongdang.capture.review.models import Material
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.casefiles.sealing import seal_case_file
from rongdang.describe.casefiles.verifying import verify_all
from rongdang.keep.backups import restoring
from rongdang.keep.backups.retention import copies_of
from rongdang.keep.backups.targets.folder import FolderTarget
from rongdang.keep.backups.tests.conftest import database_at
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.rewrapping import outstanding, rewrap

from .kills import counted, died, spread
from .steps import FULL, READ_ONLY, copy_cut, failing, images

pytestmark = pytest.mark.django_db


@contextmanager
def inside(place):
    """The house of an image instead of the house itself."""
    place = Path(place)
    there = {
        "VAR_DIR": place,
        "OBJECT_ROOT": place / "objects",
        "SEALED_ROOT": place / "sealed",
    }
    if (place / "keys").exists():  # the ring as it lies in the image, not an earlier one's
        there["KEYRING"] = Keyring(place / "keys")
    with override_settings(**there), database_at(place / "rongdang.db"):
        yield


def nothing_wrong(*, unfinished=()):
    """Every object whole, the ledger true, catalogue and sealed store agree."""
    found = [one for one in verify_all(read_objects=True).findings if not left_over(one)]
    assert all(one.code in unfinished for one in found), found


def left_over(finding):
    """A half-written file of the act that was cut off: told, and in nobody's way."""
    return finding.code == "leftover" or (finding.code == "E072" and ".tmp" in finding.name)


def every_image(house, tmp_path, settings, act, look, again):
    """Run `act` once; at each of its steps: `look` at the house as it lies, do it again, look again.

    Before that, the same after real kills: a process that dies by SIGKILL at some of its steps.
    """
    settings_now = settings.VAR_DIR
    every_kill(settings_now, tmp_path / "killed", act, look, again)
    shots = images(settings_now, tmp_path / "images", act)
    assert len(shots) > 3
    for label, place in shots:
        with inside(place):
            look(label)
            again()
            nothing_wrong()
        shutil.rmtree(place)
    return [label for label, _ in shots]


def every_kill(house, goal, act, look, again):
    """The house copied, `act` killed in it at its first, its last and some other steps, then as above."""

    def fresh(name):
        copy_cut(house, goal / name, set())
        return goal / name

    def at_work(place):
        with inside(place):
            act()

    place = fresh("count")
    total = counted(place, lambda: at_work(place), goal / "total")
    shutil.rmtree(place)
    deaths = 0
    for number in spread(total):
        place = fresh(str(number))
        deaths += died(place, number, lambda here=place: at_work(here))
        with inside(place):
            look("kill")
            again()
            nothing_wrong()
        shutil.rmtree(place)
    assert deaths >= len(spread(total)) - 2  # an act has a few steps more or less each time


def scans(tmp_path, count=2):
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(count):
        (folder / f"{number}.jpg").write_bytes(page_image(number))
    return folder


def test_taking_in(house, station, clerk, tmp_path, settings):
    folder = scans(tmp_path)

    def take():
        return folders.take_in(folder, unit=station, acting_user=clerk, declared=True, progress=len)

    def look(_label):
        nothing_wrong()
        assert Upload.objects.exclude(stored=None).count() <= 2

    def again():
        take()
        assert Upload.objects.filter(state__in=["stored", "split"]).count() == 2
        assert StoredObject.objects.count() == 2

    labels = every_image(house, tmp_path, settings, take, look, again)
    assert {"write", "fsync", "link", "unlink", "commit"} <= set(labels)


@pytest.fixture
def offered(house, station, clerk, engine, tmp_path):
    """A material that waits for a person's decision."""
    engine(form(), form(title="入党志愿书", date="一九六三年五月一日"))
    folders.take_in(scans(tmp_path), unit=station, acting_user=clerk, declared=True, progress=len)
    run_jobs()
    return Material.objects.order_by("pk").first()


def decide(material, clerk):
    decision = Decision("干部履历表", "1", "1962-03-15", {"姓名": "林长河"}, new_name="林长河")
    return review.confirm_material(material, decision, version=material.version, acting_user=clerk)


def test_approving(house, offered, clerk, tmp_path, settings):
    assert Scan.objects.count() == 2
    waiting = offered.state

    def state():
        return (
            Material.objects.get(pk=offered.pk).state != waiting,
            Item.objects.count() == 1,
            Entry.objects.filter(event="material:confirm").count() == 1,
            Entry.objects.filter(event="item:file").count() == 1,
        )

    def look(_label):
        nothing_wrong()
        assert len(set(state())) == 1, state()

    def again():
        material = Material.objects.get(pk=offered.pk)
        if material.state == waiting:
            decide(material, clerk)
        run_jobs()
        assert state() == (True,) * 4

    every_image(
        house, tmp_path, settings, lambda: (decide(offered, clerk), run_jobs()), look, again
    )


@pytest.fixture
def filed(offered, clerk):
    decide(offered, clerk)
    run_jobs()
    return CaseFile.objects.get()


def test_sealing(house, filed, reviewer, tmp_path, settings):
    def look(_label):
        # One version ahead, or the root of the very first sealing not declared yet: both are told.
        nothing_wrong(unfinished=("version", "E069"))
        case_file = CaseFile.objects.get(pk=filed.pk)
        sealed = Entry.objects.filter(event="casefile:seal").count()
        assert (case_file.state == "sealed") == (case_file.version == 1) == (sealed == 1)

    def again():
        seal_case_file(CaseFile.objects.get(pk=filed.pk), acting_user=reviewer)
        case_file = CaseFile.objects.get(pk=filed.pk)
        assert (case_file.state, case_file.version) == ("sealed", 1)
        assert Entry.objects.filter(event="casefile:seal").count() == 1

    labels = every_image(
        house, tmp_path, settings, lambda: seal_case_file(filed, acting_user=reviewer), look, again
    )
    assert {"write", "fsync", "rename", "commit"} <= set(labels)


def test_rotating_keys(house, tmp_path, settings):
    stored = house.put(5, 3000)
    content = {one.pk: objects.read(one) for one in stored}
    shutil.copytree(settings.KEY_DIR, settings.VAR_DIR / "keys")
    settings.KEYRING = Keyring(settings.VAR_DIR / "keys")

    def rotate():
        settings.KEYRING.rotate("objects")
        rewrap(portion=2)

    def look(_label):
        assert {one.pk: objects.read(one) for one in StoredObject.objects.all()} == content

    def again():
        rewrap()
        assert outstanding() == 0
        look("")

    labels = every_image(house, tmp_path, settings, rotate, look, again)
    assert {"write", "fsync", "rename", "commit"} <= set(labels)


def test_backing_up(house, tmp_path, settings):
    house.put(3, 2000)
    target = settings.VAR_DIR / "target"
    house.back_up(FolderTarget(target, append_only=True))
    house.put(2, 2500)
    number = iter(range(1000))

    def back_up():
        house.back_up(FolderTarget(settings.VAR_DIR / "target", append_only=True))

    def look(label):
        into = tmp_path / "restored" / str(next(number))
        done = house.restore(
            into, target=FolderTarget(settings.VAR_DIR / "target", append_only=True)
        )
        assert done.objects_read in (3, 5) and not done.left_out

    def again():
        back_up()
        into = tmp_path / "restored" / str(next(number))
        done = house.restore(
            into, target=FolderTarget(settings.VAR_DIR / "target", append_only=True)
        )
        assert done.objects_read == 5
        shutil.rmtree(into)

    labels = every_image(house, tmp_path, settings, back_up, look, again)
    assert {"write", "link", "commit"} <= set(labels)


def test_restoring(house, tmp_path):
    stored = house.put(3, 2000)
    house.back_up()
    place = tmp_path / "place"
    place.mkdir()

    def restore(into):
        return house.restore(into / "house")

    total = counted(tmp_path / "count", lambda: restore(tmp_path / "count"), tmp_path / "total")
    dead = [tmp_path / f"dead-{number}" for number in spread(total)]
    for number, there in zip(spread(total), dead, strict=True):
        there.mkdir()
        died(there, number, lambda here=there: restore(here))
    shots = images(place, tmp_path / "images", lambda: restore(place))
    assert len(dead) >= 5
    for _label, image in [*(("kill", there) for there in dead), *shots]:
        begun = (image / "house" / "rongdang.db").exists()
        if begun and not (image / "house" / restoring.PLACE / restoring.STATE).exists():
            done = 3  # whole already: an empty place is asked for, and this is a house
        else:
            done = restore(image).objects_read
        assert done == len(stored)
        with inside(image / "house"):
            nothing_wrong()
        shutil.rmtree(image)
    assert {"write", "fsync", "rename"} <= {label for label, _ in shots}


@pytest.mark.parametrize("code", [FULL, READ_ONLY])
def test_a_disk_that_takes_nothing_more_at_any_step(
    house, station, clerk, tmp_path, settings, code
):
    """Refused in words at every step; what was there before stays, nothing half is left."""
    house.put(2, 2000)
    said = {FULL: "disk-full", READ_ONLY: "read-only"}[code]
    refused = 0
    for number in range(1, 200):
        data = page_image(number, size=(200, 300))
        before = sorted(objects.store().names())
        error = failing(settings.VAR_DIR, number, code, lambda: objects.put(data))
        if error is None:
            break
        refused += 1
        assert isinstance(error, DomainError) and error.code == said and error.hint_zh
        assert sorted(objects.store().names()) == before and StoredObject.objects.count() == 2
    assert refused >= 4
    nothing_wrong()


@pytest.mark.parametrize(("code", "said"), [(FULL, "disk-full"), (READ_ONLY, "read-only")])
def test_a_target_that_takes_nothing_more_at_any_step(house, settings, code, said):
    house.put(3, 2000)
    first, target = house.back_up(), house.target()
    house.put(2, 1500)
    refused = 0
    for number in range(1, 200):
        error = failing(target.root, number, code, house.back_up)
        if error is None:
            break
        refused += 1
        assert isinstance(error, DomainError) and error.code == said and error.hint_zh
        assert copies_of(target)[0] == [first.copy] and not list(target.root.rglob("*.tmp"))
        assert Alarm.objects.filter(kind="backup-failed").count() == refused
    assert refused >= 4
    assert house.restore(house.root / "again").objects_read == 5


def test_a_clock_set_back_loses_nothing_and_is_told(house, station, monkeypatch, settings):
    from rongdang.keep.backups.scrubbing import scrub

    house.put(3, 2000)
    house.back_up()
    real, back = time.time, 86_400 * 30
    monkeypatch.setattr(time, "time", lambda: real() - back)
    monkeypatch.setattr(time, "time_ns", lambda: int((real() - back) * 1e9))
    from django.utils import timezone

    now = timezone.now
    monkeypatch.setattr(timezone, "now", lambda: now() - timezone.timedelta(seconds=back))
    house.put(2, 2500)
    house.back_up()
    assert house.restore(house.root / "again").objects_read == 5
    assert scrub().result["findings"] == []
    report = ledger.verify()
    assert report.ok and report.clock_back
