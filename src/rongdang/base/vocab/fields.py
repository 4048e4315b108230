"""The field dictionary: what is kept of a person, and under which words forms and tables ask for it."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache

from rongdang.base.vocab.tables import table

_BRACKETS = re.compile(r"[（(【\[][^（()）】\]]{0,14}[）)】\]]")
EDGES = "：:；;,，。.、_—-·*|()（）[]【】"


@dataclass(frozen=True, slots=True)
class FieldEntry:
    """One field of the dictionary, as its data file has it.

    `labels` are printed on forms and looked for when a page is read; `also` are names of columns in
    tables and programmes. With type "code" the value is one of the table; with type "text" the table
    gives the usual values a code, and other words may stand as they are.
    """

    name: str
    code: str
    english: str
    group: str
    level: str
    type: str  # text, code, date, place, id
    table: str  # code table
    labels: tuple[str, ...]
    form: str = ""  # what a text must be: phone, card, number, money, account, area
    length: int = 200  # characters at most
    repeats: bool = False  # a person may have several
    meaning: str = ""
    meaning_en: str = ""
    gbt14946: str = ""  # code in GB/T 14946, where known
    dat46: str = ""  # element of DA/T 46, where there is one
    source: str = ""
    confidence: str = ""  # of the mapping and the meaning: H, M or L
    also: tuple[str, ...] = ()


@cache
def dictionary() -> dict[str, FieldEntry]:
    """Name → entry, in the order of the dictionary."""
    return {
        row["name"]: FieldEntry(
            **{**row, "labels": tuple(row["labels"]), "also": tuple(row.get("also", ()))}
        )
        for row in table("fields").rows
    }


def is_known(name: str) -> bool:
    return name in dictionary()


@dataclass(frozen=True, slots=True)
class Group:
    """A group of fields, as the page of the dictionary shows them."""

    code: str
    name: str
    english: str


@cache
def groups() -> dict[Group, tuple[FieldEntry, ...]]:
    """The groups in their order, each with its fields."""
    return {
        group: tuple(entry for entry in dictionary().values() if entry.group == group.code)
        for group in (Group(**row) for row in table("field_groups").rows)
    }


@cache
def _columns() -> dict[str, FieldEntry]:
    """Name, label and other name without blanks → entry; a name before a label of another."""
    found: dict[str, FieldEntry] = {}
    for entry in dictionary().values():
        found.setdefault(entry.name, entry)
    found |= {label: entry for label, entry in by_label().items() if label not in found}
    shared = Counter(entry.gbt14946 for entry in dictionary().values())
    for entry in dictionary().values():
        national = entry.gbt14946 if shared[entry.gbt14946] == 1 else ""
        for word in (*entry.also, entry.code, national):
            found.setdefault("".join(word.split()).upper(), entry)
    return {word: entry for word, entry in found.items() if word}


def of_column(text: str) -> FieldEntry | None:
    """The field that a column of a table means: by name, label of a form, other name or code."""
    core = label_core("".join(text.split()))
    return _columns().get(core) or _columns().get(core.upper())


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
