"""A consistent copy of the database while the house writes on, and what such a copy says.

Between the look at the sealed store and the begin of the copy no write may fall: a sealing moves
its files into place inside its transaction, so the two agree to the last version.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from django.db import connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from rongdang.base.durable import storage_error
from rongdang.base.ledger import merkle
from rongdang.base.ledger.models import Entry, Node, node_id
from rongdang.keep.backups.ports import BackupError

PAGES = 4096  # of the database in one step of the copy
Seen = TypeVar("Seen")


@dataclass(frozen=True, slots=True)
class Facts:
    """What a database says of itself; a restored one must say the same."""

    counts: dict[str, int]  # rows by table
    ledger_size: int
    ledger_root: str


def copy_database(goal: Path, look: Callable[[], Seen]) -> Seen:
    """Copy the SQLite database into `goal`, encrypted as it is; `look` sees the same moment."""
    reader = connection.copy()
    try:
        with transaction.atomic():  # holds the one place of a writer
            seen = look()
            reader.ensure_connection()
            source = _raw(reader)
            source.execute("BEGIN")
            source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        _write_copy(reader, source, goal)
        source.execute("ROLLBACK")
    finally:
        reader.close()
    return seen


def _raw(wrapper: BaseDatabaseWrapper) -> Any:
    """The driver's own connection: it alone has the backup interface."""
    return wrapper.connection


def _write_copy(reader: Any, source: Any, goal: Path) -> None:
    """A fresh file under the same key; raises StorageError, and leaves none."""
    with contextlib.suppress(FileNotFoundError):
        goal.unlink()
    key = reader.settings_dict["OPTIONS"].get("key", "")
    try:
        driver = reader.Database
        written = driver.connect(str(goal), isolation_level=None)
        try:
            if key and not reader.is_in_memory_db():
                text = key() if callable(key) else key
                written.execute(f"PRAGMA key = \"x'{text}'\"")
            source.backup(written, pages=PAGES)
            written.execute("PRAGMA journal_mode=DELETE")
        finally:
            written.close()
    except reader.Database.Error as error:
        goal.unlink(missing_ok=True)
        raise _no_copy(str(error)) from error
    except OSError as error:
        goal.unlink(missing_ok=True)
        raise storage_error(error) from error


@contextmanager
def opened(path: Path, *, encrypted: bool) -> Iterator[str]:
    """An alias under which Django reads another database file; raises BackupError if it cannot."""
    alias = f"copy-{path.parent.name}"
    options = {
        key: value
        for key, value in connection.settings_dict["OPTIONS"].items()
        if key != "init_command"
    }
    row = {**connection.settings_dict, "NAME": str(path), "OPTIONS": options, "CONN_MAX_AGE": 0}
    row["ENGINE"] = "rongdang.base.sqlcipher" if encrypted else "django.db.backends.sqlite3"
    if not encrypted:
        options.pop("key", None)
    connections.settings[alias] = row
    try:
        with _words(path):
            connections[alias].ensure_connection()
            yield alias
    finally:
        connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


@contextmanager
def _words(path: Path) -> Iterator[None]:
    from django.db import DatabaseError

    try:
        yield
    except DatabaseError as error:
        raise BackupError(
            f"数据库副本 {path.name} 打不开：密钥不是它的，或文件坏了。",
            f"The copy {path.name} does not open: its key is another, or it is damaged.",
            hint_zh="请安全保密员把这份备份那时的密钥目录放好，再试。",
            hint_en="Put the key folder of the time of this backup in place, then try again.",
            code="database-copy",
        ) from error


def facts_of(alias: str) -> Facts:
    """Rows by table, size and root of the ledger as its tree says."""
    wrapper = connections[alias]
    with wrapper.cursor() as cursor:
        counts = {}
        for table in sorted(wrapper.introspection.table_names(cursor)):
            cursor.execute(f"SELECT count(*) FROM {wrapper.ops.quote_name(table)}")
            counts[table] = cursor.fetchone()[0]
    last = Entry.objects.using(alias).order_by("-seq").values_list("seq", flat=True).first() or 0
    return Facts(counts, last, merkle.root(last, lambda *place: _node(alias, *place)).hex())


def recomputed_root(alias: str) -> tuple[int, str]:
    """Size and root of the ledger computed anew from every entry's words."""
    frontier = merkle.Frontier()
    rows = Entry.objects.using(alias).order_by("seq").values_list("body", flat=True)
    for body in rows.iterator(chunk_size=2000):
        for _ in frontier.append(merkle.leaf_hash(bytes(body))):
            pass
    return frontier.size, frontier.root().hex()


def _node(alias: str, level: int, index: int) -> bytes:
    if level:
        held = Node.objects.using(alias).values_list("hash", flat=True)
        return bytes(held.get(pk=node_id(level, index)))
    return bytes(Entry.objects.using(alias).values_list("leaf", flat=True).get(pk=index + 1))


def _no_copy(said: str) -> BackupError:
    full = "full" in said or "I/O" in said
    return BackupError(
        "磁盘满了，数据库没有复制成；库本身没有动。"
        if full
        else f"数据库没有复制成（{said}）；库本身没有动。",
        f"The database could not be copied ({said}); the database itself was not touched.",
        hint_zh="请腾出空间，再备份一次。",
        hint_en="Free some space and back up again.",
        code="disk-full" if full else "database-copy",
    )
