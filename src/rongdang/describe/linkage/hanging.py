"""What hangs on a person, in whichever room it stands; and how it is hung on another."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator

from django.db import IntegrityError, transaction
from django.db.models import ForeignObjectRel, Model, QuerySet

from rongdang.describe.access.models import Avoidance
from rongdang.describe.casefiles.models import CaseFile, Item
from rongdang.describe.people.models import Person

# Follows from what is said of a person, and is worked out anew for both.
DERIVED = frozenset({"search.document", "access.namedkin", "conflicts.doubt"})
# Of the records themselves: a pair or a joining names those it was about.
ABOUT = frozenset({"linkage.key", "linkage.pair", "linkage.joining"})


def relations() -> Iterator[ForeignObjectRel]:
    """Every column that names a person, the linkage's own left out."""
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, ForeignObjectRel) and _label(relation) not in ABOUT:
            yield relation


def rows_of(people: Iterable[uuid.UUID]) -> Iterator[QuerySet[Model]]:
    """The people themselves and all rows that hang on them, materials of their files included."""
    keys = list(people)
    yield Person.objects.filter(pk__in=keys)
    for relation in relations():
        if _label(relation) not in ("search.document", "access.namedkin"):
            yield _named(relation, keys)
    yield Item.objects.filter(case_file__person__in=keys)


def hang(other: uuid.UUID, kept: uuid.UUID) -> None:
    """All that hangs on `other` hangs on `kept`; what only one of them may have stays where it is."""
    for relation in relations():
        if _label(relation) in DERIVED or relation.related_model is CaseFile:
            continue
        if relation.related_model is Avoidance:
            _avoid_too(other, kept)
        _rehang(_named(relation, [other]), relation, kept)


def _avoid_too(other: uuid.UUID, kept: uuid.UUID) -> None:
    """Who must keep away from either keeps away from the one record, whatever was cleared for it."""
    holding = Avoidance.objects.holding().filter(person=other)
    for one in holding:
        beside = Avoidance.objects.filter(person=kept, user=one.user_id)
        beside.exclude(cleared_by=None).update(
            cleared_by=None, ground=one.ground, declared=one.declared
        )


def _rehang(rows: QuerySet[Model], relation: ForeignObjectRel, kept: uuid.UUID) -> None:
    column = relation.field.attname
    try:
        with transaction.atomic():
            rows.update(**{column: kept})
    except IntegrityError:
        for key in list(rows.values_list("pk", flat=True)):
            _rehang_one(rows.filter(pk=key), column, kept)


def _rehang_one(row: QuerySet[Model], column: str, kept: uuid.UUID) -> None:
    """The kept record has its own (an avoidance of the same account, a ruling): this one stays."""
    try:
        with transaction.atomic():
            row.update(**{column: kept})
    except IntegrityError:
        return


def _named(relation: ForeignObjectRel, keys: list[uuid.UUID]) -> QuerySet[Model]:
    rows: QuerySet[Model] = QuerySet(model=relation.related_model)
    return rows.filter(**{f"{relation.field.name}__in": keys})


def _label(relation: ForeignObjectRel) -> str:
    return str(relation.related_model._meta.label_lower)
