"""Brings records under the tables of today: what said the old value is taken back, the same evidence says
the new. Some hundred people in a transaction, so that it can be stopped and goes on where it was.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.ids import uuid7
from rongdang.base.ledger.services import Draft, record_many
from rongdang.base.vocab import changes, publishing
from rongdang.describe.access.models import Avoidance
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.projecting import locked, project_many
from rongdang.describe.standard.report import held_of, in_care, portions, restated_sayings
from rongdang.describe.statements import digests
from rongdang.describe.statements.models import Source, Statement
from rongdang.describe.statements.said import Said, Sayings
from rongdang.describe.statements.writing import Fresh, end, write

AT_ONCE = 200  # people in one transaction
WHY = "数据标准改版，按新表改写 / said in the words of the new table"


@dataclass(slots=True)
class Done:
    """What was rewritten."""

    people: int = 0
    facts: int = 0
    rows: int = 0


@dataclass(slots=True)
class _Work:
    """One transaction: who acts, when, and what was rewritten of whom."""

    user: User
    known: changes.Changes | None
    at: dt.datetime = field(default_factory=timezone.now)
    run: uuid.UUID = field(default_factory=uuid7)
    facts: Counter[uuid.UUID] = field(default_factory=Counter)
    rows: Counter[uuid.UUID] = field(default_factory=Counter)


def restate(
    scopes: Sequence[str],
    *,
    acting_user: User,
    known: changes.Changes | None = None,
    told: Callable[[Done], None] = lambda _done: None,
    at_once: int = AT_ONCE,
) -> Done:
    """Rewrite all that the tables rewrite in these units; values that split or ended stay as they are.

    Stopped in the middle, what was done stays done; begun again it finds the rest. `told` is called
    after each portion. Raises NotPermittedError; nobody works on files he must not read.
    """
    for scope in scopes:
        require(acting_user, Permission.PERSON_EDIT, scope)
    done = Done()
    for portion in portions(in_care(acting_user, scopes), at_once):
        work = _portion(portion, acting_user, known)
        done.people += len(work.facts | work.rows)
        done.facts += work.facts.total()
        done.rows += work.rows.total()
        told(done)
    return done


@transaction.atomic
def _portion(people: Sequence[uuid.UUID], user: User, known: changes.Changes | None) -> _Work:
    work = _Work(user, known)
    shunned = set(Avoidance.objects.holding().filter(user=user).values_list("person", flat=True))
    held = held_of([person.pk for person in locked(people) if person.pk not in shunned])
    _facts(work, held.facts)
    _rows(work, held.statements)
    touched = locked(work.facts | work.rows)
    if touched:
        project_many(touched, user)
        record_many([_draft(work, person) for person in touched])
    return work


def _draft(work: _Work, person: Person) -> Draft:
    return Draft(
        event="person:restate",
        actor=work.user,
        subject=person,
        detail={
            "standard": publishing.digest(),
            "facts": work.facts[person.pk],
            "rows": work.rows[person.pk],
        },
    )


def _facts(work: _Work, facts: Iterable[Fact]) -> None:
    """The fact before is taken back with the reason; a fact of the same evidence says the new value."""
    before, after = [], []
    for fact in facts:
        now = changes.restated(fact.field, fact.value, work.known)
        if now is None or now.kind != "rewritten":
            continue
        after.append(_anew(fact, now.value, work))
        fact.state, fact.withdrawn_by = FactState.WITHDRAWN, work.user
        fact.withdrawn_at, fact.withdrawn_why = work.at, WHY
        before.append(fact)
        work.facts[fact.person_id] += 1
    for fact in before:  # encrypted columns are saved row by row
        fact.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_why"])
    Fact.objects.bulk_create(after)
    # Which of two facts holds must not turn on when a table changed: each keeps the time of its first.
    for old, new in zip(before, after, strict=True):
        Fact.objects.filter(pk=new.pk).update(recorded_at=old.recorded_at)


def _anew(fact: Fact, value: str, work: _Work) -> Fact:
    return Fact(
        person_id=fact.person_id,
        field=fact.field,
        value=value,
        original=fact.original or fact.value,
        state=FactState.CONFIRMED,
        page_id=fact.page_id,
        box=fact.box,
        formed=fact.formed,
        confidence=fact.confidence,
        recorded_by=work.user,
    )


def _rows(work: _Work, statements: Iterable[Statement]) -> None:
    """A row says the new value by a statement of the same run: taking back the run takes it along."""
    fresh: dict[tuple[uuid.UUID, uuid.UUID, dt.datetime], list[Fresh]] = {}
    ended = []
    for statement in statements:
        found = restated_sayings(statement, work.known)
        now = {name: one.value for name, (_old, one) in found.items() if one.kind == "rewritten"}
        if not now:
            continue
        anew = _said(statement.sayings, now)
        body = digests.body(anew)
        place = statement.source_id, statement.run, statement.recorded_at
        fresh.setdefault(place, []).append(
            Fresh(
                key=bytes(statement.key),
                digest=digests.said_digest()(body.encode()),
                row=statement.row,
                sayings=anew,
                body=body,
                person=statement.person_id,
            )
        )
        ended.append(statement.pk)
        work.rows[statement.person_id] += 1
    end(ended, run=work.run, at=work.at)
    sources = Source.objects.in_bulk({source for source, _run, _at in fresh})
    for (source, run, at), rows in fresh.items():
        write(sources[source], rows, run=run, at=at)


def _said(sayings: Sayings, now: dict[str, str]) -> dict[str, Said]:
    return {
        name: Said(now[name], said.original or said.value) if name in now else said
        for name, said in sayings.items()
    }
