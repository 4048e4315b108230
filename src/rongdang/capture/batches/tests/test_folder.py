"""Folders taken in by command and watched: a file is touched only when it is kept."""

import time

import pytest
from django.utils import timezone

from rongdang.base.errors import DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.base.tests.disks import once_flushed, read_only
from rongdang.capture.batches import folders, trays
from rongdang.capture.batches.models import Batch, Tray, Upload
from rongdang.capture.batches.tests.factories import page_image
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db


def later():
    """A minute from now: what was written just now has settled by then."""
    return time.time() + 60


def put(folder, name, data):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


@pytest.fixture
def inbox(settings):
    settings.WATCH_ROOT.mkdir(parents=True)
    return settings.WATCH_ROOT


@pytest.fixture
def tray(inbox, station, clerk):
    (inbox / station.code).mkdir()
    trays.open_tray(station, declared=True, acting_user=clerk)
    return inbox / station.code


def take(folder, station, clerk, progress=len):
    return folders.take_in(
        folder, unit=station, acting_user=clerk, declared=True, progress=progress
    )


def stopped_at(said):
    """As Ctrl-C at the moment when the command says that."""

    def progress(word):
        if word == said:
            raise KeyboardInterrupt

    return progress


def test_a_folder_is_one_closed_batch_in_natural_order(tmp_path, station, clerk):
    for name in ("10.jpg", "2.jpg", "sub/1.jpg", ".hidden", "已收/old.jpg"):
        put(tmp_path / "in", name, page_image(len(name)) + name.encode())
    intake = take(tmp_path / "in", station, clerk)
    batch = Batch.objects.get()
    assert batch.state == "reading"
    assert [u.name for u in batch.uploads.order_by("pk")] == ["2.jpg", "10.jpg", "sub·1.jpg"]
    assert set(intake.files.values()) == {"stored"}


def test_an_interrupted_run_goes_on_and_takes_nothing_twice(tmp_path, station, clerk):
    for n in range(3):
        put(tmp_path / "in", f"{n}.jpg", page_image(n))
    with pytest.raises(KeyboardInterrupt):
        take(tmp_path / "in", station, clerk, stopped_at("3/3"))
    assert Upload.objects.count() == 2
    take(tmp_path / "in", station, clerk)
    assert Batch.objects.count() == 1
    assert [u.name for u in Upload.objects.order_by("pk")] == ["0.jpg", "1.jpg", "2.jpg"]


def test_two_files_whose_names_would_be_one_are_both_taken(tmp_path, station, clerk):
    put(tmp_path / "in", "a/1.jpg", page_image(1))
    put(tmp_path / "in", "a·1.jpg", page_image(2))
    long = "长" * 80
    put(tmp_path / "in", f"{long}/{'名' * 70}甲.jpg", page_image(3))
    put(tmp_path / "in", f"{long}/{'名' * 70}乙.jpg", page_image(4))
    take(tmp_path / "in", station, clerk)
    names = [upload.name for upload in Upload.objects.all()]
    assert len(names) == len(set(names)) == 4
    assert Upload.objects.filter(state="stored").count() == 4


def test_a_file_of_the_same_name_and_other_bytes_is_not_passed_over(tmp_path, station, clerk):
    put(tmp_path / "in", "1.jpg", page_image(1))
    put(tmp_path / "in", "2.jpg", page_image(2))
    with pytest.raises(KeyboardInterrupt):
        take(tmp_path / "in", station, clerk, stopped_at("2/2"))
    put(tmp_path / "in", "1.jpg", page_image(9))
    take(tmp_path / "in", station, clerk)
    uploads = Upload.objects.order_by("pk")
    held = [objects.read(u.stored) for u in uploads if u.name == "1.jpg"]
    assert held == [page_image(1), page_image(9)]


@pytest.mark.parametrize("name", ["nothing here", "empty"])
def test_no_folder_and_an_empty_one_are_said_to_be_so(tmp_path, station, clerk, name):
    (tmp_path / "empty").mkdir()
    with pytest.raises(DomainError) as refused:
        take(tmp_path / name, station, clerk)
    assert refused.value.code in ("no-folder", "empty-folder") and not Batch.objects.exists()


def test_a_watched_file_is_moved_only_once_it_is_kept(tray, inbox):
    put(tray, "1.jpg", page_image(1))
    (intake,) = folders.watch_once(inbox, now=later())
    assert not (tray / "1.jpg").exists()
    moved = tray / "已收" / intake.number / "1.jpg"
    assert moved.read_bytes() == page_image(1) == objects.read(Upload.objects.get().stored)
    assert folders.watch_once(inbox, now=later()) == [] and Batch.objects.count() == 1


