"""A job is done once, redone after a crash, never lost, and given up where a person sees it."""

import threading
from datetime import timedelta

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import timezone

from rongdang.base.errors import DomainError
from rongdang.base.jobs import services, worker
from rongdang.base.jobs.models import Job, JobState
from rongdang.base.jobs.tests import work
from rongdang.base.ledger.models import Entry

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_flow(settings):
    """What follows from giving up is the rooms' own matter; here only the queue is tried."""
    settings.FLOW = ""


def run_out(job):
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - timedelta(seconds=1))


def test_a_job_runs_with_its_arguments_and_is_done(tmp_path):
    asked = work.takes.enqueue(str(tmp_path / "log"), seconds=0)
    assert worker.run_one() and not worker.run_one()
    job = Job.objects.get(pk=asked.id)
    assert (job.state, job.attempts, job.error) == (JobState.DONE, 1, "")
    assert (tmp_path / "log").read_text().count("end") == 1


@pytest.mark.django_db(transaction=True)
def test_a_job_goes_with_the_transaction_that_asked_for_it(tmp_path):
    with pytest.raises(RuntimeError), transaction.atomic():
        work.fails.enqueue()
        raise RuntimeError
    assert not Job.objects.exists()


def test_the_urgent_first_and_the_deferred_not_before_its_time(tmp_path):
    log = tmp_path / "log"
    later = work.fails.using(run_after=timezone.now() + timedelta(hours=1)).enqueue()
    work.takes.enqueue(str(log), 0)
    work.urgent.enqueue(str(log))
    while worker.run_one():
        pass
    assert [line.split()[0] for line in log.read_text().splitlines()] == ["urgent", "start", "end"]
    assert Job.objects.get(pk=later.id).state == JobState.READY


def test_a_lease_that_ran_out_is_taken_over_and_the_old_holder_finishes_nothing():
    work.fails.enqueue()
    old = services.claim()
    assert services.claim() is None and services.hold(old)
    run_out(old)
    new = services.claim()
    assert (new.pk, new.attempts) == (old.pk, 2) and new.token != old.token
    assert not services.hold(old) and not services.finish(old)
    services.fail(old, ValueError("late"))
    assert Job.objects.get().state == JobState.RUNNING
    assert services.finish(new)


def test_a_failing_job_waits_longer_each_time_then_stops_where_a_person_sees_it(settings):
    work.fails.enqueue()
    waits = []
    for _ in range(settings.JOB_ATTEMPTS):
        Job.objects.update(run_after=timezone.now())
        assert worker.run_one()
        waits.append((Job.objects.get().run_after - timezone.now()).total_seconds())
    job = Job.objects.get()
    assert job.state == JobState.DEAD and "缺页" in job.error
    assert all(after > before * 1.5 for before, after in zip(waits, waits[1:]))
    assert not worker.run_one()
    services.retry(str(job.pk), acting_user=None)
    assert (Job.objects.get().state, Job.objects.get().attempts) == (JobState.READY, 0)
    events = list(Entry.objects.order_by("seq").values_list("event", flat=True))
    assert events == ["job:give-up", "job:retry"]
    for wrong in (job.pk, "no-id"):
        with pytest.raises(DomainError):
            services.retry(wrong, acting_user=None)


def test_a_job_that_kills_every_worker_is_given_up_too(settings):
    work.fails.enqueue()
    for _ in range(settings.JOB_ATTEMPTS):
        run_out(services.claim())
    assert services.claim() is None
    assert Job.objects.get().state == JobState.DEAD


class Quick(threading.Event):
    """Whoever waits for it has waited long enough at once."""

    def wait(self, timeout=None):
        return self.is_set()


@pytest.mark.django_db(transaction=True)
def test_a_busy_database_at_a_beat_does_not_end_the_beating(tmp_path):
    work.takes.enqueue(str(tmp_path / "log"), seconds=0)
    job = services.claim()
    over, asked = Quick(), []

    def busy(execute, sql, params, many, context):
        if "UPDATE" not in sql:
            return execute(sql, params, many, context)
        asked.append(sql)
        if len(asked) == 2:
            over.set()
        raise OperationalError("database is locked")

    with connection.execute_wrapper(busy):
        worker._beat(job, over, None)
    assert len(asked) == 2
