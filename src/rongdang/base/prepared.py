"""Questions that every request asks: the SQL is worked out once a process, then only values change.

Working out what is asked costs Django ten times what the database takes to answer it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Value = str | uuid.UUID | dt.datetime
# What stands for a value while the SQL is worked out: of its type, and found nowhere else in it.
TEXT, MOMENT = "\ue000 a text", dt.datetime(9999, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)
KEY = uuid.UUID("5f0c1e5a-9f0e-4d0e-8d5c-2d1b6f0a7c31")


class Prepared:
    """A queryset of `values_list`, as a function of values."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *marks: Value) -> None:
        """`build` takes one value for each of the `marks`; it must ask the same way whatever they are."""
        self._build, self._marks = build, marks
        self._by_vendor: dict[str, tuple[str, tuple[int, ...], Any, Any]] = {}

    def rows(self, *values: Value) -> list[tuple[Any, ...]]:
        """The rows, in the order and with the types the queryset gives."""
        _sql, _places, compiler, converters = self._prepared()
        with connection.cursor() as cursor:
            cursor.execute(*self.sql(*values))
            found = cursor.fetchall()
        if converters:
            found = compiler.apply_converters(found, converters)
        return [tuple(row) for row in found]

    def sql(self, *values: Value) -> tuple[str, list[Any]]:
        """Statement and parameters, for use inside another one."""
        sql, places, _compiler, _converters = self._prepared()
        told = [_told(value) for value in values]
        return sql, [told[place] for place in places]

    def _prepared(self) -> tuple[str, tuple[int, ...], Any, Any]:
        known = self._by_vendor.get(connection.vendor)
        if known is None:
            compiler = self._build(*self._marks).query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
            marks = [_told(mark) for mark in self._marks]
            places = tuple(marks.index(parameter) for parameter in parameters)
            converters = compiler.get_converters([chosen[0] for chosen in compiler.select])
            known = self._by_vendor[connection.vendor] = (sql, places, compiler, converters)
        return known


def _told(value: Value) -> Any:
    """As the parameter of a statement."""
    if isinstance(value, uuid.UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
