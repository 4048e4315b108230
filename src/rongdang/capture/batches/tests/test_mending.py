"""Scan again, read again, open again; the list of what has to be scanned again."""

import io

import pytest

from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.capture.batches import mending, queries
from rongdang.capture.batches.models import Scan, Upload
from rongdang.capture.batches.tests.factories import closed_batch, form, layer, page_image, run_jobs
from rongdang.capture.review import pages, services

pytestmark = pytest.mark.django_db


def scan_anew(scan, user, seed=50):
    data = page_image(seed)
    return mending.replace_page(
        scan, name="新.jpg", data=io.BytesIO(data), size=len(data), acting_user=user
    )


def test_a_page_sent_back_stays_to_be_seen_until_the_new_one_takes_its_place(
    station, clerk, reviewer, engine
):
    engine(form(), layer("第二页"), form(出生日期="一九三八年四月"))
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    run_jobs()
    material = batch.materials.get()
    old = batch.scans.order_by("pk").first()
    pages.send_back(material, reason="字迹不清", version=1, acting_user=reviewer)
    old.refresh_from_db()
    assert old.state == "rescan" and old.reason_zh == "字迹不清" and old.optimised_id
    scan_anew(old, clerk)
    old.refresh_from_db()
    assert old.state == "rescan"  # the new one is not read yet
    run_jobs()
    old.refresh_from_db()
    material.refresh_from_db()
    new = Scan.objects.get(upload__replaces=old)
    assert (old.state, new.state) == ("replaced", "read")
    assert [p.scan_id for p in material.pages.all()][0] == new.pk
    assert material.state == "rescan"  # the second page was sent back, too
    born = {entry["name"]: entry for entry in material.fields}["出生日期"]
    assert born["value"] == "1938-04" and born["scan"] == str(new.pk)
    scan_anew(batch.scans.get(state="rescan"), clerk, seed=51)
    run_jobs()
    material.refresh_from_db()
    assert material.state == "proposed" and material.pages.count() == 2


def test_a_page_that_failed_becomes_a_material_behind_its_neighbour_when_it_is_read(
    station, clerk, engine
):
    bad = DomainError("读不出来。", "Cannot be read.")
    engine(form(), bad, form(name="何海生", title="入党志愿书"), layer("补读的页"))
    batch = closed_batch(station, clerk, *((f"{n}.jpg", page_image(n)) for n in (1, 2, 3)))
    run_jobs()
    failed = batch.scans.get(state="failed")
    assert list(queries.reject_list(clerk)) == [failed]
    mending.read_again(failed, acting_user=clerk)
    run_jobs()
    failed.refresh_from_db()
    assert failed.state == "read" and failed.place.material.state == "proposed"
    assert not queries.reject_list(clerk).exists()


def test_all_pages_an_engine_out_of_order_left_are_read_again_at_once(
    station, clerk, stranger, engine
):
    bad = DomainError("读不出来。", "Cannot be read.")
    engine(form(), bad, bad)
    files = [(f"{n}.jpg", page_image(n)) for n in (1, 2, 3)]
    batch = closed_batch(station, clerk, *files, ("三页.tif", b"II*\0half"))
    run_jobs()
    assert batch.scans.filter(state="failed").count() == 2
    with pytest.raises(NotPermittedError):
        mending.read_all_again(batch, acting_user=stranger)
    engine(layer("第二页"), layer("第三页"))
    assert mending.read_all_again(batch, acting_user=clerk) == 2
    run_jobs()
    assert not batch.scans.exclude(state="read").exists()
    assert mending.read_all_again(batch, acting_user=clerk) == 0


def test_only_the_unit_s_own_people_mend(station, clerk, stranger, engine):
    engine(DomainError("读不出来。", "Cannot be read."))
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    run_jobs()
    failed = batch.scans.get()
    for act in (
        lambda: mending.read_again(failed, acting_user=stranger),
        lambda: scan_anew(failed, stranger),
        lambda: pages.give_up_page(failed, reason="空表", acting_user=stranger),
        lambda: mending.open_again(batch.uploads.get(), acting_user=stranger),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert not queries.reject_list(stranger).exists()


def test_a_batch_with_a_failed_page_is_done_only_when_that_is_settled(
    station, clerk, reviewer, engine
):
    engine(form(), DomainError("读不出来。", "Cannot be read."))
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    run_jobs()
    decision = services.Decision("履历表", "1", "", {}, new_name="林长河")
    services.confirm_material(batch.materials.get(), decision, version=1, acting_user=reviewer)
    batch.refresh_from_db()
    assert batch.state == "review"
    failed = batch.scans.get(state="failed")
    with pytest.raises(DomainError):
        pages.give_up_page(failed, reason="", acting_user=clerk)
    pages.give_up_page(failed, reason="夹带的空白信封", acting_user=clerk)
    batch.refresh_from_db()
    failed.refresh_from_db()
    assert (batch.state, failed.state) == ("done", "aside") and failed.reason_zh == "夹带的空白信封"


def test_the_same_bytes_do_not_replace_a_page(station, clerk, engine):
    engine(DomainError("读不出来。", "Cannot be read."))
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    run_jobs()
    upload = scan_anew(batch.scans.get(), clerk, seed=1)
    run_jobs()
    assert upload.state == "duplicate" and batch.scans.get().state == "failed"


def test_a_new_scan_that_cannot_be_read_replaces_nothing(station, clerk, engine):
    bad = DomainError("读不出来。", "Cannot be read.")
    engine(bad, bad)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    run_jobs()
    old = batch.scans.get()
    scan_anew(old, clerk)
    run_jobs()
    old.refresh_from_db()
    assert old.state == "failed" and Scan.objects.get(upload__replaces=old).state == "failed"


def test_filed_and_waiting_pages_are_not_replaced(station, clerk, reviewer, engine):
    engine(form())
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    with pytest.raises(ConflictError):
        run_split_only(batch)
        scan_anew(batch.scans.get(), clerk)
    run_jobs()
    decision = services.Decision("履历表", "1", "", {}, new_name="林长河")
    services.confirm_material(batch.materials.get(), decision, version=1, acting_user=reviewer)
    with pytest.raises(ConflictError):
        scan_anew(batch.scans.get(), clerk)


def run_split_only(batch):
    from rongdang.capture.batches import tasks

    tasks.split_upload.call(str(batch.uploads.get().pk))


def test_a_file_whose_opening_broke_off_is_opened_again(station, clerk, engine):
    engine(form())
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.txt", b"a letter"))
    run_jobs()
    upload = next(u for u in batch.uploads.all() if u.name == "2.txt")
    again = mending.open_again(upload, acting_user=clerk)
    assert again.state == "stored"
    run_jobs()
    upload.refresh_from_db()
    assert upload.state == "refused" and upload.reason_zh
    with pytest.raises(ConflictError):
        whole = next(u for u in batch.uploads.all() if u.name == "1.jpg")
        mending.open_again(whole, acting_user=clerk)


def test_pages_below_the_standard_are_on_the_list_with_their_reasons(station, clerk, engine):
    engine(form())
    small = page_image(1, size=(310, 438), dpi=(72, 72))
    batch = closed_batch(station, clerk, ("1.jpg", small))
    run_jobs()
    scan = batch.scans.get()
    assert scan.quality["rejects"] and scan.reason_zh and scan.reason_en
    assert list(queries.reject_list(clerk)) == [scan]
    assert list(queries.reject_list(clerk, unit=station.path)) == [scan]
    assert not queries.reject_list(clerk, unit="9999").exists()
