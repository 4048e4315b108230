"""Which events are told to those who follow changes; the table is `data/changes.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "changes.json"


@dataclass(frozen=True, slots=True)
class Kind:
    """An event as it is told; `of` says what its subject is: person, facts, file, material, rows."""

    event: str
    zh: str
    en: str
    of: str


@cache
def kinds() -> dict[str, Kind]:
    """Event → how it is told."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"]
    return {row["event"]: Kind(**row) for row in rows}
