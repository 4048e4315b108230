"""Words and headings of old tables, kept as data an archivist can read (`data/*.json`)."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@cache
def rows(name: str) -> tuple[dict[str, Any], ...]:
    """The rows of `data/<name>.json`."""
    body = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return tuple(body["rows"])


@cache
def words(kind: str) -> tuple[str, ...]:
    """The words of that kind, in the order of the file: as a recipe proposes them."""
    return tuple(next(row["words"] for row in rows("words") if row["kind"] == kind))


@cache
def totals() -> frozenset[str]:
    """Words of rows that add up."""
    return frozenset(words("total"))
