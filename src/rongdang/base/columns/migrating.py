"""For migrations: a column that was plain becomes an encrypted one, with what stands in it."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.db import connection, transaction
from django.db.migrations import RunPython

from rongdang.base.columns.rewriting import decrypt_existing, encrypt_existing


def encrypting(app: str, model: str, *names: str) -> RunPython:
    """After the AlterField operations of these fields; backwards it opens them before those.

    May be cut off and run again.
    """

    def forward(apps: Any, schema_editor: Any) -> None:
        found = apps.get_model(app, model)
        sealed = sum(encrypt_existing(found, name) for name in names)
        settle(schema_editor)
        if sealed and connection.vendor == "postgresql":
            transaction.on_commit(partial(_write_anew, found._meta.db_table), robust=True)

    def backward(apps: Any, schema_editor: Any) -> None:
        for name in names:
            decrypt_existing(apps.get_model(app, model), name)
        settle(schema_editor)

    return RunPython(forward, backward)


def settle(schema_editor: Any) -> None:
    """Check references of rows that were written twice now, not at the commit: until then PostgreSQL
    alters no such table and makes no index of it.
    """
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        schema_editor.execute("SET CONSTRAINTS ALL DEFERRED")


def _write_anew(table: str) -> None:
    """Rows as they were before lie on in the pages of the table until it is written anew as a whole."""
    with connection.cursor() as cursor:
        cursor.execute(f'VACUUM FULL "{table}"')
