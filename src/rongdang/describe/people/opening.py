"""People whom rows of a source make known, many at a time; and records that nothing speaks of any more."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from functools import lru_cache
from json import JSONEncoder

from django.db.models import ForeignObjectRel, Model, QuerySet
from django.utils import timezone

from rongdang.base import bulk
from rongdang.base.columns import sealing
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab.names import normalise_name
from rongdang.describe.people.models import Person
from rongdang.describe.people.services import name_keys, project
from rongdang.describe.statements.said import Sayings

COLUMNS = ("id", "unit_id", "scope", "name", "name_keys", "sex", "birth", "retirement", "record")
AT_ONCE = 2000
# What is made of what is said of a person, and goes with it: it keeps no record open.
DERIVED = frozenset({"statements.statement", "search.document", "access.namedkin"})
_encoded = JSONEncoder(ensure_ascii=False).encode
_keys = lru_cache(maxsize=200_000)(name_keys)


def open_people(unit: Unit, people: Mapping[uuid.UUID, Sayings]) -> None:
    """A record for each, holding what the one row that speaks of him says; it must give his name."""
    seal = sealing.sealing(Person._meta.db_table, "record")
    unit_id, adapted = bulk.adapted(unit.pk), bulk.adapted
    rows = []
    for pk, sayings in people.items():
        held = {field: said.value for field, said in sayings.items() if said.value}
        name = normalise_name(held["姓名"])[:60]
        record = {**held, "姓名": name}
        rows.append(
            (
                adapted(pk),
                unit_id,
                unit.path,
                name,
                _keys(name),
                held.get("性别", "")[:4],
                held.get("出生日期", "")[:10],
                held.get("军休类别", "")[:12],
                sealing.to_text(seal(pk, _encoded(record).encode())),
            )
        )
    bulk.insert(Person, COLUMNS, rows)


def project_people(people: Collection[uuid.UUID]) -> None:
    """Keep the records of people known before equal to what is said of them now."""
    for some in _portions(people):
        for person in Person.objects.filter(pk__in=some):
            project(person, None)


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
            if relation.related_model._meta.label_lower == "statements.statement":
                found = found.filter(ended_at__isnull=True)
            left -= set(found.values_list(relation.field.attname, flat=True))
        Person.objects.filter(pk__in=left, closed_at=None).update(closed_at=timezone.now())
        closed |= left
    return closed


def _relations() -> Iterator[ForeignObjectRel]:
    """Everything that may hang on a person, whichever room it stands in."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if not isinstance(relation, ForeignObjectRel):
            continue
        label = relation.related_model._meta.label_lower
        if label == "statements.statement" or label not in DERIVED:
            yield relation


def _portions(people: Collection[uuid.UUID]) -> Iterator[list[uuid.UUID]]:
    ordered = sorted(people)
    for start in range(0, len(ordered), AT_ONCE):
        yield ordered[start : start + AT_ONCE]
