"""Code tables: what a word on a form, in an old table or in a programme stands for.

`lookup` and `words` know the words that forms print and people write into them: reading a page goes
by these. `find` knows besides the codes themselves, the names of the standards and what databases
write (M, 01, 党员（正式）), and says how sure it is.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from rongdang.base.vocab.tables import Table, names, table

PREFIX = "code_"
CLUES = "（(【["  # what follows explains and is no part of the word
TAILS = re.compile(r"(?:[职级等类别族]|学历|毕业|干部|人员)+$")
OWN = frozenset("code name english official also typed read valid confidence note".split())

Certainty = Literal["sure", "approximate", "doubtful"]  # as of `dates.PartialDate`
How = Literal["name", "alias", "code", "part", "near"]


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a table.

    `also`: words of forms; `typed`: what else tables and programmes write; `valid`: years or dates
    from and to, "" for still, () for always; `more`: what only this table says (the ranks of a post).
    """

    code: str
    name: str
    english: str = ""
    official: str = ""  # the name in the standard, where files write another
    also: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    read: bool = True  # a word of forms: reading looks for it
    valid: tuple[tuple[str, str], ...] = ()
    confidence: str = ""  # H, M or L; "" as the table
    note: str = ""
    more: Mapping[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @property
    def words(self) -> tuple[str, ...]:
        """Every way it is written but its code."""
        official = (self.official,) if self.official else ()
        return (self.name, *official, *self.also, *self.typed)

    def stood(self, year: int) -> bool:
        """Whether the value was in use in that year; always, where the table gives no dates."""
        return not self.valid or any(
            int(first[:4] or 0) <= year <= int(last[:4] or 9999) for first, last in self.valid
        )


@dataclass(frozen=True, slots=True)
class Found:
    """What a text stands for: sure where it is one of the ways the value is written."""

    code: Code
    certainty: Certainty
    how: How
    original: str


@cache
def all_tables() -> tuple[str, ...]:
    """Names of all code tables, 2260 aside, which is `areas`."""
    return tuple(one.removeprefix(PREFIX) for one in names() if one.startswith(PREFIX))


def about(name: str) -> Table:
    """Title, version, standard, source, confidence: the head of a table."""
    return table(f"{PREFIX}{name}")


@cache
def entries(name: str) -> tuple[Code, ...]:
    """All values of a table, in its order."""
    return tuple(_code(row) for row in about(name).rows)


def _code(row: Mapping[str, Any]) -> Code:
    own: dict[str, Any] = {key: _tuples(value) for key, value in row.items() if key in OWN}
    return Code(**own, more={key: value for key, value in row.items() if key not in OWN})


def _tuples(value: Any) -> Any:
    return tuple(_tuples(one) for one in value) if isinstance(value, list) else value


@cache
def by_code(name: str) -> dict[str, Code]:
    return {entry.code: entry for entry in entries(name)}


@cache
def _names(name: str) -> dict[str, Code]:
    found: dict[str, Code] = {}
    for code in entries(name):
        for word in (code.name, *code.also) if code.read else ():
            found.setdefault(word, code)
    return found


def lookup(name: str, word: str) -> Code | None:
    """The value of table `name` that forms write as `word`; 民族 may lack its 族."""
    known = _names(name)
    cleaned = "".join(word.split())
    return known.get(cleaned) or (known.get(f"{cleaned}族") if name == "ethnic" else None)


@cache
def words(name: str) -> tuple[str, ...]:
    """Every way a value of the table is written on forms, longest first."""
    known = _names(name)
    bare = [word[:-1] for word in known if name == "ethnic"]
    return tuple(sorted({*known, *bare}, key=lambda word: (-len(word), word)))


def folded(text: str) -> str:
    """Half-width, upper case, no blanks: in this form words are compared."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


@cache
def _writings(name: str) -> dict[str, tuple[Code, How]]:
    """Every writing of every value; words before codes, so that no code hides a word."""
    found: dict[str, tuple[Code, How]] = {}
    for code in entries(name):
        found.setdefault(folded(code.name), (code, "name"))
        if code.official:
            found.setdefault(folded(code.official), (code, "name"))
    for code in entries(name):
        for word in (*code.also, *code.typed):
            found.setdefault(folded(word), (code, "alias"))
    for code in entries(name):
        found.setdefault(folded(code.code), (code, "code"))
        if code.code.isdecimal() and about(name).head.get("zeros") != "kept":
            found.setdefault(code.code.lstrip("0") or "0", (code, "code"))  # as Excel leaves 01
    return found


def writings(name: str) -> Mapping[str, tuple[Code, How]]:
    """Folded writing → value: what values of a column may be compared with at one go."""
    return _writings(name)


@cache
def _inner(name: str) -> tuple[tuple[str, Code], ...]:
    """Words long enough to be looked for inside others, longest first."""
    known = _writings(name)
    long = ((word, code) for word, (code, how) in known.items() if how != "code" and len(word) > 1)
    return tuple(sorted(long, key=lambda one: (-len(one[0]), one[0])))


def find(name: str, text: str, year: int | None = None) -> Found | None:
    """The value of table `name` that `text` stands for, by code, name or another writing.

    Sure when it is written so; doubtful when it only holds the word, differs in one character, or
    was not in use in `year`. None when it may be several values or none: nothing is guessed.
    """
    written = folded(text)
    if not written:
        return None
    known = _writings(name).get(written)
    certainty: Certainty = "sure"
    if known is None:
        known, certainty = _nearly(name, written), "doubtful"
    if known is None:
        return None
    code, how = known
    if year is not None and not code.stood(year):
        certainty = "doubtful"
    return Found(code, certainty, how, text)


def _nearly(name: str, written: str) -> tuple[Code, How] | None:
    known = _writings(name)
    core = re.split(f"[{CLUES}]", written, maxsplit=1)[0]
    for shorter in (core, TAILS.sub("", core), f"{core}族" if name == "ethnic" else core):
        if shorter and shorter in known and known[shorter][1] != "code":
            return known[shorter][0], "part"
    held = dict.fromkeys(_held(name, written))
    if held:  # two values named: which is meant, a person must say
        return (next(iter(held)), "part") if len({one.code for one in held}) == 1 else None
    near = {code.code: code for word, code in _inner(name) if _one_apart(word, written)}
    return (next(iter(near.values())), "near") if len(near) == 1 else None


def _held(name: str, written: str) -> Iterator[Code]:
    """The values whose words stand in the text; 预备党员 does not name 党员 again."""
    left = written
    for word, code in _inner(name):
        if word in left:
            left = left.replace(word, "|")
            yield code


def _one_apart(word: str, written: str) -> bool:
    """Of three characters or more, all but one are the same."""
    if len(word) != len(written) or len(word) <= 2:
        return False
    return sum(a != b for a, b in zip(word, written, strict=True)) == 1
