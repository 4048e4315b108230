"""The end of the term in which an emergency must have been reviewed."""

from __future__ import annotations

import uuid

from django.utils import timezone
from django_tasks import task

from rongdang.describe.grants.models import EmergencyUse
from rongdang.describe.grants.readers import stop_overdue


@task()
def await_review(use_id: str) -> None:
    """Sleeps until the term is over, then stops whoever was not reviewed; may run twice."""
    use = EmergencyUse.objects.unreviewed().filter(pk=uuid.UUID(use_id)).first()
    if use is None:
        return
    if use.due_at > timezone.now():
        await_review.using(run_after=use.due_at).enqueue(use_id)
        return
    stop_overdue(use.user)
