"""What an event starts: read from the one table named in settings, enqueued in the same transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string


@cache
def table() -> Mapping[str, Sequence[Any]]:
    """Event → tasks. The one dynamic import of the house: `base` may not import `config`."""
    flow: Mapping[str, Sequence[Any]] = import_string(settings.FLOW)
    return flow


def start_what_follows(event: str, subject_id: str) -> None:
    """Enqueue the jobs the table lists for this event, each with the id of its subject."""
    for task in table().get(event, ()):
        task.enqueue(subject_id)
