"""Full text inside SQLite: FTS5 without stored content, in the same database and transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rongdang.provide.search.bigrams import phrase_tokens, tokens

TABLE = "search_index"
# The ascii tokenizer takes every character beyond ASCII for a letter: SQLite's own Unicode tables
# are of 2012 and would drop rare characters of names that came later.
CREATE = (
    f"CREATE VIRTUAL TABLE {TABLE} USING fts5(body, scope, content='', detail='full', "
    "tokenize=\"ascii tokenchars '_-^'\")"
)


def add(row: int, text: str, scope: Sequence[str]) -> None:
    """Index a canonical text under its row number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE}(rowid, body, scope) VALUES (%s, %s, %s)",
            [row, " ".join(tokens(text)), " ".join(scope)],
        )


def remove(row: int, text: str, scope: Sequence[str]) -> None:
    """Take a row out; a contentless table must be told the very tokens that went in."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {TABLE}({TABLE}, rowid, body, scope) VALUES ('delete', %s, %s, %s)",
            [row, " ".join(tokens(text)), " ".join(scope)],
        )


def where(
    phrases: Sequence[str], scopes: Sequence[Sequence[Sequence[str]]]
) -> tuple[str, list[Any]]:
    """SELECT of the numbers `hit` that hold every phrase and fit one of `scopes`, and its values."""
    expression = " AND ".join([*(_phrase(phrase) for phrase in phrases), _scopes(scopes)])
    return f"SELECT rowid AS hit FROM {TABLE} WHERE {TABLE} MATCH %s", [expression]


def _phrase(phrase: str) -> str:
    bigrams, single = phrase_tokens(phrase)
    words = " ".join([*bigrams, *filter(None, [single])])
    return f"body : {_quoted(words)}" + (" *" if single else "")


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'


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
