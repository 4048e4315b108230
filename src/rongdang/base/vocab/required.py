"""What a complete file holds, and what should be known of a person: points as data (domain 1.4, 3.5)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.tables import table


@dataclass(frozen=True, slots=True)
class MaterialHeld:
    """What the score looks at of one catalogued material."""

    title: str
    category: str
    formed: str
    pages: int


@dataclass(frozen=True, slots=True)
class Missing:
    """A material the file lacks: why it matters and where it may be found."""

    name: str
    points: int
    category: str
    why: str
    where: str
    veto: bool
    english: str  # name, and the two reasons, for readers of English
    why_en: str
    where_en: str


@dataclass(frozen=True, slots=True)
class Completeness:
    """Points of 100, what is missing, and whether a lack alone fails the file."""

    score: int
    missing: tuple[Missing, ...]
    veto: bool


def score(materials: Sequence[MaterialHeld], facts: Mapping[str, str]) -> Completeness:
    """Deduct the share of each required material that is not there and that applies to this life."""
    total = lost = 0
    missing = []
    for row in table("required").rows:
        if not _applies(row["when"], facts):
            continue
        total += row["points"]
        top = row["category"].split("-")[0]
        held = any(
            material.category.split("-")[0] == top
            and any(word in material.title for word in row["words"])
            for material in materials
        )
        if not held:
            lost += row["points"]
            missing.append(
                Missing(**{one.name: row[one.name] for one in dataclasses.fields(Missing)})
            )
    points = round(100 * (total - lost) / total) if total else 100
    return Completeness(points, tuple(missing), any(one.veto for one in missing))


def _applies(when: str, facts: Mapping[str, str]) -> bool:
    """Nothing = always; "field" = the person has it; "field=word" = its value holds the word."""
    if not when:
        return True
    field, _, word = when.partition("=")
    value = facts.get(field, "")
    return bool(value) and value not in ("无", "没有") and word in value


@dataclass(frozen=True, slots=True)
class Unknown:
    """A field that should be known of this kind of person: why it matters, where it may be found."""

    name: str
    points: int
    why: str
    where: str
    why_en: str
    where_en: str


@dataclass(frozen=True, slots=True)
class FieldsKnown:
    """Points of 100 of the fields that should be known, and those that are not."""

    percent: int
    missing: tuple[Unknown, ...]


def known(facts: Mapping[str, str]) -> FieldsKnown:
    """`facts`: field → value that holds. What does not apply to this life counts on neither side."""
    total = lost = 0
    missing = []
    for when, one in _required_fields():
        if when and not _applies(when, facts):
            continue
        total += one.points
        if not facts.get(one.name):
            lost += one.points
            missing.append(one)
    return FieldsKnown(100 * (total - lost) // total if total else 100, tuple(missing))


@cache
def _required_fields() -> tuple[tuple[str, Unknown], ...]:
    """Each with the life it is asked of."""
    names = [one.name for one in dataclasses.fields(Unknown)]
    return tuple(
        (row["when"], Unknown(**{name: row[name] for name in names}))
        for row in table("required_fields").rows
    )
