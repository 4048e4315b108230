"""Jobs that follow a filed or re-described material, or a whole file, into the index. Run twice = run once."""

from __future__ import annotations

from django_tasks import task

from rongdang.provide.search import services


@task()
def index_item(item_id: str) -> None:
    """Make a material findable: title, pages, person."""
    services.index_material(services.find_item(item_id))


@task()
def index_case_file(case_file_id: str) -> None:
    """Make a file taken over from a paper register findable."""
    services.index_case_file(services.find_case_file(case_file_id))
