"""Jobs of 回避: whose files an account must not read, found anew. Run twice = run once."""

from __future__ import annotations

from django_tasks import task

from rongdang.base.accounts.models import User
from rongdang.describe.access import finding


@task()
def find_relatives(person_id: str) -> None:
    """What a file says of relatives has changed."""
    finding.person_changed(person_id)


@task()
def find_own_files(user_id: str) -> None:
    """Somebody new may read files."""
    user = User.objects.filter(pk=user_id).first()
    if user is not None:
        finding.find_for_user(user)
