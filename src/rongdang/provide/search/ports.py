"""The engine of the database in use; both take the same canonical text and answer alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol, cast

from django.db import connection

from rongdang.provide.search.engines import fts5, postgres

Scopes = Sequence[Sequence[Sequence[str]]]  # one of: all of: any of these tokens


class SearchEngine(Protocol):
    """Adds, removes and finds rows; knows neither people nor pages."""

    def add(self, row: int, text: str, scope: Sequence[str]) -> None: ...
    def remove(self, row: int, text: str, scope: Sequence[str]) -> None: ...
    def where(self, phrases: Sequence[str], scopes: Scopes) -> tuple[str, list[Any]]: ...


def engine() -> SearchEngine:
    chosen = postgres if connection.vendor == "postgresql" else fts5
    return cast("SearchEngine", chosen)


def match(
    phrases: Sequence[str], scopes: Scopes, *, limit: int, before: int | None = None
) -> list[int]:
    """Rows that hold every phrase and, in one of the `scopes`, one token of each of its groups.

    Newest first, at most `limit`; `before` goes on behind a row already shown.
    """
    if not phrases or not scopes:
        return []
    found, values = engine().where(phrases, scopes)
    # Materialised on PostgreSQL, which would otherwise walk the whole table in order of number.
    sql = f"SELECT hit FROM ({found}) AS found"
    if connection.vendor == "postgresql":
        sql = f"WITH found AS MATERIALIZED ({found}) SELECT hit FROM found"
    if before is not None:
        sql += " WHERE hit < %s"
        values.append(before)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY hit DESC LIMIT %s", [*values, limit])
        return [row for (row,) in cursor.fetchall()]


def tally(
    phrases: Sequence[str], scopes: Scopes, columns: Sequence[str], *, table: str, limit: int
) -> tuple[int, dict[str, dict[str, int]]]:
    """How many rows `match` would give, up to `limit`; and of them, column → value → how many.

    `columns` are those of `table`, whose key is the row number.
    """
    if not phrases or not scopes:
        return 0, {column: {} for column in columns}
    found, values = engine().where(phrases, scopes)
    counted = " UNION ALL ".join(
        f"SELECT '{column}', {column}, count(*) FROM kept GROUP BY {column}" for column in columns
    )
    sql = (
        f"WITH found AS MATERIALIZED ({found} ORDER BY hit DESC LIMIT %s), kept AS MATERIALIZED "
        f"(SELECT {', '.join(columns)} FROM found JOIN {table} ON {table}.id = found.hit) "
        f"SELECT '', '', count(*) FROM found UNION ALL {counted}"
    )
    total, counts = 0, {column: dict[str, int]() for column in columns}
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, limit])
        for column, value, count in cursor.fetchall():
            if column:
                counts[column][value] = count
            else:
                total = count
    return total, counts
