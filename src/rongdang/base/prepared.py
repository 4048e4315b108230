"""Questions that every request asks: the SQL is worked out once a process, then only values change.

Working out what is asked costs Django ten times what the database takes to answer it.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import QuerySet

Value = str | uuid.UUID | dt.datetime
# What stands for a value while the SQL is worked out: of its type, and found nowhere else in it.
KEY = uuid.UUID("5f0c1e5a-9f0e-4d0e-8d5c-2d1b6f0a7c31")
MOMENT = dt.datetime(9999, 1, 2, 3, 4, 5, 6, tzinfo=dt.UTC)


def texts(count: int) -> list[str]:
    """Marks for texts, none the beginning of another."""
    return [f"\ue000 text {number:04}." for number in range(count)]


TEXT = texts(1)[0]


class Prepared:
    """A queryset of `values_list`, as a function of values."""

    def __init__(self, build: Callable[..., QuerySet[Any, Any]], *marks: Value) -> None:
        """`build` takes one value for each of the `marks` and must ask the same way whatever they are.

        A text may have something put behind it (the end of a range); what is no mark stays as it is.
        """
        self._build, self._marks = build, marks
        self._by_vendor: dict[str, _Statement] = {}

    def rows(self, *values: Value) -> list[tuple[Any, ...]]:
        """The rows, in the order and with the types the queryset gives."""
        statement = self._statement()
        with connection.cursor() as cursor:
            cursor.execute(statement.sql, statement.filled(values))
            found = cursor.fetchall()
        if statement.converters:
            found = statement.compiler.apply_converters(found, statement.converters)
        return [tuple(row) for row in found]

    def sql(self, *values: Value) -> tuple[str, list[Any]]:
        """Statement and parameters, for use inside another one."""
        statement = self._statement()
        return statement.sql, statement.filled(values)

    def _statement(self) -> _Statement:
        known = self._by_vendor.get(connection.vendor)
        if known is None:
            compiler = self._build(*self._marks).query.get_compiler(connection=connection)
            sql, parameters = compiler.as_sql()
            marks = [_told(mark) for mark in self._marks]
            places = [_place(parameter, marks) for parameter in parameters]
            converters = compiler.get_converters([chosen[0] for chosen in compiler.select])
            known = self._by_vendor[connection.vendor] = _Statement(
                sql, places, compiler, converters
            )
        return known


@dataclass(frozen=True, slots=True)
class _Statement:
    sql: str
    places: list[tuple[int | None, Any]]  # (number of the value, what is put behind it)
    compiler: Any
    converters: Any

    def filled(self, values: Sequence[Value]) -> list[Any]:
        told = [_told(value) for value in values]
        return [
            behind if number is None else told[number] + behind if behind else told[number]
            for number, behind in self.places
        ]


def _place(parameter: Any, marks: Sequence[Any]) -> tuple[int | None, Any]:
    for number, mark in enumerate(marks):
        if parameter == mark:
            return number, ""
        if isinstance(parameter, str) and isinstance(mark, str) and parameter.startswith(mark):
            return number, parameter[len(mark) :]
    return None, parameter


def _told(value: Value) -> Any:
    """As the parameter of a statement."""
    if isinstance(value, uuid.UUID):
        return value if connection.features.has_native_uuid_field else value.hex
    if isinstance(value, dt.datetime):
        return connection.ops.adapt_datetimefield_value(value)
    return value
