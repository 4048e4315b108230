"""Changes as they leave the house: the same answer to who asks and to who is sent them."""

from __future__ import annotations

from typing import Any

from rongdang.provide.changes.reading import Change, Told


def as_told(told: Told, *, english: bool = False) -> dict[str, Any]:
    """JSON of the API's `Changes`: names of fields and of sources, never a value."""
    return {
        "changes": [_one(change, english=english) for change in told.changes],
        "after": told.after,
        "more": told.more,
    }


def _one(change: Change, *, english: bool) -> dict[str, Any]:
    return {
        "seq": change.seq,
        "at": change.at.isoformat(),
        "event": change.kind.event,
        "words": change.kind.en if english else change.kind.zh,
        "person": str(change.person),
        "unit": change.scope,
        "subject": str(change.subject),
        "fields": list(change.fields),
        "origins": [
            {"kind": origin.kind, "id": str(origin.id), "name": origin.name}
            for origin in change.origins
        ],
        "why": change.why,
    }
