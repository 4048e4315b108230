"""The database wrapper. OPTIONS["key"]: 64 hex digits, or a function that gives them.

A raw key from the key ring skips SQLCipher's passphrase stretching (85 ms a connection). In-memory
databases never touch a disk and get no key.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import decimal
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from itertools import chain
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.backends.sqlite3 import base as plain
from django.db.backends.sqlite3._functions import (  # type: ignore[import-untyped]  # no stubs
    register as register_functions,
)
from django.utils.asyncio import async_unsafe
from django.utils.dateparse import parse_date, parse_datetime, parse_time

try:
    from sqlcipher3 import dbapi2 as driver
except ImportError as error:
    raise ImproperlyConfigured(
        "本机没有 SQLCipher，数据库不能加密；没有打开数据库。安装 sqlcipher3-wheels，"
        "或设 RONGDANG_DATABASE_ENCRYPTED=no 并改用整盘加密。 / SQLCipher is not installed here, so "
        "the database cannot be encrypted; install sqlcipher3-wheels, or set "
        "RONGDANG_DATABASE_ENCRYPTED=no and encrypt the disk."
    ) from error


HEX_DIGITS = set("0123456789abcdef")


def _from_text(read: Callable[[str], Any]) -> Callable[[bytes], Any]:
    return lambda value: read(value.decode())


driver.register_converter("bool", b"1".__eq__)
driver.register_converter("date", _from_text(parse_date))
driver.register_converter("time", _from_text(parse_time))
driver.register_converter("datetime", _from_text(parse_datetime))
driver.register_converter("timestamp", _from_text(parse_datetime))
driver.register_adapter(decimal.Decimal, str)
driver.register_adapter(dt.date, plain.adapt_date)
driver.register_adapter(dt.datetime, plain.adapt_datetime)


class DatabaseWrapper(plain.DatabaseWrapper):
    """Differs from Django's only in the driver and in the key."""

    Database = driver
    init_commands: list[str]

    def get_connection_params(self) -> dict[str, Any]:
        params: dict[str, Any] = super().get_connection_params()
        key = params.pop("key", "")
        text = key() if callable(key) else key
        if self.is_in_memory_db():
            text = ""
        elif len(text) != 64 or not set(text) <= HEX_DIGITS:
            raise ImproperlyConfigured('OPTIONS["key"] must be 64 hex digits from the key ring.')
        return {**params, "key": text}

    @async_unsafe
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        params = dict(conn_params)
        key = params.pop("key")
        connection = driver.connect(**params)
        try:
            if key:
                connection.execute(f"PRAGMA key = \"x'{key}'\"")
            _probe(connection)
            register_functions(connection)
            connection.execute("PRAGMA foreign_keys = ON")
            connection.execute("PRAGMA legacy_alter_table = OFF")
            for command in filter(None, map(str.strip, self.init_commands)):
                connection.execute(command)
        except BaseException:
            connection.close()
            raise
        return connection

    def create_cursor(self, name: str | None = None) -> Any:
        return self.connection.cursor(factory=CursorWrapper)


def _probe(connection: Any) -> None:
    """A wrong key shows only at the first read: make that read here, and say what it means."""
    try:
        connection.execute("SELECT count(*) FROM sqlite_master")
    except driver.DatabaseError as error:
        if "not a database" not in str(error):
            raise
        raise driver.DatabaseError(
            "数据库打不开：密钥不是它的密钥，或文件没有加密。数据没有改动。请核对密钥目录。 / "
            "The database does not open: the key is not its own, or the file is not encrypted. "
            "Nothing was changed; check the key folder. (file is not a database)"
        ) from error


class CursorWrapper(driver.Cursor):
    """Django's placeholders (%s, %(name)s) into SQLite's, as in Django's own wrapper."""

    def execute(self, query: str, params: Any = None) -> Any:
        if params is None:
            return super().execute(query)
        if isinstance(params, Mapping):
            return super().execute(_named_placeholders(query, params), params)
        return super().execute(_placeholders(query), params)

    def executemany(self, query: str, param_list: Iterable[Any]) -> Any:
        rows = iter(param_list)
        first: list[Any] = []
        with contextlib.suppress(StopIteration):
            first.append(next(rows))
        named = first and isinstance(first[0], Mapping)
        sql = _named_placeholders(query, first[0]) if named else _placeholders(query)
        return super().executemany(sql, chain(first, rows))


@lru_cache(maxsize=512)  # the same few statements all day
def _placeholders(query: str) -> str:
    return str(plain.FORMAT_QMARK_REGEX.sub("?", query)).replace("%%", "%")


def _named_placeholders(query: str, names: Iterable[str]) -> str:
    return query % {name: f":{name}" for name in names}
