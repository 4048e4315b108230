"""One moment of a database in use: its place in the log, and what it says of itself there.

For a fraction of a second no writer may commit: every table is held in SHARE mode. Inside, the place
in the log is read, a snapshot begun, the sealed store looked at; the rest reads from the snapshot.
The wait for the tables ends before the server looks for deadlocks (1 s), so no clerk's work is given up
for a backup: it lets go and tries again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import DatabaseError, OperationalError, connection, connections, transaction
from psycopg import IsolationLevel

from rongdang.keep.backups.copying import object_name
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.snapshot import Facts, facts_of
from rongdang.keep.objects.models import StoredObject

ALIAS = "moment"
WAIT_MS, PAUSE = 300, 0.25
BUSY = "55P03"  # lock_not_available


@dataclass(frozen=True, slots=True)
class Moment:
    lsn: str  # every change before it is in, none after
    after: str  # a place behind it; the log is complete to here once it was received so far
    facts: Facts
    objects: list[str]
    sealed: list[str]


def take(look: Callable[[], list[str]]) -> Moment:
    """Raises BackupError when the tables are never free at once (code “database-busy”)."""
    with _second_connection():
        lsn, sealed = _stand_still(look)
        facts = facts_of(ALIAS)
        live = StoredObject.objects.using(ALIAS).filter(shredded_at=None).order_by("pk")
        names = [object_name(pk) for pk in live.values_list("pk", flat=True).iterator(2000)]
    return Moment(lsn, _write_on(lsn), facts, names, sealed)


def _stand_still(look: Callable[[], list[str]]) -> tuple[str, list[str]]:
    until = time.monotonic() + settings.BACKUP_WAIT_SECONDS
    while True:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                _hold_tables(cursor)
                connections[ALIAS].set_autocommit(False)
                with connections[ALIAS].cursor() as reader:
                    reader.execute("SELECT count(*) FROM django_migrations")  # the snapshot begins
                cursor.execute("SELECT pg_current_wal_insert_lsn()")
                return cursor.fetchone()[0], look()
        except OperationalError as error:
            if getattr(error.__cause__, "sqlstate", "") != BUSY:
                raise
            if time.monotonic() > until:
                raise _busy() from error
            time.sleep(PAUSE)


def _busy() -> BackupError:
    return BackupError(
        "数据库一直有人在写，没有等到一个可以记下的时刻；没有备份。",
        "The database was never still for a moment; nothing was backed up.",
        hint_zh="请看有没有卡住的长事务（pg_stat_activity），过一会儿再备份。",
        hint_en="Look for a transaction that never ends (pg_stat_activity), then back up again.",
        code="database-busy",
    )


def _hold_tables(cursor: Any) -> None:
    tables = sorted(connection.introspection.table_names(cursor))
    listed = ", ".join(connection.ops.quote_name(table) for table in tables)
    cursor.execute(f"SET LOCAL lock_timeout = {WAIT_MS}")
    cursor.execute(f"LOCK TABLE {listed} IN SHARE MODE")


def _write_on(lsn: str) -> str:
    """Replay stops in front of the first record behind the moment: there must be one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_logical_emit_message(true, 'rongdang', %s)", [lsn])
        after: str = cursor.fetchone()[0]
    return after


@contextmanager
def _second_connection() -> Iterator[None]:
    row = {**connection.settings_dict, "CONN_MAX_AGE": 0}
    row["OPTIONS"] = {**row["OPTIONS"], "isolation_level": IsolationLevel.REPEATABLE_READ}
    connections.settings[ALIAS] = row
    try:
        yield
    finally:
        with suppress(DatabaseError):
            connections[ALIAS].close()
        del connections[ALIAS]
        del connections.settings[ALIAS]
