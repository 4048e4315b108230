"""Taking a run back: what it recorded ends, what it had ended holds again, nobody else is touched."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from rongdang.base import bulk
from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.ledger.services import record
from rongdang.describe.people import opening
from rongdang.describe.people.models import Person
from rongdang.describe.people.projecting import name_keys
from rongdang.describe.statements.held import said_before
from rongdang.describe.statements.matching import Known, as_uuid, number_of
from rongdang.describe.statements.models import ID_NUMBER, Batch, Source, Statement
from rongdang.describe.statements.writing import end

AT_ONCE = 2000
_TABLE = f'"{Statement._meta.db_table}"'
REPLACED = (
    f'SELECT "id", "person_id" FROM {_TABLE} WHERE "source_id" = %s AND "ended_run" = %s '
    'AND "run" <> %s AND "ended_at" IS NOT NULL AND "key" IN ({})'
)


def blocking(source: Source, run: uuid.UUID) -> bool:
    """Has a later reading changed what this run recorded? That one must be taken back first."""
    mine = Statement.objects.filter(run=run)
    return mine.filter(ended_run__isnull=False).exclude(ended_run=run).exists()


@transaction.atomic
def take_back(
    source: Source, run: uuid.UUID, *, after: uuid.UUID | None, acting_user: User | None
) -> uuid.UUID | None:
    """End the next statements of the run, those before having been done; None when none is left.

    One transaction of several thousand, so that nobody waits long; begun again it goes on. `after` is
    what the call before gave, None to look from the beginning.
    """
    require(acting_user, Permission.SOURCE_RUN, source.scope)
    standing = Statement.objects.filter(run=run, ended_at=None)
    if after is not None:
        standing = standing.filter(pk__gt=after)
    rows = list(standing.order_by("pk").values_list("pk", "key", "person_id")[:AT_ONCE])
    if not rows:
        _found_and_missed(run)
        _called_as_before(run)
        return None
    now = timezone.now()
    people = {person for _pk, _key, person in rows}
    end([pk for pk, _key, _person in rows], run=run, at=now)
    again = _hold_again(source, run, [bytes(key) for _pk, key, _person in rows])
    people |= set(again.values())
    others = _others(source, [*again, *(pk for pk, _key, _person in rows)], people)
    closed = opening.close_unsaid(people)
    opening.project_people((people | others) - closed)
    batch = Batch.objects.create(
        source=source,
        run=run,
        at=now,
        taken_back=True,
        people=b"".join(pk.bytes for pk in people),
    )
    record(
        "statement:take-back",
        actor=acting_user,
        subject=batch,
        detail={
            "source": str(source.pk),
            "run": str(run),
            "ended": len(rows),
            "closed": len(closed),
        },
    )
    last: uuid.UUID = rows[-1][0]
    return last


def _others(
    source: Source, statements: Iterable[uuid.UUID], people: set[uuid.UUID]
) -> set[uuid.UUID]:
    """Of whom else the ID numbers are said that these statements give."""
    said = said_before(list(statements)).values()
    numbers = {number_of(one[ID_NUMBER].value) for one in said if ID_NUMBER in one}
    known = Known(source.unit, numbers)
    return {other for one in numbers for other in known.others(one, source.pk)} - people


def _hold_again(source: Source, run: uuid.UUID, keys: list[bytes]) -> dict[uuid.UUID, uuid.UUID]:
    """What the run had ended of these rows: statement → whose it is."""
    ids = [bulk.adapted(one) for one in (source.pk, run, run)]
    rows = bulk.select(REPLACED, ids, [bulk.adapted(key) for key in keys])
    _these(as_uuid(pk) for pk, _person in rows).update(ended_at=None, ended_run=None)
    again = {as_uuid(pk): as_uuid(person) for pk, person in rows}
    opening.reopen(set(again.values()))
    return again


def _found_and_missed(run: uuid.UUID) -> None:
    """What the run said of rows that were gone, or there again, is unsaid."""
    Statement.objects.filter(missing_run=run).update(missing_at=None, missing_run=None)
    for again in Batch.objects.filter(run=run).values_list("again", flat=True):
        for pk, at, missed in again:
            Statement.objects.filter(pk=pk).update(
                missing_at=dt.datetime.fromisoformat(at), missing_run=missed
            )


def _called_as_before(run: uuid.UUID) -> None:
    """Somebody opened by hand has his name from there, and only the run had given him another."""
    people = set()
    for batch in Batch.objects.filter(run=run, taken_back=False).order_by("-pk"):
        for pk, name in batch.renamed or ():
            Person.objects.filter(pk=pk).update(name=name, name_keys=name_keys(name))
            people.add(uuid.UUID(pk))
    opening.project_people(people)


def _these(ids: Iterable[uuid.UUID]) -> QuerySet[Statement]:
    return Statement.objects.filter(pk__in=list(ids))
