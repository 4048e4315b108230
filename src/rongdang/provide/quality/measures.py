"""What is measured, as an archivist reads it; the table is `data/measures.json`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

FILE = Path(__file__).parent / "data" / "measures.json"


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of a unit; `list` names the list on which it is worked off."""

    code: str
    zh: str
    en: str
    means_zh: str
    means_en: str
    list: str
    days: int = 0


@cache
def measures() -> dict[str, Measure]:
    """Code → measure, in the order they are shown."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))["rows"]
    return {row["code"]: Measure(**row) for row in rows}
