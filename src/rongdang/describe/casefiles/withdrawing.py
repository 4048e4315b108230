"""A confirmed fact that is wrong is taken back: the row stays, with who and why."""

from __future__ import annotations

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.casefiles.models import CaseFile
from rongdang.describe.casefiles.services import reopen_if_sealed
from rongdang.describe.people.models import Fact, FactState, Person
from rongdang.describe.people.services import project

NAME = "姓名"


@transaction.atomic
def withdraw_fact(fact: Fact, *, reason: str, acting_user: User) -> Fact:
    """From now on the other confirmed facts say what holds; a sealed file is reopened.

    Raises DomainError without a reason and for the only name, ConflictError when somebody has
    taken it back already.
    """
    case_file = (
        CaseFile.objects.select_for_update(of=("self",)).filter(person=fact.person_id).first()
    )
    person = Person.objects.select_for_update(of=("self",)).get(pk=fact.person_id)
    require(acting_user, Permission.PERSON_EDIT, person.scope)
    refuse_avoided(acting_user, person.pk)
    fact = Fact.objects.get(pk=fact.pk)
    reason = reason.strip()[:200]
    _must_be_in_use(fact)
    _must_have_a_reason(reason)
    _must_leave_a_name(person, fact)
    fact.state = FactState.WITHDRAWN
    fact.withdrawn_by, fact.withdrawn_at, fact.withdrawn_why = acting_user, timezone.now(), reason
    fact.save(update_fields=["state", "withdrawn_by", "withdrawn_at", "withdrawn_why"])
    project(person, acting_user)
    if case_file is not None and reopen_if_sealed(case_file, acting_user):
        case_file.save(update_fields=["state", "changed_at"])
    record(
        "fact:withdraw",
        actor=acting_user,
        subject=person,
        detail={"fact": str(fact.pk), "reason": reason},
    )
    return fact


def _must_be_in_use(fact: Fact) -> None:
    if fact.state != FactState.CONFIRMED:
        raise ConflictError(
            "这条事实已经不在用，没有再改。",
            "This fact is not in use any more; nothing changed.",
            hint_zh="请刷新页面，看看是谁撤下的、为什么。",
            hint_en="Reload the page to see who took it back, and why.",
        )


def _must_have_a_reason(reason: str) -> None:
    if not reason:
        raise DomainError(
            "没有写为什么，事实没有撤下。",
            "No reason was given; the fact was not taken back.",
            hint_zh="写一句错在哪里，例如“认错了字，原页是 1935”。",
            hint_en="Say in a sentence what is wrong, for instance “misread: the page says 1935”.",
            code="no-reason",
            status=422,
        )


def _must_leave_a_name(person: Person, fact: Fact) -> None:
    left = person.facts.filter(field=NAME, state=FactState.CONFIRMED).exclude(pk=fact.pk)
    if fact.field == NAME and not left.exists():
        raise DomainError(
            "这是姓名的唯一依据，撤了就没有姓名，所以没有撤下。",
            "This is all that tells the name; without it there is none. It was not taken back.",
            hint_zh="先添上正确的姓名，再撤这一条。",
            hint_en="Add the right name first, then take this one back.",
            code="last-name",
        )
