"""Full text inside SQLite: FTS5 without stored content, in the same database and transaction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from rongdang.provide.search.bigrams import phrase_tokens, tokens

# The ascii tokenizer takes every character beyond ASCII for a letter: SQLite's own Unicode tables
# are of 2012 and would drop rare characters of names that came later.
TOKENIZER = "ascii tokenchars '_-^'"
COLUMNS = f"body, scope, content='', detail='full', tokenize=\"{TOKENIZER}\""
PIECES = 2  # of one size: from here they are merged
STEP = 200  # database pages written in one step, some 30 ms
CREATE = (f"CREATE VIRTUAL TABLE {{table}} USING fts5({COLUMNS})",)


def add(table: str, row: int, text: str, scope: Sequence[str]) -> None:
    """Index a canonical text under its row number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}(rowid, body, scope) VALUES (%s, %s, %s)",
            [row, " ".join(tokens(text)), " ".join(scope)],
        )


def remove(table: str, row: int, text: str, scope: Sequence[str]) -> None:
    """Take a row out; a contentless table must be told the very tokens that went in."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}({table}, rowid, body, scope) VALUES ('delete', %s, %s, %s)",
            [row, " ".join(tokens(text)), " ".join(scope)],
        )


def rows(table: str) -> set[int]:
    """The numbers of all rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT rowid FROM {table}")
        return {row[0] for row in cursor.fetchall()}


def holds(table: str, row: int, text: str, scope: Sequence[str]) -> bool:
    """Does the row hold this text, in its order and to its length, and these narrowings?

    A contentless table tells none of its words: it is asked for all of them at once.
    """
    body = tokens(text)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT sz FROM {table}_docsize WHERE id = %s", [row])
        found = cursor.fetchone()
        if found is None or _varints(bytes(found[0])) != [len(body), len(scope)]:
            return False
        asked = [f"body : {_quoted(' '.join(body))}"] if body else []
        asked += [f"scope : {_quoted(token)}" for token in scope]
        cursor.execute(
            f"SELECT 1 FROM {table} WHERE {table} MATCH %s AND rowid = %s",
            [" AND ".join(asked), row],
        )
        return cursor.fetchone() is not None


def _varints(data: bytes) -> list[int]:
    """SQLite's numbers of variable length, seven bits a byte."""
    numbers, number = [], 0
    for byte in data:
        number = number << 7 | byte & 0x7F
        if byte < 0x80:
            numbers.append(number)
            number = 0
    return numbers


def tidy(table: str) -> bool:
    """One short step of merging the pieces an index grew in; False when nothing is left to merge.

    Each question looks into every piece: a house filled in a day had thirteen, and half the pages
    of the database that a search read were of them.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT v FROM {table}_config WHERE k = 'usermerge'")
        if cursor.fetchone() != (PIECES,):
            cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('usermerge', {PIECES})")
        before = _changes(cursor)
        cursor.execute(f"INSERT INTO {table}({table}, rank) VALUES ('merge', {STEP})")
        return _changes(cursor) - before > 1  # the command itself is one


def _changes(cursor: Any) -> int:
    cursor.execute("SELECT total_changes()")
    return int(cursor.fetchone()[0])


def where(
    table: str, phrases: Sequence[str], narrow: Sequence[Sequence[str]]
) -> tuple[str, list[Any]]:
    """SELECT of the row numbers `hit` that hold every phrase and one token of each group."""
    wanted = [_phrase(phrase) for phrase in phrases]
    wanted += ["(" + " OR ".join(f"scope : {_quoted(t)}" for t in group) + ")" for group in narrow]
    return f"SELECT rowid AS hit FROM {table} WHERE {table} MATCH %s", [" AND ".join(wanted)]


def _phrase(phrase: str) -> str:
    bigrams, single = phrase_tokens(phrase)
    words = " ".join([*bigrams, *filter(None, [single])])
    return f"body : {_quoted(words)}" + (" *" if single else "")


def _quoted(token: str) -> str:
    return '"' + token.replace('"', '""') + '"'
