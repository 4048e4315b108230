"""Full text inside PostgreSQL: GIN over arrays of the same bigrams, phrases re-checked by LIKE."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

TABLE = "search_index"
CREATE = (
    f"CREATE TABLE {TABLE} (id bigint PRIMARY KEY, tokens text[] NOT NULL, runs text NOT NULL)",
    f"CREATE INDEX {TABLE}_tokens ON {TABLE} USING gin (tokens)",
    f"ALTER TABLE {TABLE} ALTER COLUMN tokens SET STATISTICS 0",
)


def add(row: int, body: str, scope: str) -> None:
    words = body.split()
    heads = {word[0] + "*" for word in words}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE}(id, tokens, runs) VALUES (%s, %s, %s)",
            [row, sorted({*words, *heads, *scope.split()}), f" {body} "],
        )


def remove(row: int, body: str, scope: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {TABLE} WHERE id = %s", [row])


def match(
    phrases: Sequence[Sequence[str]],
    scopes: Sequence[Sequence[Sequence[str]]],
    *,
    limit: int,
    before: int | None = None,
) -> list[int]:
    """As `fts5.match`: rows newest first."""
    if not scopes:
        return []
    clauses: list[str] = []
    values: list[str | int | list[str]] = []
    for tokens in phrases:
        single = len(tokens) == 1 and len(tokens[0]) == 1
        clauses.append("tokens @> %s::text[]")
        values.append([f"{tokens[0]}*"] if single else list(tokens))
        if len(tokens) > 1:
            clauses.append("runs LIKE %s")
            values.append(f"% {' '.join(tokens)} %".replace("_", "\\_"))
    alternatives = []
    for groups in scopes:
        alternatives.append("(" + " AND ".join("tokens && %s::text[]" for _ in groups) + ")")
        values.extend(list(group) for group in groups)
    clauses.append("(" + " OR ".join(alternatives) + ")")
    if before is not None:
        clauses.append("id < %s")
        values.append(before)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT id FROM {TABLE} WHERE {' AND '.join(clauses)} ORDER BY id DESC LIMIT %s",
            [*values, limit],
        )
        return [row[0] for row in cursor.fetchall()]
