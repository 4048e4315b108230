"""The field dictionary: what is kept of a person, and under which words forms ask for it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.tables import table


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One field: its name on the page, its code, its level, its type, and labels seen on forms."""

    name: str
    code: str
    english: str
    group: str
    level: str
    type: str  # text, code, date, place, id
    table: str  # code table, for type "code"
    labels: tuple[str, ...]


@cache
def dictionary() -> dict[str, FieldEntry]:
    """Name → entry, in the order of the dictionary."""
    return {
        row["name"]: FieldEntry(**{**row, "labels": tuple(row["labels"])})
        for row in table("fields").rows
    }


def is_known(name: str) -> bool:
    return name in dictionary()


@cache
def of_levels(levels: tuple[str, ...]) -> tuple[str, ...]:
    """Names of the fields whose level of content is one of these."""
    return tuple(name for name, entry in dictionary().items() if entry.level in levels)


@cache
def by_label() -> dict[str, FieldEntry]:
    """Printed label without blanks → entry."""
    return {
        "".join(label.split()): entry for entry in dictionary().values() for label in entry.labels
    }
