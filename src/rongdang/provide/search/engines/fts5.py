"""Full text inside SQLite: FTS5 without stored content, in the same database and transaction."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

TABLE = "search_index"
CREATE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(body, scope, content='', detail='full', "
    "tokenize=\"unicode61 remove_diacritics 0 tokenchars '_'\")"
)


def add(row: int, body: str, scope: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE}(rowid, body, scope) VALUES (%s, %s, %s)", [row, body, scope]
        )


def remove(row: int, body: str, scope: str) -> None:
    """Take a row out; a contentless table must be told the very tokens that went in."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE}({TABLE}, rowid, body, scope) VALUES ('delete', %s, %s, %s)",
            [row, body, scope],
        )


def match(
    phrases: Sequence[Sequence[str]],
    scopes: Sequence[Sequence[Sequence[str]]],
    *,
    limit: int,
    before: int | None = None,
) -> list[int]:
    """Rows that hold every phrase and, in one of the `scopes`, one token of each of its groups.

    Newest first, at most `limit`; `before` goes on behind a row already shown.
    """
    if not scopes:
        return []
    expression = " AND ".join([*(_phrase(tokens) for tokens in phrases), _scopes(scopes)])
    sql = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH %s"
    values: list[str | int] = [expression]
    if before is not None:
        sql += " AND rowid < %s"
        values.append(before)
    with connection.cursor() as cursor:
        cursor.execute(f"{sql} ORDER BY rowid DESC LIMIT %s", [*values, limit])
        return [row[0] for row in cursor.fetchall()]


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


def _phrase(tokens: Sequence[str]) -> str:
    if len(tokens) == 1 and len(tokens[0]) == 1:
        return f"body : {_quoted(tokens[0])} *"
    return "body : " + _quoted(" ".join(tokens))


def _scopes(scopes: Sequence[Sequence[Sequence[str]]]) -> str:
    alternatives = [
        "("
        + " AND ".join(
            "(" + " OR ".join(f"scope : {_quoted(t)}" for t in group) + ")" for group in groups
        )
        + ")"
        for groups in scopes
    ]
    return "(" + " OR ".join(alternatives) + ")"
