"""The engine of the database in use; both take the same canonical text and answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.db import connection

from rongdang.provide.search.engines import fts5, postgres

# Two indexes: names stay few and fast to look through, however many pages there are.
PAGES, PEOPLE = "search_pages", "search_people"


class SearchEngine(Protocol):
    """Adds, removes and finds rows of one index; knows neither people nor pages."""

    CREATE: Sequence[str]

    def add(self, table: str, row: int, text: str, scope: Sequence[str]) -> None: ...
    def remove(self, table: str, row: int, text: str, scope: Sequence[str]) -> None: ...
    def rows(self, table: str) -> set[int]: ...
    def holds(self, table: str, row: int, text: str, scope: Sequence[str]) -> bool: ...
    def tidy(self, table: str) -> bool: ...
    def where(
        self, table: str, phrases: Sequence[str], narrow: Sequence[Sequence[str]]
    ) -> tuple[str, list[Any]]: ...


def engine() -> SearchEngine:
    chosen = postgres if connection.vendor == "postgresql" else fts5
    return cast("SearchEngine", chosen)
