"""The job that turns a read batch into proposals on the review desk. Run twice = run once."""

from __future__ import annotations

from django.conf import settings
from django_tasks import task

from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.states import BatchState
from rongdang.capture.review import services
from rongdang.capture.review.proposals import proposals


@task()
def propose_materials(batch_id: str) -> None:
    """Read the meaning of all pages of a batch and offer the materials for review."""
    batch = Batch.objects.get(pk=batch_id)
    if batch.state != BatchState.READING:
        return
    found = list(proposals(batch, scheme=settings.CATEGORY_SCHEME))
    services.offer_proposals(batch, found)
