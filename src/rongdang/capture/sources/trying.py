"""A dry run: what would become of each row, with examples; nothing is written but the run itself."""

from __future__ import annotations

from typing import Any

from rongdang.capture.sources.chunks import Chunk
from rongdang.capture.sources.counting import count
from rongdang.capture.sources.models import Run
from rongdang.capture.sources.refusing import keep_refused
from rongdang.describe.statements.recording import Change, preview_batch
from rongdang.describe.statements.said import packed

EXAMPLES = 200  # of each kind


class Trial:
    """Looks at one chunk after the other; what it saw stands on the run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._seen: set[bytes] = set()

    def __call__(self, chunk: Chunk) -> None:
        told, changes = preview_batch(
            self._run.source, chunk.taken, run=self._run.pk, seen=self._seen
        )
        count(self._run, chunk, told, keep_refused(self._run, chunk, told))
        self._seen.update(told.keys)
        diff = self._run.diff
        for change in changes:
            examples = diff.setdefault("new" if change.was is None else "changed", [])
            if len(examples) < EXAMPLES:
                examples.append(_told(change))


def _told(change: Change) -> dict[str, Any]:
    """`was` and `now` hold only what differs."""
    was, now = packed(change.was or {}), packed(change.now)
    return {
        "row": change.row,
        "person": str(change.person) if change.person else "",
        "was": {name: said for name, said in was.items() if now.get(name) != said},
        "now": {name: said for name, said in now.items() if was.get(name) != said},
    }
