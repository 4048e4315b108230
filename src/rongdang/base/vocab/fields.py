"""The field dictionary: what is kept of a person, and under which words forms ask for it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from rongdang.base.vocab.tables import table

_BRACKETS = re.compile(r"[（(【\[][^（()）】\]]{0,14}[）)】\]]")
EDGES = "：:；;,，。.、_—-·*|()（）[]【】"


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


def label_core(text: str) -> str:
    """A label without brackets, its number and edge marks: （一）姓名： → 姓名."""
    core = _BRACKETS.sub("", text).strip(EDGES)
    return re.sub(r"^[一二三四五六七八九十\d]{1,2}[、.．]", "", core).strip(EDGES)


@lru_cache(maxsize=4096)
def find_label(text: str) -> tuple[FieldEntry, int] | None:
    """The field whose label the whole text is, brackets and edge marks aside; one misread forgiven."""
    core = label_core(text)
    if not core or len(core) > 16:
        return None
    entry = by_label().get(core)
    if entry:
        return entry, 0
    near = near_label(core)
    return (near, 1) if near else None


def near_label(core: str) -> FieldEntry | None:
    """The one field a label with one other, missing or extra character belongs to."""
    if len(core) < 3:
        return None
    known = _masked()
    found = {entry.name: entry for mask in _masks(core) for entry in known.get(mask, ())}
    return next(iter(found.values())) if len(found) == 1 else None


def _masks(text: str) -> Iterator[str]:
    """The text with each character in turn blotted out; longer ones also with it missing."""
    for at in range(len(text)):
        yield f"{text[:at]}?{text[at + 1 :]}"
        if len(text) > 4:
            yield f"{text[:at]}{text[at + 1 :]}"
    if len(text) >= 4:
        yield text


@cache
def _masked() -> dict[str, tuple[FieldEntry, ...]]:
    found: dict[str, set[FieldEntry]] = defaultdict(set)
    for label, entry in by_label().items():
        if len(label) >= 3:
            for mask in _masks(label):
                found[mask].add(entry)
    return {mask: tuple(entries) for mask, entries in found.items()}
