"""Word lists of reading, kept as data an archivist can read (`data/page_words.json`)."""

from __future__ import annotations

import json
import re
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
    """The words of that kind, longest first."""
    found = next(row["words"] for row in rows("page_words") if row["kind"] == kind)
    return tuple(sorted(found, key=len, reverse=True))


@cache
def any_of(kind: str) -> re.Pattern[str]:
    """A pattern that finds any word of that kind."""
    return re.compile("|".join(re.escape(word) for word in words(kind)))


def bare(text: str) -> str:
    """Chinese characters, letters and digits only."""
    return re.sub(r"[\W_]+", "", text)
