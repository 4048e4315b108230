"""Jobs of the review desk: propose, take what was read anew, settle what failed. Run twice = once.

A batch that is read is offered before pages of the next one are read: their priority is higher.
"""

from __future__ import annotations

from django.conf import settings
from django_tasks import task

from rongdang.base.jobs.models import Job
from rongdang.capture.batches.models import Batch, Scan
from rongdang.capture.batches.states import BatchState
from rongdang.capture.review import giving_up, offering, renewing
from rongdang.capture.review.proposals import proposals


@task(priority=10)
def propose_materials(batch_id: str) -> None:
    """Read the meaning of all pages of a batch and offer the materials for review."""
    batch = Batch.objects.get(pk=batch_id)
    if batch.state != BatchState.READING:
        return
    found = list(proposals(batch, scheme=settings.CATEGORY_SCHEME))
    offering.offer_proposals(batch, found)


@task(priority=10)
def take_scan(scan_id: str) -> None:
    """A page was read while its batch is in review: its material follows."""
    renewing.take_scan(Scan.objects.get(pk=scan_id))


@task()
def settle_given_up(job_id: str) -> None:
    """A job died on every attempt: what it worked on is said to have failed."""
    giving_up.settle(Job.objects.get(pk=job_id))
