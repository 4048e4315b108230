"""All encrypted columns there are: counted, checked, encrypted anew, encrypted for the first time."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.cipher.keyring import COLUMNS
from rongdang.base.columns import sealing
from rongdang.base.columns.fields import Ciphertext, EncryptedField, encrypted

CHUNK = 2000
Row = tuple[Any, Any]  # key as a Python value, value as the column holds it


@dataclass(frozen=True, slots=True)
class Column:
    """A model's encrypted field."""

    model: type[models.Model]
    field: EncryptedField

    @property
    def name(self) -> str:
        return f"{self.model._meta.db_table}.{self.field.column}"

    def count(self) -> tuple[int, int]:
        """(values that are sealed by the key and suite of today, all values)."""
        head = sealing.current_prefix()
        binary = isinstance(self.field.stored(head + b"x"), bytes)
        column = f'"{self.field.column}"'
        wanted: Any = head if binary else head.decode()
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT count(CASE WHEN substr({column}, 1, %s) = %s THEN 1 END), count(*) "
                f'FROM "{self.model._meta.db_table}" WHERE length({column}) > 0',
                [len(head), wanted],
            )
            row = cursor.fetchone()
        return int(row[0]), int(row[1])


def columns() -> list[Column]:
    """All of them, save those that are written once and never again (the ledger's)."""
    return [column for column in _all() if column.field.purpose == COLUMNS]


def _all() -> list[Column]:
    return [
        Column(model, field)
        for model in apps.get_models()
        for field in model._meta.local_fields
        if isinstance(field, EncryptedField)
    ]


def reseal(progress: Callable[[str, int], None] | None = None) -> int:
    """Seal by the key and suite of today what another sealed; stopped, it goes on where it was.

    A value changed meanwhile is left alone: whoever changed it sealed it by the key of today.
    """
    done = 0
    for column in columns():
        for rows in _chunks(column):
            done += _reseal(column, rows)
            if progress is not None:
                progress(column.name, done)
    return done


def misplaced() -> Iterator[tuple[str, str, str]]:
    """(column, key, words) of values that do not open where they stand: changed, or from another row."""
    for column in _all():
        for rows in _chunks(column):
            for pk, stored in rows:
                try:
                    column.field.opened(Ciphertext(stored), pk)
                except (DamagedError, KeyringError) as error:
                    yield column.name, str(pk), str(error)
                except ValueError:
                    yield column.name, str(pk), "not what the column holds"


def encrypt_existing(model: type[models.Model], field_name: str) -> int:
    """For a migration, after the column took its new type: seal the plain values that stand there.

    What was sealed before stays as it is: cut off, it goes on where it was. Says how many it sealed.
    """
    column, done = Column(model, encrypted(model, field_name)), 0
    for rows in _chunks(column):
        sealed = [
            (pk, column.field.closed(_plain(column.field, value), pk).stored, value)
            for pk, value in rows
            if not _is_sealed(column.field, value, pk)
        ]
        _write(column, sealed)
        done += len(sealed)
    return done


def decrypt_existing(model: type[models.Model], field_name: str) -> None:
    """The way back, before the column gets its old type."""
    field = encrypted(model, field_name)
    for rows in _chunks(Column(model, field)):
        opened = [(pk, field.opened(Ciphertext(value), pk), value) for pk, value in rows]
        _write(
            Column(model, field),
            [
                (pk, field.encoded(plain).decode() if isinstance(value, str) else plain, value)
                for pk, plain, value in opened
            ],
        )


def _is_sealed(field: EncryptedField, stored: Any, pk: Any) -> bool:
    """Does it open in this row? What a person wrote never does."""
    try:
        field.opened(Ciphertext(stored), pk)
    except (DamagedError, KeyringError, ValueError):
        return False
    return True


def _plain(field: EncryptedField, value: Any) -> Any:
    """JSON stood as its text."""
    return json.loads(value) if field.__class__.__name__ == "EncryptedJSONField" else value


def _reseal(column: Column, rows: Sequence[Row]) -> int:
    head = sealing.current_prefix()
    changed = []
    for pk, was in rows:
        try:
            if column.field.sealed(was).startswith(head):
                continue
            plain = column.field.opened(Ciphertext(was), pk)
        except (DamagedError, KeyringError):
            continue  # `misplaced` names it; it stays under its key, and that key stays
        changed.append((pk, column.field.closed(plain, pk).stored, was))
    with transaction.atomic():
        _write(column, changed)
    return len(changed)


def _write(column: Column, rows: Sequence[tuple[Any, Any, Any]]) -> None:
    """(key, new value, value that must still stand there)."""
    if not rows:
        return
    key, field, meta = column.model._meta.pk, column.field, column.model._meta
    assert key is not None
    values = [
        (
            field.get_db_prep_value(Ciphertext(new), connection),
            key.get_db_prep_value(pk, connection),
            field.get_db_prep_value(Ciphertext(was), connection),
        )
        for pk, new, was in rows
    ]
    with connection.cursor() as cursor:
        cursor.executemany(
            f'UPDATE "{meta.db_table}" SET "{field.column}" = %s '
            f'WHERE "{key.column}" = %s AND "{field.column}" = %s',
            values,
        )


def _chunks(column: Column) -> Iterator[list[Row]]:
    """Values that are not empty, by key; each portion read when the one before is done with."""
    meta = column.model._meta
    key = meta.pk
    assert key is not None
    last: Any = None
    while True:
        beyond = f'AND "{key.column}" > %s' if last is not None else ""
        with connection.cursor() as cursor:
            cursor.execute(
                f'SELECT "{key.column}", "{column.field.column}" FROM "{meta.db_table}" '
                f'WHERE length("{column.field.column}") > 0 {beyond} '
                f'ORDER BY "{key.column}" LIMIT {CHUNK}',
                [last] if last is not None else [],
            )
            found = cursor.fetchall()
        if not found:
            return
        last = found[-1][0]
        yield [(_key(key, pk), _kept(value)) for pk, value in found]


def _key(field: Any, stored: Any) -> Any:
    """As the instance has it: a UUID is text in one database and a UUID in the other."""
    if field.remote_field is not None:
        return _key(field.remote_field.model._meta.pk, stored)
    return field.to_python(stored)


def _kept(value: Any) -> Any:
    return bytes(value) if isinstance(value, memoryview) else value
