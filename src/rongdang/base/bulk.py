"""Many rows at once, without a model made for each: one statement on SQLite, COPY on PostgreSQL."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models

Row = Sequence[Any]
MOST_PARAMETERS = 30_000  # of one statement; SQLite takes 32,766, PostgreSQL 65,535


def insert(model: type[models.Model], columns: Sequence[str], rows: Collection[Row]) -> None:
    """Write rows whose values stand in the order of `columns` (attribute names of the model).

    Values are as `adapted` gives them, encrypted ones sealed already. What a column not named holds
    is its field's default; that must be the same for every row.
    """
    if not rows:
        return
    names, rest = _columns(model, tuple(columns))
    values = tuple(_default(model, name) for name in rest)
    whole = ((*row, *values) for row in rows)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            _copy(cursor, model._meta.db_table, names, whole)
        else:
            places = ", ".join(["%s"] * len(names))
            statement = (
                f'INSERT INTO "{model._meta.db_table}" ({", ".join(names)}) VALUES ({places})'
            )
            cursor.executemany(statement, whole)  # type: ignore[arg-type]  # takes an iterator


def _copy(cursor: Any, table: str, names: Sequence[str], rows: Iterable[Row]) -> None:
    with cursor.copy(f'COPY "{table}" ({", ".join(names)}) FROM STDIN') as copy:
        for row in rows:
            copy.write_row(row)


def _default(model: type[models.Model], name: str) -> Any:
    return next(one for one in model._meta.concrete_fields if one.attname == name).get_default()


@cache
def _columns(
    model: type[models.Model], given: tuple[str, ...]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Quoted columns in the order written, and the attributes filled by their default."""
    by_name = {field.attname: field for field in model._meta.concrete_fields}
    rest = tuple(name for name in by_name if name not in given)
    return tuple(f'"{by_name[name].column}"' for name in (*given, *rest)), rest


def adapted(value: Any) -> Any:
    """A UUID, a time or bytes as this database's driver takes it."""
    if connection.vendor == "postgresql":
        return value
    return _for_sqlite(value)


def _for_sqlite(value: Any) -> Any:
    if hasattr(value, "hex") and hasattr(value, "int"):
        return value.hex
    if hasattr(value, "tzinfo"):
        return connection.ops.adapt_datetimefield_value(value)
    return value


def select(statement: str, first: Sequence[Any], keys: Sequence[Any]) -> list[tuple[Any, ...]]:
    """What `statement` gives for all of `keys`, asked for in portions; `{}` stands for their places."""
    found: list[tuple[Any, ...]] = []
    with connection.cursor() as cursor:
        for start in range(0, len(keys), MOST_PARAMETERS):
            some = keys[start : start + MOST_PARAMETERS]
            cursor.execute(statement.format(", ".join(["%s"] * len(some))), [*first, *some])
            found += cursor.fetchall()
    return found
