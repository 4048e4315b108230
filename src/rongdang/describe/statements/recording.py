"""The one write path of statements: a batch of rows of a source, in one transaction.

A row that is new makes a statement, and finds or opens its person; one that says something else makes a
statement and ends the one before; one that says the same makes nothing. A million rows come this way:
rows are written in bulk, and nothing is made of a row that is not written.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.ids import uuid7
from rongdang.base.ledger.services import record
from rongdang.base.vocab.names import normalise_name
from rongdang.describe.conflicts.models import Doubt
from rongdang.describe.people import opening
from rongdang.describe.people.models import Person
from rongdang.describe.statements import digests
from rongdang.describe.statements.held import Held, earlier_people, held_rows, said_before
from rongdang.describe.statements.matching import NAME, Known, number_of
from rongdang.describe.statements.models import ID_NUMBER, Batch, Source, Statement
from rongdang.describe.statements.said import Sayings
from rongdang.describe.statements.writing import Fresh, end, unsaved, write

TWICE, SOMEBODY_ELSE, NAMELESS = "twice", "somebody-else", "nameless"  # why a row is refused here


@dataclass(frozen=True, slots=True)
class Row:
    """A row as a recipe took it: its number in the source, what tells it apart, what it says."""

    number: int
    key: str
    sayings: Sayings


@dataclass(slots=True)
class Recorded:
    """What became of a batch. `refused`: number of the row → code of the reason."""

    batch: uuid.UUID
    keys: list[bytes] = field(default_factory=list)  # of the rows that were taken
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    opened: int = 0
    refused: dict[int, str] = field(default_factory=dict)
    filled: Counter[str] = field(default_factory=Counter)  # field → rows that say it
    altered: Counter[str] = field(default_factory=Counter)  # field → rows that say it newly


class Change(NamedTuple):
    """What a row would change: `was` None for a new one, `person` None where one would be opened."""

    row: int
    person: uuid.UUID | None
    was: Sayings | None
    now: Sayings


@dataclass(slots=True)
class _Work:
    """One batch on its way."""

    source: Source
    run: uuid.UUID
    at: dt.datetime
    told: Recorded
    fresh: list[Fresh] = field(default_factory=list)
    ended: list[uuid.UUID] = field(default_factory=list)
    again: list[Held] = field(default_factory=list)
    opened: dict[uuid.UUID, Fresh] = field(
        default_factory=dict
    )  # person → the row that tells of him
    touched: set[uuid.UUID] = field(default_factory=set)  # people known before
    others: set[uuid.UUID] = field(default_factory=set)  # of whom one of the numbers is said too
    changes: list[Change] = field(default_factory=list)


@transaction.atomic
def record_batch(
    source: Source,
    rows: Sequence[Row],
    *,
    run: uuid.UUID,
    span: tuple[int, int],
    seen: Collection[bytes],
    acting_user: User | None,
    present: Sequence[str] = (),
) -> Recorded:
    """Take these rows in. `seen`: keys of rows that earlier batches of this run took.

    `span`: numbers of the first and last row that was read for it, refused ones included; `present`:
    keys of rows that are there and were refused. One entry on the ledger; the index follows by batch.
    Not refused here: marks of state secrets, which whoever reads the source looks for in every cell.
    """
    require(acting_user, Permission.SOURCE_RUN, source.scope)
    work = _looked_at(source, rows, run, seen)
    digest = digests.key_digest(source.pk)
    work.told.keys += [digest(key) for key in present if key]
    _write(work, span)
    _log(work, span, acting_user)
    return work.told


def preview_batch(
    source: Source, rows: Sequence[Row], *, run: uuid.UUID, seen: Collection[bytes]
) -> tuple[Recorded, list[Change]]:
    """What `record_batch` would make of them, and what would change; nothing is written."""
    work = _looked_at(source, rows, run, seen)
    work.told.opened = len(work.opened)
    return work.told, work.changes


def _looked_at(
    source: Source, rows: Sequence[Row], run: uuid.UUID, seen: Collection[bytes]
) -> _Work:
    """Each row beside what holds of it, and its person found; nothing written yet."""
    work = _Work(source, run, timezone.now(), Recorded(uuid7()))
    keyed = _once(source, rows, seen, work.told)
    held = held_rows(source, list(keyed))
    said = digests.said_digest()
    changed: list[tuple[Row, Fresh, Held]] = []
    new: list[tuple[Row, Fresh]] = []
    for key, row in keyed.items():
        body = digests.body(row.sayings)
        one = Fresh(key, said(body.encode()), row.number, row.sayings, body)
        before = held.get(key)
        if before is None:
            new.append((row, one))
        elif before.digest != one.digest:
            changed.append((row, one, before))
        else:
            _unchanged(work, row, before)
    _take_changed(work, changed)
    _take_new(work, new)
    return work


def _once(
    source: Source, rows: Sequence[Row], seen: Collection[bytes], told: Recorded
) -> dict[bytes, Row]:
    """Key → row; a key that came before in the same reading is refused: one of the two is wrong."""
    digest = digests.key_digest(source.pk)
    keyed: dict[bytes, Row] = {}
    for row in rows:
        key = digest(row.key)
        if key in keyed or key in seen:
            told.refused[row.number] = TWICE
        else:
            keyed[key] = row
    return keyed


def _unchanged(work: _Work, row: Row, before: Held) -> None:
    work.told.unchanged += 1
    work.told.filled.update(list(row.sayings))
    work.told.keys.append(before.key)
    if before.missing_run is not None:
        work.again.append(before)


def _take_changed(work: _Work, rows: Sequence[tuple[Row, Fresh, Held]]) -> None:
    earlier = said_before([before.id for _row, _fresh, before in rows])
    said = (
        sayings for row, _fresh, before in rows for sayings in (row.sayings, earlier[before.id])
    )
    known = Known(work.source.unit, [number_of(_value(one, ID_NUMBER)) for one in said])
    for row, one, before in rows:
        was = earlier[before.id]
        if _somebody_else(row.sayings, was):
            work.told.refused[row.number] = SOMEBODY_ELSE
            work.told.keys.append(one.key)
            continue
        one.person = before.person
        work.touched.add(before.person)
        for number in {number_of(_value(said, ID_NUMBER)) for said in (was, row.sayings)}:
            work.others |= known.others(number, before.person)
        work.ended.append(before.id)
        work.told.changed += 1
        now = row.sayings
        work.changes.append(Change(row.number, before.person, was, row.sayings))
        differing = [name for name in now if name not in was or was[name] != now[name]]
        _taken(work, one, differing)


def _somebody_else(now: Sayings, was: Sayings) -> bool:
    """The key was given to another: neither the ID number nor the name is what the row said before."""
    numbers = [number_of(_value(said, ID_NUMBER)) for said in (now, was)]
    called = [normalise_name(_value(said, NAME)) for said in (now, was)]
    return all(numbers) and numbers[0] != numbers[1] and called[0] != called[1]


def _take_new(work: _Work, rows: Sequence[tuple[Row, Fresh]]) -> None:
    if not rows:
        return
    people = earlier_people(work.source, [one.key for _row, one in rows])
    numbers = [number_of(_value(row.sayings, ID_NUMBER)) for row, _one in rows]
    known = Known(work.source.unit, numbers)
    for (row, one), number in zip(rows, numbers, strict=True):
        name = normalise_name(_value(row.sayings, NAME))
        person = people.get(one.key) or known.find(number, name)
        if person is None and not name:
            work.told.refused[row.number] = NAMELESS
            work.told.keys.append(one.key)
            continue
        if person is None:
            person = uuid7()
            work.opened[person] = one
            known.add(number, name, person)
        else:
            work.touched.add(person)
        one.person = person
        work.others |= known.others(number, person)
        work.told.new += 1
        found = None if person in work.opened else person
        work.changes.append(Change(row.number, found, None, row.sayings))
        _taken(work, one, list(row.sayings))


def _taken(work: _Work, one: Fresh, differing: list[str]) -> None:
    work.fresh.append(one)
    work.told.keys.append(one.key)
    work.told.filled.update(list(one.sayings))
    work.told.altered.update(differing)


def _value(sayings: Sayings, name: str) -> str:
    said = sayings.get(name)
    return said.value if said is not None else ""


def _write(work: _Work, span: tuple[int, int]) -> None:
    """People before the statements that name them; what held before ends before what holds now."""
    opened = work.opened.items()
    doubts = opening.open_people(
        [(_person(work, pk, one), unsaved(work.source, one, work.at)) for pk, one in opened]
    )
    end(work.ended, run=work.run, at=work.at)
    write(work.source, work.fresh, run=work.run, at=work.at)
    Doubt.objects.bulk_create(doubts)
    Statement.objects.filter(pk__in=[one.id for one in work.again]).update(
        missing_at=None, missing_run=None
    )
    opening.reopen(work.touched)
    called = _names(work.touched)
    opening.project_people(work.touched | work.others)
    now = _names(work.touched)
    work.told.opened = len(work.opened)
    Batch.objects.create(
        id=work.told.batch,
        source=work.source,
        run=work.run,
        first=span[0],
        last=span[1],
        at=work.at,
        people=b"".join(pk.bytes for pk in (work.touched | work.opened.keys())),
        keys=b"".join(work.told.keys),
        again=[one.told() for one in work.again],
        renamed=[[str(pk), name] for pk, name in called.items() if now[pk] != name] or None,
    )


def _names(people: Collection[uuid.UUID]) -> dict[uuid.UUID, str]:
    if not people:
        return {}
    return dict(Person.objects.filter(pk__in=people).values_list("pk", "name"))


def _person(work: _Work, pk: uuid.UUID, one: Fresh) -> Person:
    """Somebody not known before; what is known of him is filled in by the rules."""
    unit = work.source.unit
    name = normalise_name(_value(one.sayings, NAME))[:60]
    return Person(id=pk, unit_id=unit.pk, scope=unit.path, name=name)


def _log(work: _Work, span: tuple[int, int], acting_user: User | None) -> None:
    told = work.told
    record(
        "statement:record",
        actor=acting_user,
        subject_kind=Batch._meta.label_lower,
        subject_id=str(told.batch),
        detail=_counted(work, span),
    )


def _counted(work: _Work, span: tuple[int, int]) -> Mapping[str, object]:
    told = work.told
    return {
        "source": str(work.source.pk),
        "run": str(work.run),
        "rows": list(span),
        "new": told.new,
        "changed": told.changed,
        "unchanged": told.unchanged,
        "opened": told.opened,
        "refused": len(told.refused),
        "digest": digests.of_batch(work.fresh).hex(),
    }
