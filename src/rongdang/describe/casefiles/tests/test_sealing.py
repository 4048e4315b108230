"""入库: one version, all or nothing, completed after a crash, told without keys and opened with them."""

import errno
import hashlib
import json
import os
import shutil
import zipfile

import ocfl
import pytest
from django.db import transaction

from rongdang.base.durable import StorageError
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger import queries as ledger
from rongdang.describe.casefiles import cataloguing
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.sealing import object_id, seal_case_file, sealed_store
from rongdang.describe.casefiles.tests.filing import add_item, page, small_file
from rongdang.describe.casefiles.verifying import verify_all
from rongdang.keep.packages.ocfl.inventory import OcflError
from rongdang.keep.packages.ocfl.root_checks import validate_root
from rongdang.keep.packages.ocfl.validating import validate_object


@pytest.fixture
def case_file(station, reviewer):
    return small_file(station, reviewer)


def folder_of(case_file):
    return sealed_store().root.path_of(object_id(case_file))


def numbers(case_file):
    return [(i.category, i.sequence, i.title) for i in cataloguing.items_in_order(case_file)]


def test_sealing_numbers_by_time_and_writes_one_version(case_file, reviewer):
    sealed = seal_case_file(case_file, acting_user=reviewer)

    assert (sealed.state, sealed.version) == ("sealed", 1)
    assert sealed.sealed_at is not None
    assert numbers(sealed) == [
        ("1", 1, "军官登记表"),
        ("1", 2, "干部履历表"),
        ("9-1", 1, "任职命令"),
        ("9-4", 1, "体检表"),
    ]
    entry = ledger.entries(subject=sealed, event="casefile:seal").get()
    told = ledger.detail_of(entry)
    assert (
        told["sha512"]
        == hashlib.sha512((folder_of(sealed) / "inventory.json").read_bytes()).hexdigest()
    )
    assert (told["version"], told["items"], told["pages"]) == (1, 4, 4)
    assert verify_all(read_objects=True).findings == ()


def test_two_validators_agree_that_it_is_ocfl(case_file, reviewer, settings):
    seal_case_file(case_file, acting_user=reviewer)
    add_item(
        case_file, "任免审批表", "9-1", "2003-06-10", page("more", "任免审批表"), user=reviewer
    )
    seal_case_file(case_file, acting_user=reviewer)

    assert validate_object(folder_of(case_file)) == []
    assert validate_root(settings.SEALED_ROOT) == []
    assert ocfl.Object().validate(objdir=str(folder_of(case_file)))[0]
    assert ocfl.StorageRoot(root=str(settings.SEALED_ROOT)).validate()


def test_a_stolen_disk_shows_nothing_of_the_person(case_file, reviewer, settings):
    seal_case_file(case_file, acting_user=reviewer)
    secret = [
        "石怀远",
        "99010119530712001X",
        "履历",
        case_file.number,
        "zhou",
        "qin",
        "JFIF",
        "体检",
    ]
    for path in settings.SEALED_ROOT.rglob("*"):
        seen = path.name.encode() + (path.read_bytes() if path.is_file() else b"")
        for word in secret:
            assert word.encode() not in seen, (path.name, word)


def test_the_sealed_bytes_are_the_stored_ones(case_file, reviewer):
    seal_case_file(case_file, acting_user=reviewer)
    store = sealed_store()
    catalogue = store.catalogue(object_id(case_file))
    digests = [
        page[key]
        for item in catalogue["items"]
        for page in item["pages"]
        for key in ("original", "optimised", "text")
    ]
    assert len(digests) == 12
    for digest in digests:
        assert hashlib.sha256(store.read(object_id(case_file), digest)).hexdigest() == digest
    with store.open_volume(object_id(case_file), "volume-1.zip.rde") as volume:
        assert {info.compress_type for info in volume.infolist()} == {zipfile.ZIP_STORED}
        assert "军官登记表" in volume.read("目录.txt").decode()


def test_a_second_version_holds_only_what_is_new(case_file, reviewer):
    seal_case_file(case_file, acting_user=reviewer)
    add_item(
        case_file, "任免审批表", "9-1", "2003-06-10", page("more", "任免审批表"), user=reviewer
    )
    assert CaseFile.objects.get(pk=case_file.pk).state == "open"
    sealed = seal_case_file(case_file, acting_user=reviewer)

    assert (sealed.state, sealed.version) == ("sealed", 2)
    with sealed_store().open_volume(object_id(sealed), "volume-2.zip.rde") as volume:
        assert sorted(volume.namelist()) == [
            "优化图像/9-1-2-0001.jpg",
            "原始图像/9-1-2-0001.jpg",
            "文字/9-1-2-0001.json",
            "目录.json",
            "目录.txt",
        ]
    inventory = json.loads((folder_of(sealed) / "inventory.json").read_text())
    assert sorted(
        path for paths in inventory["versions"]["v2"]["state"].values() for path in paths
    ) == ["volume-1.zip.rde", "volume-2.zip.rde", "说明.txt"]
    assert not (folder_of(sealed) / "v2" / "content" / "volume-1.zip.rde").exists()
    assert numbers(sealed)[:2] == [("1", 1, "军官登记表"), ("1", 2, "干部履历表")]
    assert verify_all(read_objects=True).findings == ()


def test_sealing_again_without_a_change_changes_nothing(case_file, reviewer):
    first = seal_case_file(case_file, acting_user=reviewer)
    again = seal_case_file(case_file, acting_user=reviewer)
    assert (again.version, again.sealed_at) == (1, first.sealed_at)
    assert ledger.entries(subject=first, event="casefile:seal").count() == 1


