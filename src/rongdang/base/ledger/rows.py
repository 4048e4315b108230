"""Rows of the log, as its one writer reads and writes them: one statement a table, no model made.

Every page shown is an entry, so what an entry costs is what every page costs. The same statements
serve both databases.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, models

from rongdang.base.ledger.models import Detail, Entry, Node, node_id

# One writer at a time numbers entries; the number only has to differ from other advisory locks'.
ADVISORY_LOCK = 0x524F4E47
Row = tuple[Any, ...]


def insert_into(model: type[models.Model]) -> str:
    """INSERT for rows whose values stand in the order of the model's fields."""
    columns = [f'"{field.column}"' for field in model._meta.concrete_fields]
    places = ", ".join(["%s"] * len(columns))
    return f'INSERT INTO "{model._meta.db_table}" ({", ".join(columns)}) VALUES ({places})'


ENTRIES, DETAILS, NODES = insert_into(Entry), insert_into(Detail), insert_into(Node)
LAST = f'SELECT "seq", "leaf" FROM "{Entry._meta.db_table}" ORDER BY "seq" DESC LIMIT 1'
LEAVES = f'SELECT "seq", "leaf" FROM "{Entry._meta.db_table}" WHERE "seq" IN ({{}})'
SUBTREES = f'SELECT "id", "hash" FROM "{Node._meta.db_table}" WHERE "id" IN ({{}})'
ENTRY_FIELDS = tuple(field.attname for field in Entry._meta.concrete_fields)


def wait_for_turn(cursor: Any) -> None:
    """PostgreSQL: an advisory lock until commit. SQLite: its transaction is the only writer."""
    if connection.vendor == "postgresql":
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [ADVISORY_LOCK])


def last_entry(cursor: Any) -> tuple[int, bytes]:
    """Number and leaf of the newest entry; (0, b"") while there is none."""
    cursor.execute(LAST)
    seq, leaf = cursor.fetchone() or (0, b"")
    return seq, bytes(leaf)


def hashes(cursor: Any, wanted: Iterable[tuple[int, int]]) -> dict[int, bytes]:
    """Of the subtrees (level, index), by `node_id`; leaves stand in their entries."""
    wanted = list(wanted)
    leaves = [index + 1 for level, index in wanted if not level]
    above = [node_id(level, index) for level, index in wanted if level]
    found = {node_id(0, seq - 1): leaf for seq, leaf in _named(cursor, LEAVES, leaves)}
    return found | dict(_named(cursor, SUBTREES, above))


def _named(cursor: Any, statement: str, keys: list[int]) -> list[tuple[int, bytes]]:
    if not keys:
        return []
    cursor.execute(statement.format(", ".join(["%s"] * len(keys))), keys)
    return [(key, bytes(value)) for key, value in cursor.fetchall()]


def write(cursor: Any, statement: str, rows: Sequence[Row]) -> None:
    if len(rows) == 1:
        cursor.execute(statement, rows[0])
    elif rows:
        cursor.executemany(statement, rows)


def moment(at: datetime) -> Any:
    """A time of day as this database's driver takes it."""
    return connection.ops.adapt_datetimefield_value(at)


def entry_of(at: datetime, row: Row) -> Entry:
    """The model of a row just written."""
    return Entry.from_db(connection.alias, ENTRY_FIELDS, (row[0], at, *row[2:]))
