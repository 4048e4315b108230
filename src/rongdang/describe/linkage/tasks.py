"""What follows when records were joined or parted. Run twice = run once."""

from __future__ import annotations

import uuid

from django_tasks import task

from rongdang.base.jobs.limits import limited
from rongdang.describe.access.finding import person_changed
from rongdang.describe.linkage.models import Joining
from rongdang.describe.linkage.pairing import FEW, compare_all, compare_people
from rongdang.describe.statements.models import Batch


@task()
def find_relatives_of_both(joining_id: str) -> None:
    """Whom the records name as relatives is found anew for both."""
    made = Joining.objects.get(pk=joining_id)
    for person in (made.other_id, made.kept_id):
        person_changed(str(person))


@task()
def compare_person(person_id: str) -> None:
    """What is known of somebody has changed: is he somebody known already?"""
    compare_people([uuid.UUID(person_id)])


@limited(3600)
@task()
def compare_run(run_id: str) -> None:
    """A source was read to its end: those it says something new of, one by one or with the whole stock."""
    people = {
        person
        for batch in Batch.objects.filter(run=run_id, taken_back=False)
        for person in batch.people_ids
    }
    if len(people) > FEW:
        compare_all()
    else:
        compare_people(people)
