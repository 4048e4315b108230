"""Sources that are read by themselves: started when their time has come, if they can have changed."""

from __future__ import annotations

import datetime as dt

from django.db import transaction
from django.utils import timezone

from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.capture.sources import services
from rongdang.capture.sources.models import Delivery, RecipeVersion, Run, Schedule
from rongdang.capture.sources.states import RunState


def start_due(now: dt.datetime | None = None) -> list[Run]:
    """Start what is due, in the name of whoever set the schedule; the runs that were started.

    Files that were read by this recipe already are not read again: they cannot have changed. A
    connection is read from its first row to its last, and what says the same changes nothing.
    """
    now = now or timezone.now()
    due = Schedule.objects.filter(next_at__lte=now).select_related("source__unit", "set_by")
    return [run for schedule in due for run in _start(schedule, now)]


def _start(schedule: Schedule, now: dt.datetime) -> list[Run]:
    """Moves on to the next time whatever comes of it, so that one refusal is not met every minute."""
    following = now + dt.timedelta(minutes=schedule.every)
    mine = Schedule.objects.filter(pk=schedule.pk, next_at=schedule.next_at)
    if not mine.update(next_at=following):
        return []  # another worker was first
    delivery = schedule.source.deliveries.filter(part=False).order_by("-given_at").first()
    recipe = schedule.source.recipes.order_by("-number").first()
    if delivery is None or recipe is None or _as_read(delivery, recipe):
        return []
    try:
        return [services.start(delivery, recipe, acting_user=schedule.set_by)]
    except DomainError as error:
        with transaction.atomic():
            record("source:skip", actor=None, subject=schedule.source, detail={"code": error.code})
        return []


def _as_read(delivery: Delivery, recipe: RecipeVersion) -> bool:
    """Was this very file read to its end by this very recipe? What was taken back stays so."""
    ended = (RunState.DONE, RunState.UNDOING, RunState.UNDONE)
    last = (
        Run.objects.filter(source=delivery.source, dry=False, state__in=ended)
        .select_related("delivery")
        .order_by("-started_at")
        .first()
    )
    return (
        bool(delivery.digest)
        and last is not None
        and (last.delivery.digest, last.recipe_id) == (delivery.digest, recipe.pk)
    )
