"""Full text inside PostgreSQL: GIN over arrays of the same bigrams, phrases re-checked by LIKE.

The words themselves do not stand there: each bigram is kept as a keyed digest, in the array and in
`body`, where they follow one another as in the text. Who owns the database sees which pages share
bigrams and how often each occurs, but reads none (docs/security/keys.md says what that is worth).
"""

from __future__ import annotations

import base64
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db import connection

from rongdang.base.cipher.keyring import BLIND_INDEX
from rongdang.base.cipher.suites import AES
from rongdang.provide.search.bigrams import MARKS, phrase_tokens, tokens

CREATE = (
    "CREATE TABLE {table} (id bigint PRIMARY KEY, tokens text[] NOT NULL, body text NOT NULL)",
    "CREATE INDEX {table}_tokens ON {table} USING gin (tokens)",
    "ALTER TABLE {table} ALTER COLUMN tokens SET STATISTICS 0",
)
WIDTH = 8  # of a digest in the array: 48 bits, so that two of all bigrams hardly ever share one
STEP = 6  # of a digest in the body, where at least two follow one another


def add(table: str, row: int, text: str, scope: Sequence[str]) -> None:
    """Index a canonical text under its row number."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table}(id, tokens, body) VALUES (%s, %s, %s)",
            [row, masked_tokens(text, scope), masked(text)],
        )


def remove(table: str, row: int, text: str, scope: Sequence[str]) -> None:
    """Take a row out."""
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE id = %s", [row])


def rows(table: str) -> set[int]:
    """The numbers of all rows."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id FROM {table}")
        return {row[0] for row in cursor.fetchall()}


def holds(table: str, row: int, text: str, scope: Sequence[str]) -> bool:
    """Does the row hold this text and these narrowings, no more and no less?"""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT tokens, body FROM {table} WHERE id = %s", [row])
        return bool(cursor.fetchone() == (masked_tokens(text, scope), masked(text)))


def tidy(table: str) -> bool:
    """GIN merges what waits by itself, when the table is vacuumed."""
    return False


def where(
    table: str, phrases: Sequence[str], narrow: Sequence[Sequence[str]]
) -> tuple[str, list[Any]]:
    """As `fts5.where`."""
    clauses: list[str] = []
    values: list[Any] = []
    for phrase in phrases:
        bigrams, single = phrase_tokens(phrase)
        clauses.append("tokens @> %s::text[]")
        values.append([digest(token) for token in (*bigrams, *(f"{c}*" for c in single))])
        if len(phrase) > 2:
            clauses.append("body LIKE %s")
            values.append(f"%{masked(phrase)}%")  # base64: no % and no _
    for group in narrow:
        clauses.append("tokens && %s::text[]")
        values.append(list(group))
    return f"SELECT id AS hit FROM {table} WHERE {' AND '.join(clauses)}", values


def masked_tokens(text: str, scope: Sequence[str]) -> list[str]:
    """Digests of bigrams and of first characters; unit, class and year stand as they are."""
    heads = {f"{character}*" for character in text if character not in MARKS}
    return sorted({*map(digest, {*tokens(text), *heads}), *scope})


def masked(text: str) -> str:
    """The digests of every two neighbours in the text, in their order."""
    return "".join(digest(text[at : at + 2])[:STEP] for at in range(len(text) - 1))


@lru_cache(maxsize=200_000)
def digest(token: str) -> str:
    """What stands for a token in the index; the key never changes, for no index could follow."""
    mac = AES.mac(settings.KEYRING.secret(BLIND_INDEX), b"search " + token.encode())
    return base64.b64encode(mac[:6]).decode()
