"""Full text inside PostgreSQL: GIN over arrays of the same bigrams, phrases re-checked by LIKE."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rongdang.provide.search.bigrams import MARKS, phrase_tokens, tokens

CREATE = (
    "CREATE TABLE {table} (id bigint PRIMARY KEY, tokens text[] NOT NULL, body text NOT NULL)",
    "CREATE INDEX {table}_tokens ON {table} USING gin (tokens)",
    "ALTER TABLE {table} ALTER COLUMN tokens SET STATISTICS 0",
)


def add(table: str, row: int, text: str, scope: Sequence[str]) -> None:
    """Index a canonical text under its row number."""
    heads = {f"{character}*" for character in text if character not in MARKS}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}(id, tokens, body) VALUES (%s, %s, %s)",
            [row, sorted({*tokens(text), *heads, *scope}), text],
        )


def remove(table: str, row: int, text: str, scope: Sequence[str]) -> None:
    """Take a row out."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row])


def where(
    table: str, phrases: Sequence[str], narrow: Sequence[Sequence[str]]
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
    for group in narrow:
        clauses.append("tokens && %s::text[]")
        values.append(list(group))
    return f"SELECT id AS hit FROM {table} WHERE {' AND '.join(clauses)}", values
