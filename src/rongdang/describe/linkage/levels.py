"""What a comparison is: the levels of one fact, of which the first that fits holds.

A level stands once with its condition twice, as SQL for the batch and as Python for one pair; a
test compares them. SQL is what DuckDB and Spark both speak, but for WORDS.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from rongdang.describe.linkage.records import Features

Test = Callable[[Features, Features], bool]
WORDS = {
    "duckdb": {"overlap": "list_has_any", "contains": "list_contains"},
    "spark": {"overlap": "arrays_overlap", "contains": "array_contains"},
}


class Level(NamedTuple):
    code: str
    sql: str
    test: Test
    zh: str
    en: str
    frequency: str = ""  # column whose frequency says how much the agreement is worth


class Comparison(NamedTuple):
    name: str
    missing_sql: str
    missing: Test
    levels: tuple[Level, ...]  # the last one holds where no other does

    def level(self, a: Features, b: Features) -> int:
        """Index of the level that holds; -1 where either side says nothing."""
        if self.missing(a, b):
            return -1
        last = len(self.levels) - 1
        return next((i for i in range(last) if self.levels[i].test(a, b)), last)


def always(a: Features, b: Features) -> bool:
    return True


def other(code: str, zh: str, en: str) -> Level:
    return Level(code, "ELSE", always, zh, en)
