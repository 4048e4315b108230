"""What follows when records were joined or parted. Run twice = run once."""

from __future__ import annotations

from django_tasks import task

from rongdang.describe.access.finding import person_changed
from rongdang.describe.linkage.models import Joining


@task()
def find_relatives_of_both(joining_id: str) -> None:
    """Whom the records name as relatives is found anew for both."""
    made = Joining.objects.get(pk=joining_id)
    for person in (made.other_id, made.kept_id):
        person_changed(str(person))
