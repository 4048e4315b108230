"""Jobs of sources: read a run on, take one back. Run twice = run once."""

from __future__ import annotations

import uuid

from django_tasks import task

from rongdang.base.jobs.limits import limited
from rongdang.capture.sources import looking, running, undoing

LONGEST = 12 * 3600.0  # a province's table over a slow line; it goes on from where it was ended


@limited(LONGEST)
@task()
def read_source(run_id: str) -> None:
    """Read a source to its end, or on from where it stopped."""
    running.read_on(run_id)


@limited(LONGEST)
@task()
def take_run_back(run_id: str) -> None:
    """End what a run recorded."""
    undoing.undo_on(run_id)


@limited(3600.0)
@task()
def look_at_delivery(delivery_id: str) -> None:
    """See what a delivery holds, for whoever maps its columns."""
    looking.look(uuid.UUID(delivery_id))
