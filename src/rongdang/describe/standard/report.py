"""What the tables of today would change in the records of people: counted, and who must decide."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import NamedTuple

from django.db.models import QuerySet

from rongdang.base.accounts.models import User
from rongdang.base.orgs.models import within
from rongdang.base.vocab import changes
from rongdang.base.vocab.changes import Kind, Restated
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.statements.models import Statement

CHUNK = 500  # people


class Value(NamedTuple):
    """A value of a field as it is kept, and what it becomes."""

    kind: Kind
    field: str
    old: str
    new: str
    choices: tuple[str, ...]


@dataclass(slots=True)
class Report:
    """How many facts and rows of sources say each value that changes; and whose a person decides."""

    people: int = 0
    facts: Counter[Value] = field(default_factory=Counter)
    rows: Counter[Value] = field(default_factory=Counter)
    asks: dict[uuid.UUID, list[Value]] = field(default_factory=dict)  # person → values that split

    def of_kind(self, kind: Kind) -> dict[Value, tuple[int, int]]:
        """Value → facts and rows that say it, in the order of fields and values."""
        found = sorted({one for one in (*self.facts, *self.rows) if one.kind == kind})
        return {one: (self.facts[one], self.rows[one]) for one in found}

    def count(self, kind: Kind) -> int:
        return sum(sum(pair) for pair in self.of_kind(kind).values())


class Held(NamedTuple):
    """What is said of some people in fields that take their values from a table."""

    facts: Sequence[Fact]
    statements: Sequence[Statement]


def in_care(user: User, scopes: Sequence[str]) -> QuerySet[Person]:
    """The people of these units and those below whom the user may know of."""
    return Person.objects.visible_to(user).filter(within("scope", list(scopes))).order_by("pk")


def portions(people: QuerySet[Person], size: int = CHUNK) -> Iterator[list[uuid.UUID]]:
    """Their keys, some hundreds at a time, in one order."""
    keys = people.values_list("pk", flat=True).iterator(chunk_size=size)
    while portion := list(islice(keys, size)):
        yield portion


def held_of(people: Sequence[uuid.UUID]) -> Held:
    """Confirmed facts and holding rows of these people."""
    facts = Fact.objects.filter(
        person__in=people, field__in=changes.tabled(), state=FactState.CONFIRMED
    )
    statements = Statement.objects.holding().filter(person__in=people)
    return Held(list(facts.order_by("pk")), list(statements.order_by("pk")))


def restated_sayings(
    statement: Statement, known: changes.Changes | None = None
) -> Mapping[str, tuple[str, Restated]]:
    """Field → the value the row gives and what becomes of it."""
    found = {}
    for name, said in statement.sayings.items():
        now = changes.restated(name, said.value, known)
        if now:
            found[name] = (said.value, now)
    return found


def report(user: User, scopes: Sequence[str], known: changes.Changes | None = None) -> Report:
    """Everything that would change in the records of these units; nothing is written."""
    told = Report()
    for portion in portions(in_care(user, scopes)):
        held = held_of(portion)
        told.people += len(portion)
        for fact in held.facts:
            now = changes.restated(fact.field, fact.value, known)
            if now:
                _count(told, told.facts, fact.person_id, _value(fact.field, fact.value, now))
        for statement in held.statements:
            for name, (old, now) in restated_sayings(statement, known).items():
                _count(told, told.rows, statement.person_id, _value(name, old, now))
    return told


def _value(name: str, old: str, now: Restated) -> Value:
    return Value(now.kind, name, old, now.value, now.choices)


def _count(told: Report, counter: Counter[Value], person: uuid.UUID, value: Value) -> None:
    counter[value] += 1
    if value.kind == "split" and value not in told.asks.setdefault(person, []):
        told.asks[person].append(value)
