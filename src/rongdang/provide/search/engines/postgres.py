"""Full text inside PostgreSQL: GIN over arrays of the same bigrams, phrases re-checked by LIKE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rongdang.provide.search.bigrams import MARKS, phrase_tokens, tokens

TABLE = "search_index"
CREATE = (
    f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, tokens text[] NOT NULL, body text NOT NULL)",
    f"CREATE INDEX {TABLE}_tokens ON {TABLE} USING gin (tokens)",
    f"ALTER TABLE {TABLE} ALTER COLUMN tokens SET STATISTICS 0",
)


def add(row: int, text: str, scope: Sequence[str]) -> None:
    """Index a canonical text under its row number."""
    heads = {f"{character}*" for character in text if character not in MARKS}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE}(id, tokens, body) VALUES (%s, %s, %s)",
            [row, sorted({*tokens(text), *heads, *scope}), text],
        )


def remove(row: int, text: str, scope: Sequence[str]) -> None:
    """Take a row out."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE id = %s", [row])


def where(
    phrases: Sequence[str], scopes: Sequence[Sequence[Sequence[str]]]
) -> tuple[str, list[Any]]:
    """As `fts5.where`."""
    clauses: list[str] = []
    values: list[Any] = []
    for phrase in phrases:
        bigrams, single = phrase_tokens(phrase)
        clauses.append("tokens @> %s::text[]")
        values.append([*bigrams, *(f"{character}*" for character in single)])
        if len(phrase) > 2:
            clauses.append("body LIKE %s")
            values.append(f"%{phrase}%")  # a phrase holds letters, digits, "-" and "^" only
    alternatives = []
    for groups in scopes:
        alternatives.append("(" + " AND ".join("tokens && %s::text[]" for _ in groups) + ")")
        values.extend(list(group) for group in groups)
    clauses.append("(" + " OR ".join(alternatives) + ")")
    return f"SELECT id AS hit FROM {TABLE} WHERE {' AND '.join(clauses)}", values
