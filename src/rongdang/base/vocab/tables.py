"""Reading the data files: each says its version, its source and its rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Table:
    """One data file: rows as written, with the clause they come from."""

    name: str
    version: str
    source: str
    rows: tuple[dict[str, Any], ...]


@cache
def table(name: str) -> Table:
    """The data file `data/<name>.json`."""
    body = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return Table(name, body["version"], body["source"], tuple(body["rows"]))
