"""What a clerk does with a source: hand over a file, keep a recipe, let it run, stop it, take it back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from django.db import IntegrityError, transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.capture.sources import recipe_text
from rongdang.capture.sources.models import DeliveredFile, Delivery, RecipeVersion, Run, Schedule
from rongdang.capture.sources.states import RUN, STANDING, RunState
from rongdang.describe.statements.models import Source
from rongdang.keep.objects import services as objects


def deliver(
    source: Source,
    files: Sequence[tuple[str, BinaryIO]],
    *,
    table: str,
    acting_user: User,
    part: bool = False,
) -> Delivery:
    """Keep what the source gave, encrypted, as it came: name and stream of each file, the table first.

    The bytes are put before the transaction; if it fails they are kept once and speak to nobody.
    """
    require(acting_user, Permission.SOURCE_EDIT, source.scope)
    stored = [(name, objects.put(stream, "")) for name, stream in files]
    with transaction.atomic():
        refuse_marks(
            table,
            *(name for name, _stored in stored),
            scope=source.scope,
            acting_user=acting_user,
            place="source",
        )
        delivery = Delivery.objects.create(
            source=source, table=table, part=part, digest=stored[0][1].digest, given_by=acting_user
        )
        for sequence, (name, one) in enumerate(stored):
            DeliveredFile.objects.create(
                delivery=delivery, sequence=sequence, name=name[:255], stored=one
            )
        detail = {"source": str(source.pk), "digest": delivery.digest, "part": part}
        record("delivery:receive", actor=acting_user, subject=delivery, detail=detail)
    return delivery


@alarmed
@transaction.atomic
def save_recipe(source: Source, text: str, *, why: str, acting_user: User) -> RecipeVersion:
    """The next version of how this source is read; the same text again is the same version.

    Raises RecipeError where it does not hold.
    """
    require(acting_user, Permission.SOURCE_EDIT, source.scope)
    text = recipe_text.to_text(recipe_text.from_text(text))
    refuse_marks(text, why, scope=source.scope, acting_user=acting_user, place="recipe")
    Source.objects.select_for_update().get(pk=source.pk)
    last = source.recipes.order_by("-number").first()
    if last is not None and last.text == text:
        return last
    version = RecipeVersion.objects.create(
        source=source,
        number=last.number + 1 if last else 1,
        text=text,
        why=why.strip()[:400],
        made_by=acting_user,
    )
    record(
        "recipe:save",
        actor=acting_user,
        subject=version,
        detail={"source": str(source.pk), "number": version.number, "why": version.why},
    )
    return version


@transaction.atomic
def start(
    delivery: Delivery,
    recipe: RecipeVersion,
    *,
    acting_user: User | None,
    dry: bool = False,
    as_seen: Run | None = None,
) -> Run:
    """Let the worker read the delivery by the recipe; `dry`: only look what would change.

    `as_seen`: the dry run the clerk looked at. Raises ConflictError when the source gives something
    else by now, or when another run of the source is at work.
    """
    source = delivery.source
    require(acting_user, Permission.SOURCE_RUN, source.scope)
    if recipe.source_id != source.pk:
        raise ConflictError("方案不是这个来源的。", "The recipe is another source's.")
    if as_seen is not None and (as_seen.delivery_id, as_seen.recipe_id) != (delivery.pk, recipe.pk):
        raise ConflictError(
            "试读以后换过文件或方案，没有导入。",
            "The file or the recipe was changed after the trial; nothing was imported.",
            hint_zh="请再试读一次，看过结果再导入。",
            hint_en="Try it again, look at the result, then import.",
            code="changed-since-trial",
        )
    columns = as_seen.columns if as_seen is not None else []
    try:
        with transaction.atomic():
            run = Run.objects.create(
                source=source,
                delivery=delivery,
                recipe=recipe,
                dry=dry,
                columns=columns,
                started_by=acting_user,
            )
    except IntegrityError:
        raise _at_work() from None
    record("run:start", actor=acting_user, subject=run, detail=_told(run))
    return run


@transaction.atomic
def stop(run: Run, *, acting_user: User) -> None:
    """Ask it to stop after the chunk in hand; what was recorded stays, and it can go on."""
    require(acting_user, Permission.SOURCE_RUN, run.source.scope)
    run = _locked(run)
    if run.state == RunState.WAITING:
        event = RUN.apply("stop", run, by=acting_user, scope=run.source.scope)
    else:
        if run.state != RunState.RUNNING:
            RUN.apply("stop", run, by=acting_user, scope=run.source.scope)
        event = "run:ask-stop"
    run.stop_asked = True
    run.save(update_fields=["state", "stop_asked"])
    record(event, actor=acting_user, subject=run, detail=_told(run))


@transaction.atomic
def resume(run: Run, *, acting_user: User) -> Run:
    """Go on where it was stopped or failed; no row is read twice."""
    require(acting_user, Permission.SOURCE_RUN, run.source.scope)
    run = _locked(run)
    event = RUN.apply("resume", run, by=acting_user, scope=run.source.scope)
    run.stop_asked, run.problem, run.ended_at = False, {}, None
    try:
        with transaction.atomic():
            run.save(update_fields=["state", "stop_asked", "problem", "ended_at"])
    except IntegrityError:
        raise _at_work() from None
    record(event, actor=acting_user, subject=run, detail=_told(run))
    return run


@transaction.atomic
def undo(run: Run, *, acting_user: User) -> Run:
    """Take a run back exactly: the worker ends what it recorded, and what it had ended holds again."""
    require(acting_user, Permission.SOURCE_RUN, run.source.scope)
    run = _locked(run)
    if run.dry:
        raise ConflictError(
            "试读没有写入任何资料，没有什么可撤销的。",
            "A trial wrote nothing; there is nothing to take back.",
            code="dry-run",
        )
    event = RUN.apply("undo", run, by=acting_user, scope=run.source.scope)
    _refuse_before_later(run)
    run.undone_by = acting_user
    try:
        with transaction.atomic():
            run.save(update_fields=["state", "undone_by"])
    except IntegrityError:
        raise _at_work() from None
    record(event, actor=acting_user, subject=run, detail=_told(run))
    return run


def _refuse_before_later(run: Run) -> None:
    """The last reading that changed something goes first, else its changes would hang in the air."""
    later = Run.objects.filter(
        source=run.source, dry=False, started_at__gt=run.started_at, state__in=STANDING
    )
    blocking = [
        one
        for one in later.order_by("started_at")
        if one.counts.get("new", 0) or one.counts.get("changed", 0)
    ]
    if blocking:
        raise ConflictError(
            f"这次以后又导入过 {len(blocking)} 次并有改动，没有撤销。",
            f"{len(blocking)} later runs changed something; this one was not taken back.",
            hint_zh="请从最后一次开始，一次一次往回撤。",
            hint_en="Take back the latest first, then the one before.",
            code="later-runs",
        )


def _locked(run: Run) -> Run:
    return Run.objects.select_for_update(of=("self",)).select_related("source__unit").get(pk=run.pk)


def _told(run: Run) -> dict[str, object]:
    return {
        "source": str(run.source_id),
        "recipe": str(run.recipe_id),
        "dry": run.dry,
        **{name: run.counts[name] for name in ("read", "new", "changed") if name in run.counts},
    }


def _at_work() -> DomainError:
    return ConflictError(
        "这个来源正在导入或撤销，没有再开始。",
        "A run of this source is at work; no other was started.",
        hint_zh="等它办完，或先停下它。",
        hint_en="Wait until it has ended, or stop it first.",
        code="run-at-work",
    )


@transaction.atomic
def set_schedule(source: Source, *, every: int, acting_user: User) -> None:
    """Read it by itself every so many minutes; 0: no longer."""
    require(acting_user, Permission.SOURCE_RUN, source.scope)
    Schedule.objects.filter(source=source).delete()
    if every > 0:
        Schedule.objects.create(
            source=source, every=every, next_at=timezone.now(), set_by=acting_user
        )
    record("source:schedule", actor=acting_user, subject=source, detail={"every": every})
