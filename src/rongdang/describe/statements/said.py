"""What a source says of one field: the value as kept, and how the source wrote it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Certainty = Literal["sure", "approximate", "doubtful"]  # as of `base.vocab.dates.PartialDate`


@dataclass(frozen=True, slots=True)
class Said:
    """`value` in the form of the data standard; `original` only where the source wrote it otherwise."""

    value: str
    original: str = ""
    certainty: Certainty = "sure"


Sayings = Mapping[str, Said]  # name in the field dictionary → what is said


def packed(sayings: Sayings) -> dict[str, list[str]]:
    """As a statement keeps it: field → value, then original and certainty where there is need."""
    return {field: _shortest(said) for field, said in sayings.items()}


def unpacked(kept: Mapping[str, list[str]]) -> dict[str, Said]:
    """The inverse of `packed`."""
    return {field: Said(*parts) for field, parts in kept.items()}  # type: ignore[arg-type]


def _shortest(said: Said) -> list[str]:
    if said.certainty != "sure":
        return [said.value, said.original, said.certainty]
    return [said.value, said.original] if said.original else [said.value]
