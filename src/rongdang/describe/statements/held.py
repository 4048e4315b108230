"""What is on record for rows of a source: the statement that holds, and whose row it was before."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from rongdang.base import bulk
from rongdang.describe.statements.matching import as_uuid
from rongdang.describe.statements.models import Source, Statement
from rongdang.describe.statements.said import Said

TABLE = f'"{Statement._meta.db_table}"'
HELD = (
    f'SELECT "id", "key", "digest", "person_id", "missing_at", "missing_run" FROM {TABLE} '
    'WHERE "source_id" = %s AND "ended_at" IS NULL AND "key" IN ({})'
)
EARLIER = (
    f'SELECT "key", "person_id" FROM {TABLE} '
    'WHERE "source_id" = %s AND "ended_at" IS NOT NULL AND "key" IN ({}) ORDER BY "id"'
)


@dataclass(frozen=True, slots=True)
class Held:
    """A statement that holds, as much of it as tells whether its row has changed."""

    id: uuid.UUID
    key: bytes
    digest: bytes
    person: uuid.UUID
    missing_at: dt.datetime | None
    missing_run: uuid.UUID | None

    def told(self) -> list[str]:
        """As a batch keeps that it was found again."""
        assert self.missing_at is not None
        return [str(self.id), self.missing_at.isoformat(), str(self.missing_run)]


def held_rows(source: Source, keys: Sequence[bytes]) -> dict[bytes, Held]:
    """Key → the statement that holds for the row."""
    rows = bulk.select(HELD, [bulk.adapted(source.pk)], [bulk.adapted(key) for key in keys])
    return {bytes(row[1]): _held(row) for row in rows}


def _held(row: tuple[object, ...]) -> Held:
    pk, key, digest, person, at, run = row
    return Held(
        as_uuid(pk),
        bytes(key),  # type: ignore[call-overload]
        bytes(digest),  # type: ignore[call-overload]
        as_uuid(person),
        _moment(at),
        as_uuid(run) if run is not None else None,
    )


def _moment(value: object) -> dt.datetime | None:
    """SQLite's driver gives UTC without saying so."""
    if value is None:
        return None
    at = value if isinstance(value, dt.datetime) else dt.datetime.fromisoformat(str(value))
    return at if at.tzinfo else at.replace(tzinfo=dt.UTC)


def earlier_people(source: Source, keys: Sequence[bytes]) -> dict[bytes, uuid.UUID]:
    """Key → whose the row was when it last held, of rows taken back since."""
    if not _any_ended(source):
        return {}
    rows = bulk.select(EARLIER, [bulk.adapted(source.pk)], [bulk.adapted(key) for key in keys])
    return {bytes(key): as_uuid(person) for key, person in rows}


def _any_ended(source: Source) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            f'SELECT 1 FROM {TABLE} WHERE "source_id" = %s AND "ended_at" IS NOT NULL LIMIT 1',
            [bulk.adapted(source.pk)],
        )
        return cursor.fetchone() is not None


def said_before(statements: Sequence[uuid.UUID]) -> dict[uuid.UUID, dict[str, Said]]:
    """What these statements say; opens them."""
    rows = Statement.objects.filter(pk__in=statements).only("id", "says") if statements else ()
    return {row.pk: row.sayings for row in rows}
