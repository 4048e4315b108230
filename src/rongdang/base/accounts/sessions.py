"""Coming in and going out, on the ledger: who, from where, by what proof, and every refusal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts import entry, lockout, seals
from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.ledger.models import Entry
from rongdang.base.ledger.services import record

ROLE_EVENTS = ("role:assign", "role:withdraw")


def open_session(user: User, *, address: str, by: Sequence[str]) -> None:
    """The proofs are complete: every other session of the account ends (one at a time).

    Raises DomainError, after an alarm, when the person's roles are not what the services wrote.
    """
    if not is_intact(user):
        refuse_forged(user, address)
    with transaction.atomic():
        user.epoch += 1
        user.save(update_fields=["epoch"])
        lockout.forget(user.username, address)
        Session.objects.filter(expire_date__lt=timezone.now()).delete()
        record(
            "session:open", actor=user, subject=user, detail={"address": address, "by": list(by)}
        )


def is_intact(user: User) -> bool:
    """Do roles, password and factors fit their seals, and the roles the changes on the ledger?"""
    if not entry.intact(user):
        return False
    rows = list(user.roles.values_list("role", "unit_id"))
    if not seals.holds(user, rows):
        return False
    told = Entry.objects.filter(
        subject_kind=User._meta.label_lower, subject_id=str(user.pk), event__in=ROLE_EVENTS
    )
    return told.count() == user.roles_serial


def refuse_forged(user: User, address: str) -> NoReturn:
    """Put it before the officers and open nothing: somebody changed the account behind the system."""
    from rongdang.base.alarms.services import raise_alarm

    with transaction.atomic():
        record("session:refuse", actor=None, subject=user, detail={"address": address})
        raise_alarm(kind="role-forged", about=user, subject=user, detail={"address": address})
    raise DomainError(
        "这个账号的岗位、口令或第二验证被人绕过系统改过，不能登录。档案没有受影响，已告警。",
        "Roles, password or second factor of this account were changed behind the system; it cannot "
        "be opened. The files are unharmed, and an alarm was raised.",
        hint_zh="请找安全保密员和审计员查明；查明后停用这个账号，另建一个。",
        hint_en="Ask the security and the audit officer to look into it; then the account is closed and another made.",
        code="role-forged",
        status=403,
    )


@transaction.atomic
def note_logout(user: User) -> None:
    record("session:close", actor=user, subject=user)


@transaction.atomic
def note_confirmed(user: User, *, by: str) -> None:
    """The person has proved once more, within a session, who he is."""
    record("session:confirm", actor=user, subject=user, detail={"by": by})


@transaction.atomic
def refuse(username: str, *, address: str) -> bool:
    """One failed attempt: counted, on the ledger, an alarm at the lock; True when the door is shut.

    What was typed is kept only when it names an account of ours: it may have been a password.
    """
    known = User.objects.filter(username=username).first()
    before = lockout.shut(username, address)
    now = before or lockout.count(username, address)
    record(
        "session:lock" if now else "session:refuse",
        actor=None,
        subject=known,
        subject_kind="accounts.user",
        detail={"address": address, **({"limit": now} if now else {})},
    )
    if now and not before:
        _alarm_lock(now, known, address)
    return bool(now)


def _alarm_lock(limit: str, known: User | None, address: str) -> None:
    """A lock is news for the security officer; the same for names we do not know."""
    from rongdang.base.alarms.services import raise_alarm

    kind = "address-locked" if limit == lockout.ADDRESS else "login-locked"
    raise_alarm(
        kind=kind,
        subject=known if kind == "login-locked" else None,
        subject_kind="accounts.user",
        detail={"address": address, "limit": limit},
    )
