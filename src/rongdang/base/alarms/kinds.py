"""What there is an alarm for: a data file that says in words what happened and what to do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

TABLE = Path(__file__).parent / "data" / "kinds.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmKind:
    """A row of the table; `page` names the address where it is acted on, "" for none of its own."""

    kind: str
    severity: str  # unless whoever raises it says otherwise
    zh: str
    en: str
    todo_zh: str
    todo_en: str
    page: str = ""


@cache
def kinds() -> dict[str, AlarmKind]:
    rows = json.loads(TABLE.read_text(encoding="utf-8"))["rows"]
    return {row["kind"]: AlarmKind(**row) for row in rows}