def test_a_file_still_being_written_is_left_alone(tray, inbox):
    path = put(tray, "1.jpg", page_image(1)[:500])
    assert folders.watch_once(inbox, now=path.stat().st_mtime + 1) == []
    put(tray, "2.jpg.part", b"x")
    assert folders.watch_once(inbox, now=later()) == []
    assert path.exists() and not Batch.objects.exists()


def test_a_file_that_changed_while_it_was_taken_in_stays_and_comes_again(tray, inbox, settings):
    path = put(tray, "1.jpg", page_image(1))
    # All of it was read; while it is flushed to the store, the scanner writes on.
    with once_flushed(lambda: path.write_bytes(page_image(2)), below=settings.OBJECT_ROOT):
        folders.watch_once(inbox, now=later())
    assert path.exists()
    folders.watch_once(inbox, now=later())
    held = [objects.read(u.stored) for u in Upload.objects.order_by("pk")]
    assert held == [page_image(1), page_image(2)] and not path.exists()


def test_the_same_name_day_after_day_overwrites_nothing(tray, inbox, monkeypatch):
    noon = timezone.localtime().replace(hour=12)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    earlier = put(tray, f"已收/{noon:%Y%m%d}-001/1.jpg", page_image(1))
    put(tray, "1.jpg", page_image(2))
    folders.watch_once(inbox, now=later())
    assert {p.read_bytes() for p in earlier.parent.iterdir()} == {page_image(1), page_image(2)}


def test_a_tray_that_takes_no_file_back_is_not_taken_in_and_says_so_once(
    tray, inbox, elsewhere, stranger
):
    """A read-only share: the files could not be moved away and would come in again for ever."""
    path = put(tray, "1.jpg", page_image(1))
    good = inbox / elsewhere.code
    put(good, "2.jpg", page_image(2))
    trays.open_tray(elsewhere, declared=True, acting_user=stranger)
    with read_only(tray):
        taken = folders.watch_once(inbox, now=later())
        assert [list(i.files) for i in taken] == [["2.jpg"]]  # the other tray does not wait
        folders.watch_once(inbox, now=later())
    mine = Tray.objects.get(unit__code=tray.name)
    assert "只读" in mine.trouble_zh and "read-only" in mine.trouble_en and path.exists()
    assert Entry.objects.filter(event="tray:stop").count() == 1
    folders.watch_once(inbox, now=later())
    mine.refresh_from_db()
    assert mine.trouble_zh == "" and not path.exists()


def test_what_cannot_be_moved_after_all_closes_the_tray_instead_of_coming_for_ever(tray, inbox):
    put(tray, "1.jpg", page_image(1))
    put(tray, "已收", b"a file stands where the folder should be")
    folders.watch_once(inbox, now=later())
    folders.watch_once(inbox, now=later())
    assert Batch.objects.count() == 1 and not Tray.objects.get().is_open
    assert "移不走" in Tray.objects.get().trouble_zh


def test_a_folder_nobody_opened_is_not_taken_in_and_named(inbox, station):
    put(inbox / station.code, "1.jpg", page_image(1))
    put(inbox / "没有这个机构", "1.jpg", page_image(1))
    assert folders.watch_once(inbox, now=later()) == []
    assert folders.unclaimed(inbox) == [station.code, "没有这个机构"]


def test_a_tray_is_opened_with_a_declaration_by_the_unit_s_own_clerk(station, clerk, stranger):
    with pytest.raises(DomainError) as refused:
        trays.open_tray(station, declared=False, acting_user=clerk)
    assert refused.value.code == "not-declared"
    with pytest.raises(NotPermittedError):
        trays.open_tray(station, declared=True, acting_user=stranger)
    tray = trays.open_tray(station, declared=True, acting_user=clerk)
    with pytest.raises(NotPermittedError):
        trays.close_tray(tray, acting_user=stranger)
    trays.close_tray(tray, acting_user=clerk)
    assert list(
        Entry.objects.filter(event__startswith="tray:").values_list("event", flat=True)
    ) == [
        "tray:open",
        "tray:close",
    ]


def test_a_clerk_who_lost_the_right_takes_nothing_in_through_his_tray(tray, inbox, clerk):
    put(tray, "1.jpg", page_image(1))
    clerk.roles.all().delete()
    assert folders.watch_once(inbox, now=later()) == []
    assert (tray / "1.jpg").exists() and "权限" in Tray.objects.get().trouble_zh
