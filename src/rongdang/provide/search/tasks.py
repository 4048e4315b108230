"""The job that follows a filed or re-described material into the index. Run twice = run once."""

from __future__ import annotations

from django_tasks import task

from rongdang.provide.search import services


@task()
def index_item(item_id: str) -> None:
    """Make a material findable: title, pages, person."""
    services.index_material(services.find_item(item_id))
