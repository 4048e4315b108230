"""What a run has done so far, in numbers: of rows, and of fields for the freshness meter."""

from __future__ import annotations

from collections import Counter

from rongdang.capture.sources.chunks import Chunk
from rongdang.capture.sources.models import Run
from rongdang.describe.statements.recording import Recorded


def count(run: Run, chunk: Chunk, told: Recorded, refused: int) -> None:
    """Add a chunk to the counts of the run; the caller saves it."""
    more = {
        "read": chunk.read,
        "passed": chunk.passed,
        "refused": refused,
        "secret": len(chunk.marks),
        "new": told.new,
        "changed": told.changed,
        "unchanged": told.unchanged,
        "opened": told.opened,
    }
    counts = run.counts
    for name, number in more.items():
        counts[name] = counts.get(name, 0) + number
    for name, fields in (("filled", told.filled), ("altered", told.altered)):
        counts[name] = dict(Counter(counts.get(name, {})) + fields)
