"""Jobs that only the demonstration sets going: hand piles of drawn paper in, and decide some of them.

Run twice = run once: a pile already handed in is left alone, one broken off goes on. What draws is
imported where it draws: the server, which only sets the jobs going, stays small.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import Unit
from rongdang.capture.batches import services as batches
from rongdang.capture.batches.models import Batch
from rongdang.capture.batches.states import BatchState
from rongdang.demo.deciding import Drawn, decide_batch, filed_to
from rongdang.demo.piles import PILES, Pile
from rongdang.demo.units import CHECKER, DECIDER, clerk_of
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.sealing import seal_case_file
from rongdang.describe.casefiles.states import CaseFileState
from rongdang.describe.people.models import Person

TRY_AGAIN = timedelta(seconds=10)


@task()
def hand_in_pile(number: int, last: int) -> None:
    """Draw pile `number` and hand it in as its clerk would; the next one follows, up to `last`.

    What follows is enqueued with the close, so it follows once, however often this runs.
    """
    from rongdang.demo.paper.stack import draw_stack

    pile = PILES[number - 1]
    note = f"演示：{pile.life.name}的纸质档案"
    batch = _batch_to_fill(pile.home, note)
    if batch is None:
        return
    stack = draw_stack(pile.seed, split="train", life=pile.life, pages=pile.pages)
    names = (f"{pile.life.name}_{n:03d}.jpg" for n in range(1, len(stack.pages) + 1))
    _fill(batch, zip(names, (page.jpeg for page in stack.pages), strict=True))
    with transaction.atomic():
        batches.close_batch(batch, acting_user=batch.declared_by)
        if pile.decided:
            drawn = [Drawn.of(material).to_json() for material in stack.materials]
            decide_pile.enqueue(str(batch.pk), number, drawn)
        if number < last:
            hand_in_pile.enqueue(number + 1, last)


@task()
def hand_in_troubles() -> None:
    """One batch in which every file has something wrong with it."""
    from rongdang.demo import troubles

    batch = _batch_to_fill(PILES[0].home, "演示：有毛病的文件")
    if batch is not None:
        _fill(batch, troubles.files())
        batches.close_batch(batch, acting_user=batch.declared_by)


@task(priority=10)
def decide_pile(batch_id: str, number: int, drawn: Sequence[Mapping[str, Any]]) -> None:
    """Once the batch is read: decide it as drawn, and seal the file when nothing is left open."""
    batch = Batch.objects.get(pk=batch_id)
    if batch.state in (BatchState.RECEIVING, BatchState.READING):
        later = decide_pile.using(run_after=timezone.now() + TRY_AGAIN)
        later.enqueue(batch_id, number, list(drawn))
        return
    pile = PILES[number - 1]
    checker = User.objects.get(username=CHECKER)
    decide_batch(
        batch,
        [Drawn.from_json(one) for one in drawn],
        clerk=User.objects.get(username=DECIDER),
        checker=checker,
        known=_in_register(pile, checker),
    )
    owner = filed_to(batch, pile.life.name)
    for case_file in CaseFile.objects.visible_to(checker).filter(person=owner):
        if case_file.state == CaseFileState.OPEN:
            seal_case_file(case_file, acting_user=checker)


def _in_register(pile: Pile, checker: User) -> Person | None:
    """Whose pile it is, among namesakes the one born that day; None when no register names him."""
    named = Person.objects.visible_to(checker).filter(unit__code=pile.home, name=pile.life.name)
    return named.filter(birth=pile.life.birth).order_by("-pk").first() if pile.known else None


@transaction.atomic
def _batch_to_fill(home: str, note: str) -> Batch | None:
    """The batch of that note, new or broken off; None when it was handed in before."""
    unit = Unit.objects.select_for_update().get(code=home)
    there = Batch.objects.filter(unit=unit).select_related("declared_by").order_by("pk")
    held = next((batch for batch in there if batch.note == note), None)
    if held is not None:
        return held if held.state == BatchState.RECEIVING else None
    return batches.open_batch(
        unit=unit, acting_user=clerk_of(unit), source="browser", declared=True, note=note
    )


def _fill(batch: Batch, files: Iterable[tuple[str, bytes]]) -> None:
    there = {upload.name for upload in batch.uploads.only("name")}
    for name, data in files:
        if name not in there:
            batches.receive_file(
                batch,
                name=name,
                data=io.BytesIO(data),
                size=len(data),
                acting_user=batch.declared_by,
            )
