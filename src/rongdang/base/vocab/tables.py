"""Reading the data files: each says its version, its source and its rows."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"


@dataclass(frozen=True, slots=True)
class Table:
    """One data file: rows as written, with the clause they come from; `head` is all it says of itself."""

    name: str
    version: str
    source: str
    rows: tuple[dict[str, Any], ...]
    head: Mapping[str, str] = field(default_factory=dict)


@cache
def table(name: str) -> Table:
    """The data file `data/<name>.json`."""
    body = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    rows = tuple(body.pop("rows"))
    return Table(name, body["version"], body["source"], rows, body)


def tsv(name: str) -> Table:
    """The data file `data/<name>.tsv`: lines "# key<tab>words", then a row of names, then rows.

    For long tables; whoever reads it keeps what he makes of it.
    """
    with (FOLDER / f"{name}.tsv").open(encoding="utf-8", newline="") as lines:
        head = {}
        for line in lines:
            if not line.startswith("# "):
                break
            key, _tab, words = line.removeprefix("# ").rstrip("\n").partition("\t")
            head[key] = words
        columns = line.rstrip("\n").split("\t")
        rows = tuple(csv.DictReader(lines, columns, delimiter="\t", quoting=csv.QUOTE_NONE))
    return Table(name, head["version"], head["source"], rows, head)


def names() -> tuple[str, ...]:
    """Every data file by name."""
    return tuple(sorted(path.stem for path in FOLDER.iterdir() if path.suffix in (".json", ".tsv")))
