"""A table in a new version: what becomes of a value kept by the one before.

Each change is a line of `data/changes.json`: one new value rewrites the old, none retires it, several
leave it to a person. Values kept before the standard knew their writing are said in its words too.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from rongdang.base.vocab import codes, fields, tables, values

Kind = Literal["rewritten", "retired", "split", "unlisted"]
Changes = Mapping[tuple[str, str], "Change"]  # (table, folded old value) → change


@dataclass(frozen=True, slots=True)
class Change:
    """A line of the file: what a value of one table becomes, and why."""

    table: str
    version: str
    old: str
    new: tuple[str, ...]
    why: str = ""
    why_en: str = ""


@dataclass(frozen=True, slots=True)
class Restated:
    """What a kept value is now: `value` where it is rewritten; `choices` where a person must say."""

    kind: Kind
    value: str
    choices: tuple[str, ...] = ()
    why: str = ""
    why_en: str = ""


def indexed(changes: Sequence[Change]) -> dict[tuple[str, str], Change]:
    return {(one.table, codes.folded(one.old)): one for one in changes}


@cache
def all_changes() -> Changes:
    """The file, by table and old value."""
    rows = tables.table("changes").rows
    return indexed([Change(**{**row, "new": tuple(row["new"])}) for row in rows])


@cache
def tabled() -> tuple[str, ...]:
    """Names of the fields whose values come from a table."""
    return tuple(name for name, entry in fields.dictionary().items() if entry.table)


def restated(field: str, value: str, changes: Changes | None = None) -> Restated | None:
    """What becomes of a value of that field by the tables of today; None where it stays."""
    entry = fields.dictionary().get(field)
    if entry is None or not entry.table or not value:
        return None
    known = all_changes() if changes is None else changes
    step, now = None, value
    for _turn in range(len(known) + 1):  # one change may lead to the next
        found = known.get((entry.table, codes.folded(now)))
        if found is None:
            break
        step = found
        if len(found.new) != 1:
            kind: Kind = "split" if found.new else "retired"
            return Restated(kind, "", found.new, found.why, found.why_en)
        now = found.new[0]
    if entry.type != "code":
        return Restated("rewritten", now, (), step.why, step.why_en) if step else None
    return _in_words_of_the_table(field, value, now, step)


def _in_words_of_the_table(
    field: str, value: str, now: str, step: Change | None
) -> Restated | None:
    kept = values.settled(field, now)
    if kept.certainty != "sure":
        return Restated("unlisted", "")
    if kept.value == value:
        return None
    return Restated(
        "rewritten", kept.value, (), step.why if step else "", step.why_en if step else ""
    )
