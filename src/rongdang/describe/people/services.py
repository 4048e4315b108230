"""Writes to people and facts, and the rule by which facts become the person's record."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import names
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.people.models import Fact, FactState, Person

# Where sources disagree, the earliest file record governs (组通字〔2006〕41号 for birth dates;
# the same care for the two other ages). Elsewhere the latest page speaks: a name may have changed.
KEY_DATES = (
    "出生日期",
    "入伍日期",
    "参加工作日期",
    "入党日期",
)  # 三龄两历: pay and pension hang on them
EARLIEST_GOVERNS = frozenset({*KEY_DATES, "性别", "民族"})


@dataclass(frozen=True, slots=True)
class FactValue:
    """What a reviewer confirmed: value, the words on the page, and where they stand."""

    field: str
    value: str
    original: str = ""
    page_id: uuid.UUID | None = None
    box: tuple[float, float, float, float] | None = None
    formed: str = ""
    confidence: float = 0.0


def name_keys(name: str) -> str:
    """Sorting and matching keys of a name: full pinyin, then initials."""
    keys = names.pinyin_keys(name)
    return f"{keys.full} {keys.initials}"[:200]


@transaction.atomic
def create_person(*, unit: Unit, name: str, acting_user: User | None) -> Person:
    """Open a record for somebody not known before."""
    require(acting_user, Permission.PERSON_EDIT, unit.path)
    name = names.normalise_name(name)[:60]
    if not name:
        raise DomainError(
            "没有写姓名，没有建档。",
            "The name is missing; no record was opened.",
            code="no-name",
            status=422,
        )
    refuse_marks(name, scope=unit.path, acting_user=acting_user, place="name")
    person = Person.objects.create(
        unit=unit, scope=unit.path, name=name, name_keys=name_keys(name), record={"姓名": name}
    )
    record("person:create", actor=acting_user, subject=person, detail={"name": name})
    return person


@transaction.atomic
def confirm_facts(person: Person, values: Sequence[FactValue], *, acting_user: User) -> list[Fact]:
    """Record what `acting_user` confirmed and project the person's record anew."""
    require(acting_user, Permission.PERSON_EDIT, person.scope)
    refuse_avoided(acting_user, person.pk)
    said = (text for value in values for text in (value.value, value.original))
    refuse_marks(*said, scope=person.scope, acting_user=acting_user, place="field")
    # Two materials of one person confirmed at once: the second projects what both said.
    Person.objects.select_for_update(of=("self",)).only("pk").get(pk=person.pk)
    facts = Fact.objects.bulk_create(
        Fact(
            person=person,
            field=value.field,
            value=value.value,
            original=value.original,
            state=FactState.CONFIRMED,
            page_id=value.page_id,
            box=list(value.box) if value.box else None,
            formed=value.formed,
            confidence=value.confidence,
            recorded_by=acting_user,
        )
        for value in values
    )
    project(person, acting_user)
    record(
        "fact:confirm",
        actor=acting_user,
        subject=person,
        detail={"facts": [str(fact.pk) for fact in facts]},
    )
    return facts


def governing(facts: Iterable[Fact]) -> dict[str, Fact]:
    """Field → the confirmed fact that holds, by the rule of its field."""
    chosen: dict[str, Fact] = {}
    for fact in sorted(facts, key=lambda fact: (fact.recorded_at, fact.pk)):
        if fact.state != FactState.CONFIRMED:
            continue
        held = chosen.get(fact.field)
        if held is None or _governs(fact, held):
            chosen[fact.field] = fact
    return chosen


def _governs(fact: Fact, held: Fact) -> bool:
    if fact.field in EARLIEST_GOVERNS:
        return (fact.formed or "9999") < (held.formed or "9999")
    return (fact.formed or "", fact.recorded_at) > (held.formed or "", held.recorded_at)


def displaced(person: Person, values: Mapping[str, str], formed: str) -> list[str]:
    """Key dates that hold and would no longer, were these values of a material confirmed."""
    held = governing(person.facts.filter(field__in=KEY_DATES))
    return [
        field
        for field in KEY_DATES
        if field in held
        and values.get(field, held[field].value) != held[field].value
        and _governs(Fact(field=field, formed=formed), held[field])
    ]


def project(person: Person, acting_user: User | None) -> None:
    """Keep the person's columns equal to the facts that hold.

    A key date that is another than before is put before the officers, by whichever way it came.
    """
    before = {field: person.record.get(field) for field in KEY_DATES}
    holding = {field: fact.value for field, fact in governing(person.facts.all()).items()}
    person.record = {"姓名": person.name, **holding}
    person.name = person.record["姓名"]
    person.name_keys = name_keys(person.name)
    person.sex = holding.get("性别", "")[:4]
    person.birth = holding.get("出生日期", "")[:10]
    person.retirement = holding.get("军休类别", "")[:12]
    person.save(update_fields=["record", "name", "name_keys", "sex", "birth", "retirement"])
    changed = [one for one in KEY_DATES if before[one] and person.record.get(one) != before[one]]
    if changed:
        raise_alarm(
            kind="key-date-changed",
            about=acting_user,
            scope=person.scope,
            subject=person,
            detail={"fields": changed},
        )
