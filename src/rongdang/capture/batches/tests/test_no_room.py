"""A disk that is full for hours while pages wait: nothing is given up, and all is read when there is room."""

import pytest
from django.conf import settings
from django.utils import timezone

from rongdang.base.jobs.models import Job
from rongdang.base.tests.disks import FULL, READ_ONLY, refusing
from rongdang.capture.batches.tests.factories import closed_batch, form, page_image, run_jobs

pytestmark = pytest.mark.django_db


def due_now():
    Job.objects.filter(state="ready").update(run_after=timezone.now())


@pytest.mark.parametrize("number", [FULL, READ_ONLY])
def test_pages_wait_for_room_and_are_read_when_there_is_some(
    station, clerk, engine, settings, number
):
    engine(*[form()] * 20)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)), ("2.jpg", page_image(2)))
    with refusing(number, below=settings.OBJECT_ROOT):
        for _ in range(settings.JOB_ATTEMPTS + 2):
            run_jobs()
            due_now()
    assert set(batch.scans.values_list("state", flat=True)) == {"waiting"}
    waiting = Job.objects.filter(path__endswith="read_scan")
    assert set(waiting.values_list("state", "attempts")) == {("ready", 0)}
    run_jobs()
    assert set(batch.scans.values_list("state", flat=True)) == {"read"}
    batch.refresh_from_db()
    assert batch.state == "review"


def test_what_fails_for_another_reason_is_still_given_up(station, clerk, engine):
    engine(*[RuntimeError("engine died")] * 20)
    batch = closed_batch(station, clerk, ("1.jpg", page_image(1)))
    for _ in range(settings.JOB_ATTEMPTS + 1):
        run_jobs()
        due_now()
    assert batch.scans.get().state == "failed"
