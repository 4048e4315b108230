"""Whose row is it? The same row as before: the same person. Else two independent keys must agree.

Nothing merges by itself: where the keys agree with nobody, or with more than one, a person is opened
and linkage may propose later.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable

from rongdang.base import bulk
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import ids, names
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.statements.models import Statement

NAME = "姓名"


def number_of(written: str) -> str:
    """An ID number that may tell people apart, in its one form; "" for what is none."""
    number = ids.parse_id(written) if written else None
    return number.value if number is not None and number.valid else ""


class Known:
    """The open people of a unit who have one of some ID numbers, by number and name."""

    def __init__(self, unit: Unit, numbers: Iterable[str]) -> None:
        self._by_number: dict[str, dict[uuid.UUID, str]] = defaultdict(dict)
        indexes = {Statement.number_digest(one): one for one in set(numbers) if one}
        facts = {Fact.number_index(one): one for one in indexes.values()}
        for person, index, name in (*_by_fact(unit, list(facts)), *_by_row(unit, list(indexes))):
            self._by_number[facts.get(index) or indexes[index]][person] = name

    def find(self, number: str, name: str) -> uuid.UUID | None:
        """The one person of that number and name; None where there is none, or more than one."""
        if not number or not name:
            return None
        wanted = names.comparable(name)
        agreeing = [
            person
            for person, known in self._by_number.get(number, {}).items()
            if names.comparable(known) == wanted
        ]
        return agreeing[0] if len(agreeing) == 1 else None

    def add(self, number: str, name: str, person: uuid.UUID) -> None:
        """Somebody opened by an earlier row of the same batch."""
        if number and name:
            self._by_number[number][person] = name


_INSIDE = 'p."closed_at" IS NULL AND p."scope" >= %s AND p."scope" < %s'
BY_FACT = (
    f'SELECT p."id", f."value_index", p."name" FROM "{Fact._meta.db_table}" f '
    f'JOIN "{Person._meta.db_table}" p ON p."id" = f."person_id" '
    f'WHERE f."state" = %s AND {_INSIDE} AND f."value_index" IN ({{}})'
)
BY_ROW = (
    f'SELECT p."id", s."number_index", p."name" FROM "{Statement._meta.db_table}" s '
    f'JOIN "{Person._meta.db_table}" p ON p."id" = s."person_id" '
    f'WHERE s."ended_at" IS NULL AND {_INSIDE} AND s."number_index" IN ({{}})'
)


def _by_fact(unit: Unit, indexes: list[str]) -> list[tuple[uuid.UUID, str, str]]:
    rows = bulk.select(BY_FACT, [FactState.CONFIRMED, unit.path, f"{unit.path}/"], indexes)
    return [(as_uuid(person), index, name) for person, index, name in rows]


def _by_row(unit: Unit, indexes: list[str]) -> list[tuple[uuid.UUID, str, str]]:
    rows = bulk.select(BY_ROW, [unit.path, f"{unit.path}/"], indexes)
    return [(as_uuid(person), index, name) for person, index, name in rows]


def as_uuid(value: object) -> uuid.UUID:
    """PostgreSQL's driver gives UUIDs, SQLite's their digits."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
