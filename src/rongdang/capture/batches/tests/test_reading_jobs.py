"""From files to read pages, through the jobs: states in words, and twice is once."""

import io
from datetime import timedelta

import numpy as np
import pytest
from django.conf import settings
from django.utils import timezone
from PIL import Image

from rongdang.base.errors import DomainError
from rongdang.base.jobs import services as jobs
from rongdang.base.jobs.models import Job
from rongdang.base.ledger.models import Entry
from rongdang.capture.batches import mending, reading_services, services, tasks
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.tests.factories import (
    closed_batch,
    everything,
    form,
    hand_in,
    layer,
    page_image,
    run_all_again,
    run_jobs,
)
from rongdang.capture.imaging.tests.pages import written
from rongdang.capture.review import pages
from rongdang.capture.review import tasks as review_tasks
from rongdang.capture.review.services import Decision, confirm_material
from rongdang.describe.casefiles import rereading
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

pytestmark = pytest.mark.django_db


def events(name):
    return Entry.objects.filter(event=name).count()


def test_two_pages_go_from_file_to_proposal(station, clerk, engine):
    engine(form(), form(name="何海生", title="入党志愿书"))
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == "review"
    assert list(batch.scans.values_list("state", flat=True)) == ["read", "read"]
    assert [m.title for m in batch.materials.all()] == ["干部履历表", "入党志愿书"]
    assert events("batch:read") == 1 and events("scan:read") == 2


def test_a_file_that_is_one_page_is_kept_once(station, clerk):
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    upload = batch.uploads.get()
    tasks.split_upload.call(str(upload.pk))
    assert upload.scans.get().original == upload.stored
    assert StoredObject.objects.count() == 1


def test_every_job_run_twice_changes_nothing(station, clerk, reviewer, engine):
    """Also those of a page turned in review, scanned anew, filed, and read by a newer engine."""
    engine(
        form(),
        layer("第二页", "续写"),
        form(title="入党志愿书"),
        layer("第二页", "转正以后"),
        form(籍贯="山东莱阳"),
    )
    batch = closed_batch(station, clerk, *((f"{n}.jpg", page_image(n)) for n in (1, 2, 3)))
    run_jobs()
    first, second = batch.materials.all()
    turned = first.pages.last().scan_id
    pages.turn_page(first, scan=turned, degrees=90, version=1, acting_user=reviewer)
    run_jobs()
    pages.send_back(second, reason="不清", version=1, acting_user=reviewer)
    new = page_image(60)
    mending.replace_page(
        batch.scans.get(state="rescan"),
        name="新.jpg",
        data=io.BytesIO(new),
        size=len(new),
        acting_user=clerk,
    )
    run_jobs()
    first.refresh_from_db()
    decision = Decision("履历表", "1", "1962", {"姓名": "林长河"}, new_name="林长河")
    confirm_material(first, decision, version=first.version, acting_user=reviewer)
    run_jobs()
    engine(layer("新引擎读的", engine="new 2"), identity="new 2")
    asked = rereading.read_by_others(clerk, "new 2").select_related("item__case_file")
    assert rereading.ask_rereading(list(asked), acting_user=clerk) == 2
    run_jobs()
    assert Job.objects.exclude(state="done").count() == 0
    ran = {job.path.rpartition(".")[2] for job in Job.objects.all()}
    assert {
        "split_upload",
        "read_scan",
        "take_scan",
        "propose_materials",
        "index_item",
        "reread_page",
    } <= ran
    before = everything()
    run_all_again()
    after = everything()
    assert [table for table in before if before[table] != after[table]] == []


def test_split_broken_off_half_way_goes_on_and_takes_no_page_twice(
    station, clerk, engine, tmp_path
):
    pages = [Image.open(io.BytesIO(page_image(n))) for n in range(3)]
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:])
    batch = closed_batch(station, clerk, ("a.tif", out.getvalue()))
    upload = batch.uploads.get()
    stored = objects.put(page_image(0))  # the page taken before the crash
    reading_services.keep_page(upload, number=0, original=stored, dpi=300)
    engine()
    run_jobs()
    assert [s.number for s in batch.scans.all()] == [0, 1, 2]
    upload.refresh_from_db()
    assert (upload.state, upload.pages_found, upload.pages_expected) == ("split", 3, 3)


def test_a_page_no_engine_can_read_is_said_to_have_failed_and_the_rest_goes_on(
    station, clerk, engine
):
    engine(DomainError("读不出来。", "Cannot be read."), form())
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    run_jobs()
    first, second = batch.scans.order_by("pk")
    assert (first.state, second.state) == ("failed", "read") and "读不出来" in first.reason_zh
    batch.refresh_from_db()
    assert batch.state == "review" and batch.materials.count() == 1


