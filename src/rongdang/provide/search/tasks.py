"""Jobs that keep the index beside the rows. Run twice = run once.

What a person has just decided is findable before more pages are read: their priority is higher.
"""

from __future__ import annotations

from django_tasks import task

from rongdang.describe.statements.models import Batch
from rongdang.provide.search import services


@task(priority=5)
def index_item(item_id: str) -> None:
    """Make a material findable: title and pages."""
    services.index_item(services.find_item(item_id))


@task(priority=5)
def index_person(person_id: str) -> None:
    """Make a person findable by names, spellings and numbers."""
    services.index_person(services.find_person(person_id))


@task(priority=5)
def index_both(joining_id: str) -> None:
    """Two records were joined or parted: each is found by what is its own now."""
    services.index_both(services.find_joining(joining_id))


@task()
def index_case_file(case_file_id: str) -> None:
    """Make a whole file findable anew: its person and every material."""
    services.index_case_file(services.find_case_file(case_file_id))


@task()
def index_batch(batch_id: str) -> None:
    """Make findable whom a batch of rows of a source says something new of, or nothing any more."""
    services.index_people(Batch.objects.get(pk=batch_id).people_ids)
