"""Jobs of 回避: whose files an account must not read, found anew. Run twice = run once."""

from __future__ import annotations

from django_tasks import task

from rongdang.base.accounts.models import User
from rongdang.describe.access import finding
from rongdang.describe.statements.models import Batch


@task()
def find_relatives(person_id: str) -> None:
    """What a file says of relatives has changed."""
    finding.person_changed(person_id)


@task(priority=3)
def find_relatives_of_batch(batch_id: str) -> None:
    """A batch of rows of a source says something new of people, or nothing any more."""
    finding.people_changed(Batch.objects.get(pk=batch_id).people_ids)


@task()
def find_own_files(user_id: str) -> None:
    """Somebody new may read files."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        finding.find_for_user(user)
