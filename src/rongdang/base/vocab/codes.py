"""Code tables: one look-up for all of them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.tables import table


@dataclass(frozen=True, slots=True)
class Code:
    """One value of a table."""

    code: str
    name: str


@cache
def _names(name: str) -> dict[str, Code]:
    found: dict[str, Code] = {}
    for row in table(f"code_{name}").rows:
        code = Code(row["code"], row["name"])
        for word in (row["name"], *row.get("also", ())):
            found.setdefault(word, code)
    return found


def lookup(name: str, word: str) -> Code | None:
    """The value of table `name` written as `word`; 民族 may lack its 族."""
    known = _names(name)
    cleaned = "".join(word.split())
    return known.get(cleaned) or (known.get(f"{cleaned}族") if name == "ethnic" else None)


def words(name: str) -> tuple[str, ...]:
    """Every way a value of the table is written, longest first."""
    known = _names(name)
    bare = [word[:-1] for word in known if name == "ethnic"]
    return tuple(sorted({*known, *bare}, key=len, reverse=True))
