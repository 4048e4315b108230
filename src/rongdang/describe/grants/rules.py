"""Limits of grants, and patterns of reading that raise an alarm: two data files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "data"
SEE, PRINT, EXPORT = "see", "print", "export"
ACTIONS = (SEE, PRINT, EXPORT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The most that one grant may give, and the terms of emergency access."""

    files: int
    days: int
    prints: int
    exports: int
    emergency_minutes: int
    review_days: int
    emergency_readers: int  # named in one unit at a time

    def most(self, action: str) -> int:
        return {PRINT: self.prints, EXPORT: self.exports}[action]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pattern:
    """So many files of a kind in so many minutes; `pause` = no further one is opened."""

    kind: str  # of the alarm
    files: int
    minutes: int
    pause: bool
    zh: str
    en: str

    @property
    def span(self) -> timedelta:
        return timedelta(minutes=self.minutes)


@cache
def limits() -> Limits:
    body = _read("limits")
    return Limits(**{key: value for key, value in body.items() if isinstance(value, int)})


@cache
def patterns() -> dict[str, Pattern]:
    return {row["kind"]: Pattern(**row) for row in _read("patterns")["rows"]}


def _read(name: str) -> dict[str, Any]:
    body: dict[str, Any] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return body
