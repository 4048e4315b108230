"""The gate itself, and its opening by two officers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require, require_everywhere, require_two_officers
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import AlarmingRefusalError
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.marks import mark_in
from rongdang.base.gate.models import GateOpening, OpeningState
from rongdang.base.ledger.services import record

LEAST_REASON = 8
MOST_HOURS = 72


def is_open() -> bool:
    """Do marks stop nothing just now?"""
    return GateOpening.objects.in_force().exists()


def in_force() -> GateOpening | None:
    rows = GateOpening.objects.in_force().select_related("proposed_by", "decided_by")
    return rows.first()


def refuse_marks(*texts: str, scope: str, acting_user: User | None, place: str) -> None:
    """Stop what is typed or sent with a mark of state secrets; nothing of it is kept.

    `place` says which way it came, for the alarm; the words themselves are told to nobody.
    """
    kind = next(filter(None, map(mark_in, texts)), "")
    if kind:
        refuse_kind(kind, scope=scope, acting_user=acting_user, place=place)


def refuse_kind(kind: str, *, scope: str, acting_user: User | None, place: str) -> None:
    """Stop what was found to bear this mark; `place` as above."""
    if not passed(kind, place=place, acting_user=acting_user):
        raise AlarmingRefusalError(
            f"带有国家秘密标志（{kind}），没有收，也没有留下任何内容。",
            f"It bears a mark of state secrets ({kind}); it was not taken and nothing of it was kept.",
            hint_zh="请联系安全保密员，按涉密载体线下处理；目录上可写“涉密材料未数字化”。",
            hint_en="Tell the security officer; it is handled off-line. The catalogue may say "
            "“classified, not digitised”.",
            code="secret-mark",
            alarm={
                "kind": "secret-suspected",
                "scope": scope,
                "about": acting_user,
                "subject_kind": "gate",
                "subject_id": place,
                "detail": {"kind": kind, "place": place},
            },
        )


def passed(kind: str, *, place: str, acting_user: User | None = None) -> bool:
    """Two officers have opened the gate: the mark is noted on the ledger and stops nothing."""
    opening = in_force()
    if opening is None:
        return False
    told = {"kind": kind, "place": place}
    record("secret:pass", actor=acting_user, subject=opening, detail=told)
    return True


@transaction.atomic
def propose(*, reason: str, hours: int, acting_user: User) -> GateOpening:
    """One officer asks that marks stop nothing for some hours; another decides."""
    require_everywhere(acting_user, Permission.SECRET_GATE)
    reason = reason.strip()[:400]
    if len(reason) < LEAST_REASON or not 0 < hours <= MOST_HOURS:
        raise DomainError(
            f"要写明理由（至少 {LEAST_REASON} 个字）和时长（1 至 {MOST_HOURS} 小时），没有提出。",
            f"A reason ({LEAST_REASON} characters or more) and 1 to {MOST_HOURS} hours are needed; "
            "nothing was proposed.",
            code="no-reason",
            status=422,
        )
    if is_open() or GateOpening.objects.filter(state=OpeningState.PROPOSED).exists():
        raise ConflictError(
            "已经有一个提议在等批准，或检查已经关闭，没有再提。",
            "A proposal waits already, or the gate is open; nothing was proposed.",
            code="gate-proposed",
        )
    opening = GateOpening.objects.create(reason=reason, hours=hours, proposed_by=acting_user)
    record(
        "gate:propose",
        actor=acting_user,
        subject=opening,
        detail={"reason": reason, "hours": hours},
    )
    return opening


@transaction.atomic
def decide(opening: GateOpening, *, agreed: bool, acting_user: User) -> GateOpening:
    """The other officer's word; one of the two looks after secrets. Open is an urgent alarm."""
    require_everywhere(acting_user, Permission.SECRET_GATE)
    opening = GateOpening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
    if opening.state != OpeningState.PROPOSED:
        raise ConflictError(
            "这个提议已经办过，没有改动。", "This proposal is settled; nothing changed."
        )
    if agreed:
        require_two_officers(
            opening.proposed_by,
            acting_user,
            stays=("检查没有关闭", "the gate stays shut"),
        )
    now = timezone.now()
    opening.state = OpeningState.OPEN if agreed else OpeningState.REFUSED
    if opening.proposed_by_id != acting_user.pk:
        opening.decided_by, opening.decided_at = acting_user, now
    opening.until = now + dt.timedelta(hours=opening.hours) if agreed else None
    opening.save(update_fields=["state", "decided_by", "decided_at", "until"])
    told = {"hours": opening.hours, "proposed_by": str(opening.proposed_by_id)}
    record(
        "gate:open" if agreed else "gate:refuse", actor=acting_user, subject=opening, detail=told
    )
    if agreed:
        raise_alarm(kind="secret-gate-off", subject=opening, detail=told)
    return opening


@transaction.atomic
def shut(opening: GateOpening, *, acting_user: User) -> GateOpening:
    """Either officer ends it early; that takes one."""
    require(acting_user, Permission.SECRET_GATE)
    opening = GateOpening.objects.select_for_update(of=("self",)).get(pk=opening.pk)
    if opening.state != OpeningState.OPEN:
        raise ConflictError("检查没有关闭，没有改动。", "The gate is shut; nothing changed.")
    opening.state, opening.shut_by = OpeningState.SHUT, acting_user
    opening.save(update_fields=["state", "shut_by"])
    record("gate:shut", actor=acting_user, subject=opening)
    return opening


def waiting() -> Iterable[GateOpening]:
    """The proposal that waits for the other officer."""
    return GateOpening.objects.filter(state=OpeningState.PROPOSED).select_related("proposed_by")
