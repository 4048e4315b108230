"""Statements as they are written: sealed in a row, many at a time."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet
from django.db.models.base import ModelState

from rongdang.base import bulk
from rongdang.base.columns import sealing
from rongdang.base.ids import uuid7
from rongdang.describe.statements.models import ID_NUMBER, Source, Statement
from rongdang.describe.statements.said import Sayings, packed

COLUMNS = (
    "id",
    "source_id",
    "key",
    "digest",
    "person_id",
    "scope",
    "row",
    "says",
    "number_index",
    "run",
    "recorded_at",
)
AT_ONCE = 5000
NOBODY = uuid.UUID(int=0)


@dataclass(slots=True)
class Fresh:
    """A statement to be; `body` is what it says as it is sealed."""

    key: bytes
    digest: bytes
    row: int
    sayings: Sayings
    body: str
    person: uuid.UUID = NOBODY
    id: uuid.UUID = field(default_factory=uuid7)


def unsaved(source: Source, one: Fresh, at: dt.datetime) -> Statement:
    """As a model that is never saved, for the rules that look at what is said.

    Made without `Model.__init__`, which looks at every field: that is the dearest line of a million.
    """
    statement = Statement.__new__(Statement)
    statement.__dict__.update(
        _state=ModelState(),
        id=one.id,
        source_id=source.pk,
        key=one.key,
        person_id=one.person,
        row=one.row,
        says=packed(one.sayings),
        recorded_at=at,
        ended_at=None,
    )
    statement.source = source
    return statement


def write(source: Source, fresh: Sequence[Fresh], *, run: uuid.UUID, at: dt.datetime) -> None:
    """All of them in the order given."""
    sealed = sealing.sealing(Statement._meta.db_table, "says")
    source_id, run_id, moment = bulk.adapted(source.pk), bulk.adapted(run), bulk.adapted(at)
    index, adapted = Statement.number_digest, bulk.adapted
    rows = [
        (
            adapted(one.id),
            source_id,
            one.key,
            one.digest,
            adapted(one.person),
            source.scope,
            one.row,
            sealing.to_text(sealed(one.id, one.body.encode())),
            index(one.sayings[ID_NUMBER].value) if ID_NUMBER in one.sayings else "",
            run_id,
            moment,
        )
        for one in fresh
    ]
    bulk.insert(Statement, COLUMNS, rows)


def end(statements: Sequence[uuid.UUID], *, run: uuid.UUID, at: dt.datetime) -> None:
    """They hold no longer; `run` is the reading that says otherwise."""
    for start in range(0, len(statements), AT_ONCE):
        _of(statements[start : start + AT_ONCE]).update(ended_at=at, ended_run=run)


def _of(statements: Sequence[uuid.UUID]) -> QuerySet[Statement]:
    return Statement.objects.filter(pk__in=statements)
