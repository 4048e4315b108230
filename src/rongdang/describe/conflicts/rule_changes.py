"""A unit's own rule for a field: asked by its security officer, agreed to by another person."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.describe.conflicts.models import RuleChange, RuleChangeState
from rongdang.describe.people.projection import CRITERIA, standard

LEAST_REASON = 8


@transaction.atomic
def ask(
    unit: Unit, field: str, by: Sequence[str], *, clause: str, reason: str, acting_user: User
) -> RuleChange:
    """Decide `field` by these criteria, left to right, in the unit and below; none = as the standard.

    Nothing is different until another person has agreed. Raises DomainError.
    """
    require(acting_user, Permission.RECORD_RULE, unit.path)
    clause, reason = clause.strip()[:120], reason.strip()[:400]
    _must_make_sense(field, by, clause, reason)
    refuse_marks(clause, reason, scope=unit.path, acting_user=acting_user, place="record-rule")
    change = RuleChange(
        unit=unit, field=field, by=list(by), clause=clause, reason=reason, asked_by=acting_user
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(
            "这个字段已经有一个提议在等同意，没有再提。",
            "A proposal for this field waits already; nothing was proposed.",
            code="rule-waits",
        ) from error
    told = {"unit": unit.path, "field": field, "by": list(by), "clause": clause}
    record("record-rule:ask", actor=acting_user, subject=change, detail=told)
    return change


@transaction.atomic
def agree(change: RuleChange, *, acting_user: User) -> RuleChange:
    """It holds from now on; every record of the unit is projected anew (a job)."""
    change = _waiting(change)
    _may_decide(change, acting_user)
    if acting_user.is_same_person(change.asked_by):
        raise NotPermittedError(
            "自己提出的不能自己同意，规则没有变。",
            "Nobody agrees to his own proposal; the rule is unchanged.",
            hint_zh="请领导或另一位安全保密员来办。",
            hint_en="Ask the leader or another security officer.",
            code="own-proposal",
        )
    now = timezone.now()
    held = RuleChange.objects.holding().filter(unit=change.unit_id, field=change.field)
    held.update(state=RuleChangeState.ENDED, ended_at=now)
    change.state, change.agreed_by, change.agreed_at = RuleChangeState.HOLDS, acting_user, now
    change.save(update_fields=["state", "agreed_by", "agreed_at"])
    told = {"field": change.field, "by": change.by, "asked_by": str(change.asked_by_id)}
    record("record-rule:agree", actor=acting_user, subject=change, detail=told)
    return change


@transaction.atomic
def refuse(change: RuleChange, *, acting_user: User) -> RuleChange:
    """Not agreed to, or taken back by whoever asked."""
    change = _waiting(change)
    if change.asked_by_id != acting_user.pk:
        _may_decide(change, acting_user)
    change.state, change.ended_at = RuleChangeState.REFUSED, timezone.now()
    change.save(update_fields=["state", "ended_at"])
    record("record-rule:refuse", actor=acting_user, subject=change)
    return change


def _must_make_sense(field: str, by: Sequence[str], clause: str, reason: str) -> None:
    rule = standard().get(field)
    wrong = [name for name in by if name not in CRITERIA] or len(set(by)) != len(by)
    if rule is None or wrong or ("titled" in by and not rule.titles):
        raise DomainError(
            "字段或比较的次序不对，没有提出。",
            "The field or the order of criteria is wrong; nothing was proposed.",
            hint_zh="每种比较只选一次；“按材料题名”只用于标准里列了题名的字段。",
            hint_en="Choose each criterion once; “by title” only where the standard names titles.",
            code="bad-rule",
            status=422,
        )
    if len(reason) < LEAST_REASON or not clause:
        raise DomainError(
            f"要写依据的文件和理由（至少 {LEAST_REASON} 个字），没有提出。",
            f"Name the clause and give a reason ({LEAST_REASON} characters or more); "
            "nothing was proposed.",
            code="no-reason",
            status=422,
        )


def _may_decide(change: RuleChange, acting_user: User) -> None:
    """A leader of the unit, or a security officer over it."""
    path = change.unit.path
    if not acting_user.may(Permission.RULE_SET, path):
        require(acting_user, Permission.RECORD_RULE, path)


def _waiting(change: RuleChange) -> RuleChange:
    rows = RuleChange.objects.select_for_update(of=("self",)).select_related("unit", "asked_by")
    change = rows.get(pk=change.pk)
    if change.state != RuleChangeState.ASKED:
        raise ConflictError(
            "这个提议已经办过，没有改动。",
            "This proposal is settled; nothing changed.",
            code="rule-settled",
        )
    return change
