"""What stood in the rows of some people before an act and after it, so that it can be undone exactly.

An image of the rows is taken before and after; the journal keeps the columns that differ. Undoing puts
a column back where it still holds what the act had left in it: what was changed since stays as it is.
"""

from __future__ import annotations

import base64
import datetime as dt
import json
import uuid
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db.models import Model, QuerySet

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.columns.fields import Ciphertext, EncryptedField

Row = dict[str, Any]  # attribute of the column → value, encrypted ones as they stand
Image = dict[tuple[str, str], Row]  # (label of the model, key) → row


@dataclass(frozen=True, slots=True)
class Change:
    """One row: the columns that differ. `before` is None where the row is new, `after` where it went."""

    model: str
    key: str
    before: Row | None
    after: Row | None


def image(rows: Iterable[QuerySet[Any]]) -> Image:
    """These rows as they stand in the database now."""
    found: Image = {}
    for some in rows:
        names = [field.attname for field in some.model._meta.concrete_fields]
        key = some.model._meta.pk.attname
        for values in some.values(*names):
            found[some.model._meta.label_lower, str(values[key])] = values
    return found


def changes(before: Image, after: Image) -> list[Change]:
    """What differs between two images, in the order of the rows of the first."""
    found = []
    for name in dict.fromkeys((*before, *after)):
        was, is_now = before.get(name), after.get(name)
        if was is None or is_now is None:
            found.append(Change(*name, was, is_now))
        elif differing := [column for column in was if was[column] != is_now[column]]:
            found.append(
                Change(
                    *name,
                    {column: was[column] for column in differing},
                    {column: is_now[column] for column in differing},
                )
            )
    return found


def put_back(made: Iterable[Change]) -> None:
    """Undo these changes: rows that went come back, columns hold what they held, new rows go.

    A column that holds something else by now, and a new row that was changed, are left alone.
    """
    ordered = list(made)
    for change in ordered:
        if change.after is not None:
            _put_back(change)
    for change in ordered:
        if change.after is None:
            _bring_back(change)


def _put_back(change: Change) -> None:
    model = _model(change)
    names = [field.attname for field in model._meta.concrete_fields]
    row = _rows(model).filter(pk=change.key)
    now = row.values(*names).first()
    if now is None or change.after is None:
        return
    if change.before is None:
        if all(now[column] == value for column, value in change.after.items()):
            row.delete()
        return
    same = {
        column: value
        for column, value in change.before.items()
        if now[column] == change.after[column]
    }
    if kept := _openable(model, change.key, same):
        row.update(**kept)


def _bring_back(change: Change) -> None:
    """A row that went, with everything that stood in it; not where another took its place."""
    model = _model(change)
    if change.before is None or _rows(model).filter(pk=change.key).exists():
        return
    if _openable(model, change.key, change.before) != change.before:
        return
    _rows(model).bulk_create([model(**change.before)], ignore_conflicts=True)
    _rows(model).filter(pk=change.key).update(**change.before)  # moments included


def _openable(model: type[Model], key: str, row: Row) -> Row:
    """Without what was sealed with a key destroyed since: whoever undoes works that out anew."""
    kept = {}
    for field in model._meta.concrete_fields:
        if field.attname not in row:
            continue
        value = row[field.attname]
        if isinstance(field, EncryptedField) and isinstance(value, Ciphertext):
            try:
                field.opened(value, model._meta.pk.to_python(key))
            except KeyringError:
                continue
        kept[field.attname] = value
    return kept


def _rows(model: type[Model]) -> QuerySet[Model]:
    return QuerySet(model=model)


def _model(change: Change) -> type[Model]:
    return apps.get_model(change.model)


def packed(made: Iterable[Change]) -> bytes:
    """The journal as it is kept."""
    rows = [[one.model, one.key, one.before, one.after] for one in made]
    return zlib.compress(json.dumps(rows, default=_told, ensure_ascii=False).encode())


def unpacked(kept: bytes) -> list[Change]:
    """The inverse of `packed`."""
    rows = json.loads(zlib.decompress(kept), object_hook=_read)
    return [Change(*row) for row in rows]


_KINDS: Mapping[type, str] = {uuid.UUID: "uuid", dt.datetime: "at", dt.date: "on"}


def _told(value: object) -> dict[str, str]:
    if isinstance(value, Ciphertext):
        stored = value.stored
        if isinstance(stored, bytes):
            return {"$": "sealed-bytes", "v": base64.b64encode(stored).decode()}
        return {"$": "sealed", "v": stored}
    if isinstance(value, bytes | memoryview):
        return {"$": "bytes", "v": base64.b64encode(bytes(value)).decode()}
    if isinstance(value, dt.datetime | dt.date):
        return {"$": _KINDS[type(value)], "v": value.isoformat()}
    if isinstance(value, uuid.UUID):
        return {"$": "uuid", "v": str(value)}
    raise TypeError(type(value))


def _read(found: dict[str, Any]) -> Any:
    return _READ[found["$"]](found["v"]) if set(found) == {"$", "v"} else found


_READ: Mapping[str, Callable[[str], Any]] = {
    "uuid": uuid.UUID,
    "at": dt.datetime.fromisoformat,
    "on": dt.date.fromisoformat,
    "bytes": base64.b64decode,
    "sealed": Ciphertext,
    "sealed-bytes": lambda text: Ciphertext(base64.b64decode(text)),
}
