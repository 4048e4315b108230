"""Numbers as they come in forms and addresses."""

from __future__ import annotations

LONGEST = 15  # digits: beyond it no column holds the number, and Python reads none of 4,300


def whole(text: str) -> int | None:
    """The whole number that is written there, None for what is none or too long to be one of ours."""
    return int(text) if len(text) <= LONGEST and text.isdecimal() else None
