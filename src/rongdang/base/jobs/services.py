"""Claim, hold, finish, fail, retry: the life of a job. Every write asks for the token it was given."""

from __future__ import annotations

import traceback
import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.columns.fields import sealed_for
from rongdang.base.durable import StorageError, disk_trouble
from rongdang.base.errors import DomainError
from rongdang.base.jobs.models import Job, JobState
from rongdang.base.ledger.services import record

UNTIL_ROOM = timedelta(minutes=10)  # between two tries on a disk that takes nothing


def due() -> Q:
    """Jobs nobody works on: ready and due, or held by a lease that ran out."""
    now = timezone.now()
    return Q(state=JobState.READY, run_after__lte=now) | Q(
        state=JobState.RUNNING, lease_until__lt=now
    )


def claim() -> Job | None:
    """Take the next job for one lease, or None. Two workers never hold the same job."""
    if not Job.objects.filter(due()).exists():
        return None
    with transaction.atomic():
        waiting = Job.objects.select_for_update(skip_locked=True).filter(due())
        job = waiting.order_by("-priority", "pk").first()
        if job is None:
            return None
        job.attempts += 1
        if job.attempts > settings.JOB_ATTEMPTS:
            job.state, job.finished_at = JobState.DEAD, timezone.now()
            job.error = job.error or "worker died on every attempt"
            job.save(update_fields=["attempts", "state", "finished_at", "error"])
            record("job:give-up", actor=None, subject=job)
            return claim()
        job.state, job.token = JobState.RUNNING, uuid.uuid4()
        job.lease_until = _lease()
        job.save(update_fields=["attempts", "state", "token", "lease_until"])
    return job


def hold(job: Job) -> bool:
    """Extend the lease; False when it has gone to somebody else."""
    mine = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING)
    return mine.update(lease_until=_lease()) == 1


def finish(job: Job) -> bool:
    """Mark as done; False when the lease was lost meanwhile (the other worker's word counts)."""
    mine = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING)
    return mine.update(state=JobState.DONE, finished_at=timezone.now(), error="") == 1


@transaction.atomic
def fail(job: Job, error: BaseException) -> None:
    """Try again later, each time after a longer wait; after the last attempt a person must look.

    What the disk made fail is not the job's fault: it waits until there is room, and is not given up.
    """
    said = "".join(traceback.format_exception(error))[-4000:]
    no_room = isinstance(error, StorageError) or (
        isinstance(error, Exception) and disk_trouble(error) is not None
    )
    over = job.attempts >= settings.JOB_ATTEMPTS and not no_room
    mine = Job.objects.filter(pk=job.pk, token=job.token, state=JobState.RUNNING).update(
        state=JobState.DEAD if over else JobState.READY,
        attempts=job.attempts - no_room,
        run_after=timezone.now() + (UNTIL_ROOM if no_room else _pause(job.attempts)),
        finished_at=timezone.now() if over else None,
        token=None,
        error=sealed_for(job, "error", said),
    )
    if over and mine:
        record("job:give-up", actor=None, subject=job)


@transaction.atomic
def retry(job_id: str | uuid.UUID, *, acting_user: User | None) -> None:
    """Give a job that was given up a new start."""
    require(acting_user, Permission.JOB_SEE)
    try:
        wanted = uuid.UUID(str(job_id))
    except ValueError:
        wanted = uuid.UUID(int=0)
    again = Job.objects.filter(pk=wanted, state=JobState.DEAD).update(
        state=JobState.READY, attempts=0, run_after=timezone.now(), finished_at=None
    )
    if not again:
        raise DomainError(
            "没有这个停下的任务，没有改动。",
            "There is no such stopped job; nothing changed.",
            code="no-job",
            status=404,
        )
    record("job:retry", actor=acting_user, subject_kind="job", subject_id=str(wanted))


def _lease() -> datetime:
    """When a worker that gives no sign of life from now on loses its job."""
    return timezone.now() + timedelta(seconds=settings.JOB_LEASE_SECONDS)


def _pause(attempts: int) -> timedelta:
    """After the first attempt as the setting says, doubled each time."""
    return timedelta(seconds=settings.JOB_PAUSE_SECONDS * 2 ** (attempts - 1))


def pending() -> int:
    """How many jobs are ready or running, waiting times included."""
    return Job.objects.filter(state__in=[JobState.READY, JobState.RUNNING]).count()
