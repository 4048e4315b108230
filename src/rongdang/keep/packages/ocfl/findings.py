"""What a validator says: a code of the specification, the place, and words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is not as OCFL wants it; E codes are errors, W codes warnings."""

    code: str
    place: str  # a path inside the object, or a key of the inventory

    @property
    def zh(self) -> str:
        return f"{_codes()[self.code][0]}（{self.place}，{self.code}）"

    @property
    def en(self) -> str:
        return f"{_codes()[self.code][1]} ({self.place}, {self.code})"

    @property
    def is_error(self) -> bool:
        return self.code.startswith("E")


class Findings:
    """Collects findings, each once, in the order found."""

    def __init__(self) -> None:
        self._found: dict[Finding, None] = {}

    def add(self, code: str, place: str) -> None:
        self._found[Finding(code, place)] = None

    def all(self) -> list[Finding]:
        return list(self._found)

    def __len__(self) -> int:
        return len(self._found)


@cache
def _codes() -> dict[str, list[str]]:
    table = json.loads((Path(__file__).parent / "codes.json").read_text(encoding="utf-8"))
    codes: dict[str, list[str]] = table["codes"]
    return codes
