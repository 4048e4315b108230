"""Two people under one record: the second gets his own, with what is his. Undone like a merge."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q, QuerySet

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.describe.casefiles.models import Item
from rongdang.describe.linkage.files import part_files
from rongdang.describe.linkage.joining import held_open, journalled, reasoned, told
from rongdang.describe.linkage.models import Joining, JoiningKind
from rongdang.describe.people.models import Fact, Person
from rongdang.describe.people.projecting import locked, project_many
from rongdang.describe.statements.models import Statement


@transaction.atomic
def split(
    person: Person,
    *,
    facts: Sequence[uuid.UUID] = (),
    statements: Sequence[uuid.UUID] = (),
    items: Sequence[uuid.UUID] = (),
    reason: str,
    acting_user: User,
) -> Joining:
    """Of two people under one record the second gets his own, with these materials, rows and facts.

    A fact that stands on a page goes with the page's material; `facts` names those that were only
    declared. Raises DomainError when nothing is named, when it names what is not this person's, or
    all of it.
    """
    [person] = held_open([person], acting_user)
    reason = reasoned(reason, acting_user, person)
    chosen = _chosen(person, facts, statements, items)
    new = Person.objects.create(
        unit_id=person.unit_id,
        scope=person.scope,
        name=person.name,
        name_keys=person.name_keys,
        record={"姓名": person.name},
    )

    def act() -> None:
        chosen.facts.update(person=new)
        chosen.statements.update(person=new)
        part_files(person, new, chosen.items, acting_user)
        project_many(locked([person.pk, new.pk]), acting_user)

    made = Joining.objects.create(
        kind=JoiningKind.SPLIT,
        kept=person,
        other=new,
        reason=reason,
        journal=journalled([person.pk, new.pk], act),
        done_by=acting_user,
    )
    record("person:split", actor=acting_user, subject=made, detail=told(made))
    return made


@dataclass(frozen=True, slots=True)
class _Chosen:
    """What goes to the new record."""

    facts: QuerySet[Fact]
    statements: QuerySet[Statement]
    items: list[uuid.UUID]


def _chosen(
    person: Person,
    facts: Sequence[uuid.UUID],
    statements: Sequence[uuid.UUID],
    items: Sequence[uuid.UUID],
) -> _Chosen:
    declared = Fact.objects.filter(person=person, page=None, pk__in=facts)
    rows = Statement.objects.filter(person=person, pk__in=statements)
    filed = Item.objects.filter(case_file__person=person, pk__in=items)
    asked = len(set(facts)) + len(set(statements)) + len(set(items))
    if not asked or declared.count() + rows.count() + filed.count() != asked:
        raise DomainError(
            "没有选要分出去的内容，或者选的不全是这个人的，没有拆分。",
            "Nothing was chosen, or not all of it is this person's; nothing was split.",
            code="split-what",
            status=422,
        )
    moving = Fact.objects.filter(person=person).filter(
        Q(pk__in=declared.values("pk")) | Q(page__item__in=filed.values("pk"))
    )
    keys = list(moving.values_list("pk", flat=True))
    left = (
        Fact.objects.filter(person=person).exclude(pk__in=keys).exists()
        or Statement.objects.filter(person=person).exclude(pk__in=statements).exists()
        or Item.objects.filter(case_file__person=person).exclude(pk__in=items).exists()
    )
    if not left:
        raise DomainError(
            "全部内容都选上了，原来的记录就空了，没有拆分。",
            "All of it was chosen, which would leave the record empty; nothing was split.",
            hint_zh="只选属于另一个人的。",
            hint_en="Choose only what is the other person's.",
            code="split-all",
            status=422,
        )
    return _Chosen(Fact.objects.filter(pk__in=keys), rows, list(items))