def test_a_clerk_may_not_seal_and_an_empty_file_is_not_sealed(case_file, clerk, reviewer, station):
    with pytest.raises(NotPermittedError):
        seal_case_file(case_file, acting_user=clerk)
    from rongdang.describe.casefiles.services import open_case_file
    from rongdang.describe.people.services import create_person

    empty = open_case_file(
        create_person(unit=station, name="空无", acting_user=reviewer), acting_user=reviewer
    )
    with pytest.raises(DomainError, match="还没有一页数字化"):
        seal_case_file(empty, acting_user=reviewer)


@pytest.mark.parametrize("call", ["fsync", "rename"])
@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EROFS])
def test_a_disk_that_fails_at_any_step_leaves_everything_as_it_was(
    case_file, reviewer, settings, monkeypatch, call, code
):
    before, count = numbers(case_file), 0
    real = getattr(os, call)

    def failing(*arguments, **more):
        nonlocal count
        count += 1
        if count == stop:
            raise OSError(code, os.strerror(code))
        return real(*arguments, **more)

    for stop in range(1, 60):
        count = 0
        with monkeypatch.context() as patch:
            patch.setattr(os, call, failing)
            try:
                seal_case_file(case_file, acting_user=reviewer)
            except StorageError:
                left = [
                    p
                    for p in settings.SEALED_ROOT.rglob("*")
                    if p.is_file() and ".rde" in p.name or "tmp" in p.name
                ]
                assert left == [] or folder_of(case_file).is_dir()
                assert numbers(case_file) == before or folder_of(case_file).is_dir()
                assert CaseFile.objects.get(pk=case_file.pk).version == 0
                continue
        break
    else:
        pytest.fail("it never succeeded")
    assert stop > 1
    assert CaseFile.objects.get(pk=case_file.pk).version == 1
    assert verify_all(read_objects=True).findings == ()


def test_a_crash_after_the_move_is_named_and_completed_by_sealing_again(
    case_file, reviewer, monkeypatch
):
    class Killed(BaseException):
        """As if the machine lost its power."""

    real = os.rename

    def moved_and_killed(source, goal):
        real(source, goal)
        if "extensions" not in str(goal) and not str(source).endswith(".tmp"):
            raise Killed

    for version in (1, 2):
        with monkeypatch.context() as patch:
            patch.setattr(os, "rename", moved_and_killed)
            with pytest.raises(Killed):
                seal_case_file(case_file, acting_user=reviewer)
        assert CaseFile.objects.get(pk=case_file.pk).version == version - 1
        assert not verify_all(read_objects=True).ok
        assert seal_case_file(case_file, acting_user=reviewer).version == version
        assert verify_all(read_objects=True).findings == ()
        add_item(
            case_file,
            f"补充材料{version}",
            "10",
            "2010",
            page(f"extra{version}", "补充"),
            user=reviewer,
        )


def test_a_commit_that_fails_after_all_is_named_and_completed(case_file, reviewer):
    with pytest.raises(RuntimeError), transaction.atomic():
        seal_case_file(case_file, acting_user=reviewer)
        raise RuntimeError
    assert CaseFile.objects.get(pk=case_file.pk).version == 0
    assert [one.code for one in verify_all(read_objects=True).findings] == ["version"]
    assert seal_case_file(case_file, acting_user=reviewer).version == 1
    assert verify_all(read_objects=True).findings == ()


def test_a_crash_between_version_and_root_inventory_is_completed(case_file, reviewer):
    seal_case_file(case_file, acting_user=reviewer)
    folder = folder_of(case_file)
    names = ("inventory.json", "inventory.json.sha512")
    for kept in (names, ("inventory.json.sha512",)):
        before = {name: (folder / name).read_bytes() for name in names}
        add_item(case_file, "又一份", "10", "2010", page(f"x{len(kept)}", "又"), user=reviewer)
        version = seal_case_file(case_file, acting_user=reviewer).version
        for name in kept:
            (folder / name).write_bytes(before[name])
        assert validate_object(folder) != []
        assert sealed_store().root.complete(object_id(case_file)).number == version
        assert validate_object(folder) == []


def test_a_change_meanwhile_is_a_conflict_and_nothing_is_sealed(case_file, reviewer, monkeypatch):
    real, arrived = os.fsync, []

    def somebody_is_quick(descriptor):
        real(descriptor)
        if not arrived:
            arrived.append(True)
            add_item(case_file, "刚来的", "10", "2010", page("late", "刚来"), user=reviewer)

    monkeypatch.setattr(os, "fsync", somebody_is_quick)
    with pytest.raises(ConflictError):
        seal_case_file(case_file, acting_user=reviewer)
    assert CaseFile.objects.get(pk=case_file.pk).version == 0
    assert not folder_of(case_file).exists()


def test_a_lost_or_damaged_sealed_object_is_not_sealed_over(case_file, reviewer):
    seal_case_file(case_file, acting_user=reviewer)
    add_item(case_file, "又一份", "10", "2010", page("x", "又"), user=reviewer)
    path = folder_of(case_file) / "inventory.json"
    path.write_bytes(path.read_bytes().replace(b"v1", b"v9", 1))
    with pytest.raises(OcflError):
        seal_case_file(case_file, acting_user=reviewer)
    shutil.rmtree(folder_of(case_file))
    with pytest.raises(OcflError, match="只找到第 0 版"):
        seal_case_file(case_file, acting_user=reviewer)
