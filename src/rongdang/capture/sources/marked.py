"""Rows with a mark of state secrets: told to the officers, and their file does not stay (保密法 31)."""

from __future__ import annotations

from rongdang.base.alarms.services import raise_alarm
from rongdang.base.gate.services import passed
from rongdang.capture.sources.chunks import Chunk
from rongdang.capture.sources.models import Run
from rongdang.keep.objects import services as objects


def tell_marks(run: Run, chunk: Chunk) -> None:
    """One alarm for the run, however many rows; the words of the rows are told to nobody."""
    if chunk.marks:
        kinds = sorted(set(filter(None, chunk.marks)))
        raise_alarm(
            kind="secret-suspected",
            about=run.started_by,
            scope=run.source.scope,
            subject=run,
            detail={"kinds": kinds, "rows": len(chunk.marks), "place": "source"},
        )
    for kind in sorted(set(chunk.let_through)):
        passed(kind, place="source", acting_user=run.started_by)


def destroy_marked(run: Run) -> None:
    """Once it was read to its end, a delivery with marked rows is not kept."""
    if run.counts.get("secret", 0):
        for file in run.delivery.files.select_related("stored"):
            objects.shred(file.stored, reason="secret-mark")
