"""A run on its way back, several thousand rows at a time; killed, it goes on."""

from __future__ import annotations

import uuid

from django.db import transaction
from django.utils import timezone

from rongdang.base.ledger.services import record
from rongdang.capture.sources.models import Run
from rongdang.capture.sources.running import locked
from rongdang.capture.sources.states import RUN, RunState
from rongdang.describe.statements.missing import forget_keys
from rongdang.describe.statements.taking_back import take_back


def undo_on(run_id: str | uuid.UUID) -> Run:
    """Take back what is left of it; nothing for a run that is in another state."""
    run = Run.objects.select_related("source__unit", "undone_by").get(pk=run_id)
    after: uuid.UUID | None = None
    while run.state == RunState.UNDOING:
        after = take_back(run.source, run.pk, after=after, acting_user=run.undone_by)
        if after is None:
            return _done(run)
    return run


@transaction.atomic
def _done(run: Run) -> Run:
    now = locked(run.pk)
    if now.state != RunState.UNDOING:
        return now
    event = RUN.apply("undone", now, by=None)
    now.undone_at = timezone.now()
    now.save(update_fields=["state", "undone_at"])
    forget_keys(now.pk)
    record(event, actor=None, subject=now, detail={"source": str(now.source_id)})
    return now
