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
    """The open people who have one of some ID numbers, by number: name, and path of the unit."""

    def __init__(self, unit: Unit, numbers: Iterable[str]) -> None:
        self._unit = unit
        self._owners: dict[str, dict[uuid.UUID, tuple[str, str]]] = defaultdict(dict)
        rows = {Statement.number_digest(one): one for one in set(numbers) if one}
        facts = {Fact.number_index(one): one for one in rows.values()}
        for told, statement, first in ((rows, BY_ROW, []), (facts, BY_FACT, [FactState.CONFIRMED])):
            for person, index, name, scope in bulk.select(statement, first, list(told)):
                self._owners[told[index]][as_uuid(person)] = name, scope

    def find(self, number: str, name: str) -> uuid.UUID | None:
        """The one person of the unit of that number and name; None where there is none, or several."""
        if not number or not name:
            return None
        wanted = names.comparable(name)
        agreeing = [
            person
            for person, (known, scope) in self._owners.get(number, {}).items()
            if f"{scope}.".startswith(f"{self._unit.path}.") and names.comparable(known) == wanted
        ]
        return agreeing[0] if len(agreeing) == 1 else None

    def add(self, number: str, name: str, person: uuid.UUID) -> None:
        """Somebody opened by an earlier row of the same batch."""
        if number:
            self._owners[number][person] = name, self._unit.path

    def others(self, number: str, person: uuid.UUID) -> set[uuid.UUID]:
        """Of whom else this number is said, in any unit: their records tell of it."""
        return set(self._owners.get(number, ())) - {person} if number else set()


BY_FACT = (
    f'SELECT p."id", f."value_index", p."name", p."scope" FROM "{Fact._meta.db_table}" f '
    f'JOIN "{Person._meta.db_table}" p ON p."id" = f."person_id" '
    'WHERE f."state" = %s AND p."closed_at" IS NULL AND f."value_index" IN ({})'
)
BY_ROW = (
    f'SELECT p."id", s."number_index", p."name", p."scope" FROM "{Statement._meta.db_table}" s '
    f'JOIN "{Person._meta.db_table}" p ON p."id" = s."person_id" '
    'WHERE s."ended_at" IS NULL AND p."closed_at" IS NULL AND s."number_index" IN ({})'
)


def as_uuid(value: object) -> uuid.UUID:
    """PostgreSQL's driver gives UUIDs, SQLite's their digits."""
    return value if isinstance(value, uuid.UUID) else uuid.UUID(str(value))
