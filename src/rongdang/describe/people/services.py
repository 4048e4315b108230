"""Writes to people and facts; what follows from them for the record is in `projecting`."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import names
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.conflicts.finding import in_force
from rongdang.describe.conflicts.models import Ruling
from rongdang.describe.conflicts.rulebook import RuleBook
from rongdang.describe.people.claims import claims_of, of_fact
from rongdang.describe.people.key_dates import KEY_DATES
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.projecting import name_keys, project, project_many
from rongdang.describe.people.projection import governing

__all__ = ["name_keys", "project", "project_many"]


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


def displaced(person: Person, values: Mapping[str, str], formed: str, title: str = "") -> list[str]:
    """Key dates that hold and would no longer, were these values of a material confirmed."""
    asked = [field for field in KEY_DATES if values.get(field)]
    if not asked:
        return []
    rules = RuleBook.load().at(person.scope)
    claims = [claim for claim in claims_of([person.pk])[person.pk] if claim.field in asked]
    rulings = {one.field: one for one in Ruling.objects.holding().filter(person=person)}
    ruled = in_force(rulings, claims, rules)
    held = governing(claims, rules, ruled)
    read = [
        of_fact(Fact(person=person, field=field, value=values[field], formed=formed), title)
        for field in asked
        if field in held
    ]
    added = [claim._replace(origin="page", confirmed=True) for claim in read]
    after = governing([*claims, *added], rules, ruled)
    return [one.field for one in added if after[one.field].value != held[one.field].value]
