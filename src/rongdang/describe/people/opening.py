"""People whom rows of a source make known, many at a time; and records that nothing speaks of any more."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Sequence
from json import JSONEncoder

from django.db.models import ForeignObjectRel, Model, QuerySet
from django.utils import timezone

from rongdang.base import bulk
from rongdang.base.columns import sealing
from rongdang.describe.conflicts.models import Doubt
from rongdang.describe.people.models import Person
from rongdang.describe.people.projecting import KEPT, locked, project_fresh, project_many
from rongdang.describe.statements.models import Statement

AT_ONCE = 2000
# What is made of what is said of a person, and goes with it: it keeps no record open.
DERIVED = frozenset(
    {"search.document", "access.namedkin", "conflicts.doubt", "linkage.key", "linkage.pair"}
)
_encoded = JSONEncoder(ensure_ascii=False).encode


def open_people(rows: Sequence[tuple[Person, Statement]]) -> list[Doubt]:
    """Save these people, each known from one row alone; what does not agree of them is returned.

    The caller saves their statements, then the doubts.
    """
    if not rows:
        return []
    doubts = project_fresh(rows)
    seal = sealing.sealing(Person._meta.db_table, "record")
    columns = [field.attname for field in Person._meta.concrete_fields]
    written = []
    for person, _statement in rows:
        values = dict(person.__dict__)
        sealed = seal(person.pk, _encoded(values["record"]).encode())
        values["record"] = sealing.to_text(sealed)
        written.append([bulk.adapted(values[name]) for name in columns])
    bulk.insert(Person, columns, written)
    return doubts


def project_people(people: Collection[uuid.UUID]) -> None:
    """Keep the records of people known before equal to what is said of them now."""
    for some in _portions(people):
        project_many(locked(some), None)


def reopen(people: Collection[uuid.UUID]) -> None:
    """A row speaks again of somebody whose record was closed."""
    for some in _portions(people):
        Person.objects.filter(pk__in=some, closed_at__isnull=False).update(closed_at=None)


def close_unsaid(people: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Close the records of those of whom nothing is said any more and that nothing else hangs on."""
    closed: set[uuid.UUID] = set()
    for some in _portions(people):
        left = set(some)
        for relation in _relations():
            found: QuerySet[Model] = QuerySet(model=relation.related_model).filter(
                **{f"{relation.field.name}__in": list(left)}
            )
            if relation.related_model is Statement:
                found = found.filter(ended_at__isnull=True)
            left -= set(found.values_list(relation.field.attname, flat=True))
        _close(left)
        closed |= left
    return closed


def _close(people: Collection[uuid.UUID]) -> None:
    """Nothing is known of them any more but how they were called."""
    Doubt.objects.filter(person__in=people).delete()
    closing, now = locked(people), timezone.now()
    for person in closing:
        person.record, person.closed_at = {"姓名": person.name}, now
        person.sex = person.birth = person.retirement = ""
        person.score, person.known = None, 0
    if closing:
        Person.objects.bulk_create(
            closing, update_conflicts=True, unique_fields=["id"], update_fields=[*KEPT, "closed_at"]
        )


def _relations() -> Iterator[ForeignObjectRel]:
    """Everything that may hang on a person, whichever room it stands in."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        if relation.related_model._meta.label_lower not in DERIVED:
            yield relation


def _portions(people: Collection[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    ordered = sorted(people)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
