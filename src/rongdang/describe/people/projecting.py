"""A person's record follows from his claims: projected whenever they change, one or thousands at a time.

Beside the values that hold this keeps what does not agree (`conflicts.Doubt`) and how complete the
record and the file are. Whoever writes claims calls it in the same transaction.
"""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.vocab import names, required
from rongdang.base.vocab.required import MaterialHeld
from rongdang.describe.conflicts import finding
from rongdang.describe.conflicts.models import Doubt, Ruling
from rongdang.describe.conflicts.rulebook import RuleBook
from rongdang.describe.people import projection
from rongdang.describe.people.claims import Claim, claims_of, of_statement
from rongdang.describe.people.key_dates import KEY_DATES
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Statement

CHUNK = 500
KEPT = ("record", "name", "name_keys", "sex", "birth", "retirement", "score", "known")


@dataclass(slots=True)
class Ground:
    """All that decides the records of some people, read in a constant number of queries."""

    rules: RuleBook
    claims: Mapping[uuid.UUID, Sequence[Claim]]
    rulings: Mapping[uuid.UUID, Mapping[str, Ruling]] = field(default_factory=dict)
    materials: Mapping[uuid.UUID, Sequence[MaterialHeld]] = field(default_factory=dict)
    around: finding.Around = field(default_factory=finding.Around)


def name_keys(name: str) -> str:
    """Sorting and matching keys of a name: full pinyin, then initials."""
    keys = names.pinyin_keys(name)
    return f"{keys.full} {keys.initials}"[:200]


def project(person: Person, acting_user: User | None) -> None:
    """Keep the person's columns equal to the claims that hold.

    A key date that is another than before is put before the officers, by whichever way it came.
    """
    project_many([person], acting_user)


@transaction.atomic
def project_many(people: Sequence[Person], acting_user: User | None) -> None:
    """As `project`, for people whose rows the caller holds; queries grow with `CHUNK`, not with people."""
    for start in range(0, len(people), CHUNK):
        portion = people[start : start + CHUNK]
        _project_portion(portion, acting_user)


def _project_portion(
    people: Sequence[Person], acting_user: User | None, *, others_too: bool = True
) -> None:
    ground = _ground(people)
    before = {person.pk: _kept(person) for person in people}
    doubts = {person.pk: _settle(person, ground) for person in people}
    changed = [person for person in people if _kept(person) != before[person.pk]]
    if len(changed) == 1:
        changed[0].save(update_fields=KEPT)
    elif changed:
        Person.objects.bulk_create(
            changed, update_conflicts=True, unique_fields=["id"], update_fields=KEPT
        )
    moved = finding.keep(people, doubts)
    for person in changed:
        _tell_key_dates(person, before[person.pk]["record"], acting_user)
    others = finding.concerned(people, moved, ground.around) if others_too else set()
    if others:
        _project_portion(locked(others), None, others_too=False)


def project_fresh(rows: Sequence[tuple[Person, Statement]]) -> list[Doubt]:
    """Fill in people not saved yet, each known from one row alone; what does not agree is returned.

    The caller saves people, statements and doubts, in this order. One query of their numbers.
    """
    claims = {person.pk: list(of_statement(statement)) for person, statement in rows}
    ground = Ground(RuleBook.load(), claims, around=finding.around_numbers(claims))
    return [doubt for person, _row in rows for doubt in _settle(person, ground)]


def _ground(people: Sequence[Person]) -> Ground:
    keys = [person.pk for person in people]
    claims = claims_of(keys)
    return Ground(
        RuleBook.load(),
        claims,
        rulings_of(keys),
        finding.materials_of(keys),
        finding.around(people, claims),
    )


def holding_of(people: Sequence[Person]) -> dict[uuid.UUID, dict[str, str]]:
    """Person → field → the value that holds by his claims, rulings and his unit's rules."""
    keys = [person.pk for person in people]
    claims, rulings, book = claims_of(keys), rulings_of(keys), RuleBook.load()
    found = {}
    for person in people:
        rules = book.at(person.scope)
        said = claims.get(person.pk, [])
        ruled = finding.in_force(rulings.get(person.pk, {}), said, rules)
        held = projection.governing(said, rules, ruled)
        found[person.pk] = {name: claim.value for name, claim in held.items()}
    return found


def rulings_of(people: Iterable[uuid.UUID]) -> dict[uuid.UUID, dict[str, Ruling]]:
    """Person → field → the decision that holds."""
    found: dict[uuid.UUID, dict[str, Ruling]] = defaultdict(dict)
    for ruling in Ruling.objects.holding().filter(person__in=list(people)):
        found[ruling.person_id][ruling.field] = ruling
    return found


def _kept(person: Person) -> dict[str, object]:
    return {name: getattr(person, name) for name in KEPT}


def _settle(person: Person, ground: Ground) -> list[Doubt]:
    """Set the columns of the person; what does not agree of him, as rows not saved yet."""
    rules = ground.rules.at(person.scope)
    claims = ground.claims.get(person.pk, ())
    rulings = ground.rulings.get(person.pk, {})
    ruled = finding.in_force(rulings, claims, rules)
    held = projection.governing(claims, rules, ruled)
    _fill(person, {name: claim.value for name, claim in held.items()})
    materials = ground.materials.get(person.pk)
    doubts = finding.doubts_of(
        person, claims, finding.Weighing(rules, rulings, ruled, held, materials, ground.around)
    )
    facts = finding.facts_scored(person.record, [doubt.code for doubt in doubts])
    person.known = required.known(facts).percent
    person.score = None if materials is None else required.score(materials, facts).score
    return doubts


def _fill(person: Person, holding: Mapping[str, str]) -> None:
    record = {"姓名": person.name, **holding}
    name = names.normalise_name(record["姓名"])[:60] or person.name
    if name != person.name or not person.name_keys:
        person.name_keys = name_keys(name)
    record["姓名"] = person.name = name
    person.record = record
    person.sex = holding.get("性别", "")[:4]
    person.birth = holding.get("出生日期", "")[:10]
    person.retirement = holding.get("军休类别", "")[:12]


def _tell_key_dates(person: Person, before: object, acting_user: User | None) -> None:
    was = before if isinstance(before, dict) else {}
    moved = [one for one in KEY_DATES if was.get(one) and person.record.get(one) != was[one]]
    if moved:
        raise_alarm(
            kind="key-date-changed",
            about=acting_user,
            scope=person.scope,
            subject=person,
            detail={"fields": moved},
        )


def locked(keys: Iterable[uuid.UUID]) -> list[Person]:
    """The people, held for this transaction in one order, so that two projections wait, not starve."""
    return list(
        Person.objects.select_for_update(of=("self",)).filter(pk__in=list(keys)).order_by("pk")
    )
