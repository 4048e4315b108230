"""The engine of the database in use; both take the same bigrams and answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, cast

from django.db import connection

from rongdang.provide.search.engines import fts5, postgres


class SearchEngine(Protocol):
    """Add, remove and match rows by tokens; knows neither people nor pages."""

    def add(self, row: int, body: str, scope: str) -> None: ...
    def remove(self, row: int, body: str, scope: str) -> None: ...
    def match(
        self,
        phrases: Sequence[Sequence[str]],
        scopes: Sequence[Sequence[Sequence[str]]],
        *,
        limit: int,
        before: int | None = None,
    ) -> list[int]: ...


def engine() -> SearchEngine:
    chosen = postgres if connection.vendor == "postgresql" else fts5
    return cast("SearchEngine", chosen)
