"""Jobs of records: projected anew when a rule or the catalogue has changed. Run twice = run once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from django.db import transaction
from django_tasks import task

from rongdang.base.jobs.limits import limited
from rongdang.base.orgs.models import within
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.conflicts.models import RuleChange
from rongdang.describe.people.models import Person
from rongdang.describe.people.projecting import CHUNK, locked, project_many

HOURS = 3600.0


@limited(8 * HOURS)
@task(priority=-10)
def project_unit(change_id: str) -> None:
    """A unit decides by another rule: everybody in it and below, in portions others wait little for."""
    change = RuleChange.objects.select_related("unit").get(pk=change_id)
    people = Person.objects.filter(within("scope", [change.unit.path])).order_by("pk")
    last = uuid.UUID(int=0)
    while keys := list(people.filter(pk__gt=last).values_list("pk", flat=True)[:CHUNK]):
        with transaction.atomic():
            project_many(locked(keys), None)
        last = keys[-1]


@task()
def project_owner(item_id: str) -> None:
    """A material was filed or described anew: is the file complete, and what it proves."""
    owners = Item.objects.filter(pk=item_id).values_list("case_file__person_id", flat=True)
    _project(owners)


@task()
def project_holder(case_file_id: str) -> None:
    """A file was opened or taken over."""
    owners = CaseFile.objects.filter(pk=case_file_id).values_list("person_id", flat=True)
    _project(owners)


def _project(keys: Iterable[uuid.UUID]) -> None:
    with transaction.atomic():
        project_many(locked(keys), None)
