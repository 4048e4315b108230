"""Sealing how an account is opened: whoever changes password, factors, person or state calls it last.

And `require_intact` first: a change made over one that came from behind the system would seal that too.
"""

from __future__ import annotations

from rongdang.base.accounts import seals
from rongdang.base.accounts.models import User
from rongdang.base.alarms.refusals import AlarmingRefusalError


def settle(user: User) -> None:
    """Seal what the account's row and its second factors say now."""
    now = _now(user)
    now.entry_seal = user.entry_seal = seals.seal_entry(now, now.factors())
    now.save(update_fields=["entry_seal"])


def intact(user: User) -> bool:
    """Is the account opened as the services left it?"""
    return seals.entry_holds(user, user.factors())


def require_intact(user: User) -> None:
    """Raise, with an alarm, unless the row is still as the services left it."""
    if not intact(_now(user)):
        raise forged(user)


def forged(user: User) -> AlarmingRefusalError:
    return AlarmingRefusalError(
        "这个账号的岗位、口令或第二验证被人绕过系统改过，没有再改。档案没有受影响，已告警。",
        "Roles, password or second factor of this account were changed behind the system; nothing "
        "more was changed. The files are unharmed, and an alarm was raised.",
        hint_zh="请找安全保密员和审计员查明；查明后停用这个账号，另建一个。",
        hint_en="Ask the security and the audit officer to look into it; then the account is closed and another made.",
        alarm={"kind": "role-forged", "about": user, "subject": user},
        code="role-forged",
    )


def _now(user: User) -> User:
    return User.objects.select_for_update().get(pk=user.pk)
