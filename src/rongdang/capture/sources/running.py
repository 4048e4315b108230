"""A run at work: chunk by chunk, each in one transaction with the number of its last row.

Killed at any moment it goes on behind the last chunk: every row is taken exactly once. What fails is told
in words beside the run; a disk that takes nothing is no failure of the run, its job waits.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from itertools import islice

from django.db import transaction
from django.utils import timezone

from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import is_open
from rongdang.base.ledger.services import record
from rongdang.capture.sources import applying, recipe_text
from rongdang.capture.sources.chunks import Chunk, looked_at
from rongdang.capture.sources.counting import count
from rongdang.capture.sources.marked import destroy_marked, tell_marks
from rongdang.capture.sources.models import Run
from rongdang.capture.sources.port import Connector, SourceRow
from rongdang.capture.sources.refusing import keep_refused
from rongdang.capture.sources.states import RUN, RunState
from rongdang.capture.sources.trying import Trial
from rongdang.capture.sources.ways import opened, table_of
from rongdang.describe.statements.missing import forget_keys, keys_read, note_missing
from rongdang.describe.statements.models import Source
from rongdang.describe.statements.recording import record_batch

AT_ONCE = 2000  # rows of one transaction: others who write wait no longer than it takes
OF_THE_MACHINE = ("disk-full", "read-only", "storage")
Progress = Callable[[Run], None]
Take = Callable[[Chunk], None]
WRITTEN = ("cursor", "columns", "counts", "digest", "diff")


def read_on(run_id: str | uuid.UUID, progress: Progress | None = None) -> Run:
    """Read until the source ends, the run is stopped, or something fails; begun again it goes on."""
    run = _begin(run_id)
    if run.state != RunState.RUNNING:
        return run
    try:
        with opened(run.delivery) as connector:
            if not _read(run, connector, progress):
                return Run.objects.get(pk=run.pk)
        return _finish(run)
    except DomainError as error:
        if error.code in OF_THE_MACHINE:
            raise
        return _fail(run, error)


@transaction.atomic
def _begin(run_id: str | uuid.UUID) -> Run:
    """Take the run up, again after a crash; left alone in any other state."""
    run = locked(run_id)
    if run.state in (RunState.WAITING, RunState.RUNNING):
        event = RUN.apply("begin", run, by=None)
        run.save(update_fields=["state"])
        record(event, actor=None, subject=run, detail={"after": run.cursor})
    return run


def _read(run: Run, connector: Connector, progress: Progress | None) -> bool:
    """All that is left; False when somebody stopped it, or another worker has it."""
    info = table_of(connector, run.delivery.table)
    plan = applying.compiled(recipe_text.from_text(run.recipe.text), info.columns)
    _same_columns(run, info.columns)
    take: Take = Trial(run) if run.dry else _Recorder(run)
    for rows in _in_chunks(connector.rows(info.name, after=run.cursor)):
        chunk = looked_at(plan, rows, let_marked=is_open())
        with transaction.atomic():
            if not _goes_on(run):
                return False
            take(chunk)
            tell_marks(run, chunk)
            run.cursor, run.digest = chunk.span[1], chunk.digest(run.digest, rows)
            run.save(update_fields=WRITTEN)
        if progress is not None:
            progress(run)
    return True


def _in_chunks(rows: Iterator[SourceRow]) -> Iterator[list[SourceRow]]:
    while some := list(islice(rows, AT_ONCE)):
        yield some


def _goes_on(run: Run) -> bool:
    """Nobody stopped it, and no other worker went on with it since; a wish to stop is met here."""
    now = locked(run.pk)
    if now.state != RunState.RUNNING or now.cursor != run.cursor:
        return False
    if now.stop_asked:
        event = RUN.apply("stop", now, by=None)
        now.ended_at = timezone.now()
        now.save(update_fields=["state", "ended_at"])
        record(event, actor=None, subject=now, detail={"after": now.cursor})
        return False
    return True


class _Recorder:
    """Writes a chunk: what its rows say, and those that were refused."""

    def __init__(self, run: Run) -> None:
        self._run, self._seen = run, keys_read(run.pk)

    def __call__(self, chunk: Chunk) -> None:
        run = self._run
        told = record_batch(
            run.source,
            chunk.taken,
            run=run.pk,
            span=chunk.span,
            seen=self._seen,
            acting_user=run.started_by,
            present=chunk.present,
        )
        count(run, chunk, told, keep_refused(run, chunk, told))
        self._seen.update(told.keys)


def _same_columns(run: Run, columns: tuple[str, ...]) -> None:
    """As the clerk saw them in the trial, or as they were before the run was stopped."""
    if not run.columns:
        run.columns = list(columns)
    if tuple(run.columns) != columns:
        missing = "、".join(name for name in run.columns if name not in columns) or "-"
        new = "、".join(name for name in columns if name not in run.columns) or "-"
        raise ConflictError(
            f"来源的列变了（少了：{missing}；多了：{new}），停在第 {run.cursor} 行，已导入的没有变。",
            f"The source's columns have changed (missing: {missing}; new: {new}); it stopped at row "
            f"{run.cursor}, what was imported stays.",
            hint_zh="核对来源，改好对照方案，再试读一次。",
            hint_en="Look at the source, mend the recipe, and try again.",
            code="columns-changed",
        )


def _finish(run: Run) -> Run:
    """Who is missing at the source is told; then the run is done."""
    if not run.dry and not run.delivery.part:
        run.counts["missing"] = note_missing(run.source, run.pk, keys_read(run.pk))
    with transaction.atomic():
        now = locked(run.pk)
        if now.state != RunState.RUNNING:
            return now
        event = RUN.apply("finish", now, by=None)
        now.ended_at, now.counts = timezone.now(), run.counts
        now.save(update_fields=["state", "ended_at", "counts"])
        if not run.dry:
            forget_keys(run.pk)
            Source.objects.filter(pk=run.source_id).update(read_at=now.ended_at)
        destroy_marked(now)
        record(event, actor=None, subject=now, detail=_told(now))
    return now


@transaction.atomic
def _fail(run: Run, error: DomainError) -> Run:
    now = locked(run.pk)
    if now.state != RunState.RUNNING:
        return now
    event = RUN.apply("fail", now, by=None)
    now.ended_at = timezone.now()
    now.problem = {
        "code": error.code,
        "zh": error.zh,
        "en": error.en,
        "hint_zh": error.hint_zh,
        "hint_en": error.hint_en,
    }
    now.save(update_fields=["state", "ended_at", "problem"])
    record(event, actor=None, subject=now, detail={"code": error.code, "after": now.cursor})
    return now


def _told(run: Run) -> dict[str, object]:
    rows = {name: n for name, n in run.counts.items() if name not in ("filled", "altered")}
    return {"source": str(run.source_id), "dry": run.dry, "digest": run.digest, **rows}


def locked(run_id: str | uuid.UUID) -> Run:
    """The run as it is now, and nobody changes it until the transaction ends."""
    whole = Run.objects.select_related("source__unit", "delivery", "recipe", "started_by")
    return whole.select_for_update(of=("self",)).get(pk=run_id)
