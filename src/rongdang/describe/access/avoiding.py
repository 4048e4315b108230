"""回避: nobody reads his own file or a close relative's; who that is, is found from both sides.

The security officer says who an account is (file, ID number, birth) or declares a relative; the
rest is found in what files say of relatives. A name alone makes a relative likely: the file stays
shut until the officer clears it.
"""

from __future__ import annotations

import uuid

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.services import raise_alarm
from rongdang.base.columns.fields import sealed_for
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.vocab import dates
from rongdang.describe.access.finding import find_for_user
from rongdang.describe.access.models import Avoidance, Ground, Identity
from rongdang.describe.people.models import Person


class RecusedError(NotPermittedError):
    """The file is the reader's own or a close relative's."""

    code = "recused"


def is_avoided(user: User, person_id: uuid.UUID) -> bool:
    return Avoidance.objects.holding().filter(user=user, person_id=person_id).exists()


def refuse_avoided(user: User | None, person_id: uuid.UUID) -> None:
    """Inside a write: nobody works on a file he must not read."""
    if user is not None and is_avoided(user, person_id):
        raise RecusedError(
            "按回避规定，本人和近亲属的档案不能查阅，也不能经办。没有打开，数据没有改动。",
            "Nobody reads or handles his own file or a close relative's. It was not opened; nothing changed.",
            hint_zh="请别的同志办理。认为认错了人的，请安全保密员核实。",
            hint_en="Ask a colleague. If it is a mistake, the security officer clears it.",
        )


def require_apart(user: User, person_id: uuid.UUID, *, scope: str) -> None:
    """Pass, or put an alarm before the officers and refuse; called before any transaction."""
    try:
        refuse_avoided(user, person_id)
    except RecusedError:
        with transaction.atomic():
            raise_alarm(
                kind="recused",
                about=user,
                scope=scope,
                subject_kind="people.person",
                subject_id=str(person_id),
            )
            record(
                "casefile:recuse",
                actor=user,
                subject_kind="people.person",
                subject_id=str(person_id),
            )
        raise


@transaction.atomic
def set_identity(user: User, *, birth: str, person: Person | None, acting_user: User) -> Identity:
    """Say who an account is, beside its ID number. What follows is found at once."""
    require(acting_user, Permission.ROLE_ASSIGN)
    if user.pk == acting_user.pk:
        raise NotPermittedError(
            "不能登记自己的身份，没有改动。",
            "Nobody registers his own identity; nothing changed.",
            hint_zh="请另一位安全保密员登记。",
            hint_en="Another security officer does it.",
            code="own-identity",
        )
    if birth and dates.iso_partial(birth) is None:
        raise DomainError(
            f"看不懂出生日期“{birth}”，没有登记。",
            f"“{birth}” is not a date; nothing was registered.",
            hint_zh="写成 1973、1973-07 或 1973-07-12。",
            hint_en="Write 1973, 1973-07 or 1973-07-12.",
            code="no-date",
            status=422,
        )
    identity, _made = Identity.objects.select_for_update(of=("self",)).get_or_create(user=user)
    identity.birth, identity.person, identity.set_by = birth, person, acting_user
    identity.save()
    _forget_found(user)
    find_for_user(User.objects.select_related("identity").get(pk=user.pk))
    record(
        "identity:set",
        actor=acting_user,
        subject=user,
        detail={"person": str(person.pk) if person else ""},
    )
    return identity


@transaction.atomic
def declare_relative(user: User, person: Person, *, relation: str, acting_user: User) -> Avoidance:
    """A relative the officer knows of, by what the account's owner reported."""
    require(acting_user, Permission.ROLE_ASSIGN)
    refuse_marks(relation, scope=person.scope, acting_user=acting_user, place="relation")
    held, _made = Avoidance.objects.update_or_create(
        user=user,
        person=person,
        defaults={
            "ground": Ground.KIN,
            "relation": relation.strip()[:12],
            "declared": True,
            "cleared_by": None,
            "cleared_why": "",
        },
    )
    record("kin:declare", actor=acting_user, subject=user, detail={"person": str(person.pk)})
    return held


@transaction.atomic
def clear_avoidance(avoidance: Avoidance, *, why: str, acting_user: User) -> None:
    """The security officer has found that the two are no relatives; the file is open again."""
    require(acting_user, Permission.ROLE_ASSIGN)
    if avoidance.ground == Ground.OWN or avoidance.user_id == acting_user.pk:
        raise NotPermittedError(
            "本人的档案不能解除回避，也不能给自己解除。没有改动。",
            "One's own file is never cleared, and nobody clears himself; nothing changed.",
            hint_zh="身份登记错了的，请改身份登记。",
            hint_en="If the identity is wrong, register it anew.",
            code="own-file",
        )
    if not why.strip():
        raise DomainError(
            "没有写怎样核实的，没有解除。",
            "Say how it was verified; nothing was cleared.",
            code="no-reason",
            status=422,
        )
    held = Avoidance.objects.holding().filter(pk=avoidance.pk)
    said = sealed_for(avoidance, "cleared_why", why.strip()[:200])
    if not held.update(cleared_by=acting_user, cleared_why=said):
        raise ConflictError("已经解除过了，没有改动。", "It was cleared already; nothing changed.")
    record(
        "kin:clear",
        actor=acting_user,
        subject=avoidance.user,
        detail={"person": str(avoidance.person_id), "why": why.strip()[:200]},
    )


def _forget_found(user: User) -> None:
    """What was found by an identity that no longer holds; declared and cleared ones stay."""
    Avoidance.objects.holding().filter(user=user, declared=False).delete()
