"""Classes of a personnel file: the schemes of 2018 and 2012, and how one maps to the other."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from rongdang.base.errors import DomainError
from rongdang.base.vocab.tables import table

NUMERALS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Category:
    """A class or sub-class; `code` is Arabic, e.g. "9-2"."""

    code: str
    name: str
    english: str
    level: str  # 基本, 家庭, 健康, 奖惩, 内部
    sort: str  # by time, by matter, by importance

    @property
    def top(self) -> str:
        return self.code.split("-")[0]

    @property
    def numeral(self) -> str:
        return numeral(self.code)

    @property
    def takes_items(self) -> bool:
        """Classes 4 and 9 hold only their sub-classes."""
        return self.code not in ("4", "9")


@dataclass(frozen=True, slots=True)
class Scheme:
    """One edition of the ten classes, in their order."""

    version: str
    source: str
    entries: tuple[Category, ...]

    def entry(self, code: str) -> Category:
        """The class of that code, however it is written; raises DomainError for none."""
        wanted = parse_code(code)
        for entry in self.entries:
            if entry.code == wanted:
                return entry
        raise unknown(code)


def unknown(code: str) -> DomainError:
    return DomainError(
        f"没有“{code}”这个类号，没有改动。",
        f"There is no class “{code}”; nothing was changed.",
        hint_zh="类号是一至十，四、九类分小类，如 4-1、9-2。",
        hint_en="Classes are 1 to 10; 4 and 9 have sub-classes, such as 4-1 and 9-2.",
        code="no-category",
        status=422,
    )


@cache
def scheme(version: str) -> Scheme:
    """The scheme "2018" or "2012"."""
    if version not in ("2018", "2012"):
        raise unknown(version)
    data = table(f"scheme_{version}")
    return Scheme(data.version, data.source, tuple(Category(**row) for row in data.rows))


def parse_code(text: str) -> str:
    """Canonical code of a class written as 四, 四-1, 4－1, 04-01, 第四类 …; DomainError if none."""
    cleaned = unicodedata.normalize("NFKC", text).strip().removeprefix("第").removesuffix("类")
    match = re.fullmatch(
        r"0*(10|[1-9]|[一二三四五六七八九十])(?:\s*[-—–.、]\s*0*([1-9]|[一二三四]))?", cleaned
    )
    if not match:
        raise unknown(text)
    top = str(NUMERALS.index(match[1]) + 1) if match[1] in NUMERALS else match[1]
    if not match[2]:
        return top
    sub = str(NUMERALS.index(match[2]) + 1) if match[2] in NUMERALS else match[2]
    if top not in ("4", "9") or sub not in "1234":
        raise unknown(text)
    return f"{top}-{sub}"


def numeral(code: str) -> str:
    """As printed on a catalogue: "9-2" → "九-2"."""
    top, dash, sub = parse_code(code).partition("-")
    return NUMERALS[int(top) - 1] + dash + sub


def map_code(code: str, *, source: str, target: str, title: str = "") -> str:
    """The class of the other edition; the title decides where one class was split."""
    canonical = parse_code(code)
    if source == target:
        return canonical
    found = canonical
    for row in table("scheme_mapping").rows:
        if row["from"] == source and row["to"] == target and row["code"] == canonical:
            if row.get("title") and row["title"] not in title:
                continue
            found = row["as"]
    return found