def test_an_engine_that_dies_every_time_is_given_up_and_the_page_waits_for_no_one(
    station, clerk, engine
):
    engine(*[RuntimeError("engine died")] * settings.JOB_ATTEMPTS)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    for _ in range(settings.JOB_ATTEMPTS):
        run_jobs()
        Job.objects.filter(state="ready").update(run_after=timezone.now())
    run_jobs()
    scan = batch.scans.get()
    assert scan.state == "failed" and "几次中断" in scan.reason_zh and scan.reason_en
    batch.refresh_from_db()
    assert batch.state == "review"  # not done: a page still has to be mended
    assert Job.objects.filter(state="dead").count() == 1 and events("job:give-up") == 1


def test_a_reader_killed_on_every_attempt_is_given_up_too(station, clerk, engine):
    engine()
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    tasks.split_upload.call(str(batch.uploads.get().pk))
    Job.objects.exclude(path__endswith="read_scan").update(state="done")
    for _ in range(settings.JOB_ATTEMPTS):
        assert jobs.claim() is not None
        Job.objects.filter(state="running").update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
    run_jobs()
    assert batch.scans.get().state == "failed"


def test_a_file_that_kills_its_reader_is_refused_in_words_and_kept(station, clerk, engine):
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    Job.objects.exclude(path__endswith="split_upload").update(state="done")
    for _ in range(settings.JOB_ATTEMPTS):
        assert jobs.claim() is not None
        Job.objects.filter(state="running").update(
            lease_until=timezone.now() - timedelta(seconds=1)
        )
    run_jobs()
    upload = batch.uploads.get()
    assert upload.state == "refused" and "几次中断" in upload.reason_zh
    assert upload.stored.shredded_at is None


def test_meaning_that_cannot_be_read_leaves_stacks_to_cut_by_hand(station, clerk, engine):
    engine(form(), form())
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    for upload in batch.uploads.all():
        tasks.split_upload.call(str(upload.pk))
    for scan in batch.scans.all():
        tasks.read_scan.call(str(scan.pk))
    dead = Job.objects.get(path__endswith="propose_materials")
    Job.objects.filter(pk=dead.pk).update(state="dead")
    review_tasks.settle_given_up.call(str(dead.pk))
    batch.refresh_from_db()
    material = batch.materials.get()
    assert batch.state == "review" and material.pages.count() == 2 and material.title == ""


def spread():
    """Two written pages side by side, with the shadow of the fold between them."""
    sheet = np.hstack([written(seed=1), written(seed=2)])
    for offset in range(-10, 11):
        column = sheet[:, 1240 + offset] * (0.6 + 0.035 * abs(offset))
        sheet[:, 1240 + offset] = column.astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(sheet[..., ::-1]).save(out, "JPEG")
    return out.getvalue()


def test_a_spread_is_two_pages_and_a_turned_half_stays_that_half(station, clerk, engine, reviewer):
    engine(form(), layer("右半"), layer("右半转正"))
    batch = closed_batch(station, clerk, ("a3.jpg", spread()))
    run_jobs()
    assert list(batch.scans.values_list("half", "state")) == [(1, "read"), (2, "read")]
    right = batch.scans.get(half=2)
    Scan.objects.filter(pk=right.pk).update(state="waiting", turn=180)
    tasks.read_scan.call(str(right.pk))
    right.refresh_from_db()
    assert (right.half, right.state) == (2, "read") and batch.scans.count() == 2


def test_a_batch_of_nothing_readable_is_done_with_the_files_said_to_be_refused(
    station, clerk, engine
):
    batch = closed_batch(station, clerk, ("a.jpg", b"not a picture"), ("b.jpg", b""))
    run_jobs()
    batch.refresh_from_db()
    assert batch.state == "done"
    assert set(batch.uploads.values_list("state", flat=True)) == {"refused"}
    assert all(u.reason_zh and u.reason_en for u in batch.uploads.all())


def test_a_blank_back_is_blank_and_goes_with_the_page_before_it(station, clerk, engine):
    out = io.BytesIO()
    Image.new("RGB", (620, 877), "white").save(out, "JPEG", dpi=(300, 300))
    engine(form())
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", out.getvalue()))
    run_jobs()
    assert list(batch.scans.order_by("pk").values_list("state", flat=True)) == ["read", "blank"]
    assert batch.materials.get().pages.count() == 2


def test_a_batch_handed_in_after_all_its_pages_were_read_still_comes_to_review(
    station, clerk, engine
):
    engine(form())
    batch = services.open_batch(unit=station, acting_user=clerk, source="browser", declared=True)
    hand_in(batch, clerk, page_image(1))
    run_jobs()
    assert Batch.objects.get(pk=batch.pk).state == "receiving"
    services.close_batch(batch, acting_user=clerk)
    run_jobs()
    assert Batch.objects.get(pk=batch.pk).state == "review" and events("batch:read") == 1
