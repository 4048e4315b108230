"""Giving and taking a role: the row, the seal, the end of open sessions and the ledger entry in one.

Only for the modules of this room; whoever else wants a role changed proposes it (`role_changes`).
"""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import Q

from rongdang.base.accounts import entry, seals, tokens
from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.roles import OFFICERS, ROLES
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit

NO_SUCH_ROLE = ("没有“{}”这个岗位，权限没有变。", "There is no role “{}”; rights are unchanged.")


def give(
    user: User, role: str, unit: Unit, *, actor: User | None, how: Mapping[str, str]
) -> RoleAssignment:
    """Write the role; `how` says on the ledger by which way it came about."""
    check_role(role)
    locked = _intact(user)
    check_apart(locked, role)
    held, _made = RoleAssignment.objects.get_or_create(user=locked, role=role, unit=unit)
    _settle(locked, user)
    told = {"role": role, "unit": str(unit.pk), **how}
    record("role:assign", actor=actor, subject=user, detail=told)
    return held


def take(user: User, role: str, unit: Unit, *, actor: User | None, how: Mapping[str, str]) -> None:
    """Remove the role, unless it is the last of the officers'."""
    check_not_last(user, role)  # first: it locks all of a kind in one order
    _intact(user)
    remove(user, role, unit, actor=actor, how=how)


def remove(
    user: User, role: str, unit: Unit, *, actor: User | None, how: Mapping[str, str]
) -> None:
    """Remove the role, be it the last: `founding.recover` fills the place in the same transaction.

    Programmes lose their tokens with it: each was made for work of a role.
    """
    locked = _locked(user)
    check_held(locked, role, unit)
    RoleAssignment.objects.filter(user=locked, role=role, unit=unit).delete()
    _settle(locked, user)
    tokens.end_all(user, acting_user=actor)
    told = {"role": role, "unit": str(unit.pk), **how}
    record("role:withdraw", actor=actor, subject=user, detail=told)


def check_role(role: str) -> None:
    if role not in ROLES:
        zh, en = NO_SUCH_ROLE
        raise DomainError(zh.format(role), en.format(role), code="no-such-role")


def check_apart(user: User, role: str) -> None:
    """The three officers are three people and nothing else; counted by person, not by account."""
    mine = Q(user=user) | Q(user__person=user.person) if user.person else Q(user=user)
    others = set(RoleAssignment.objects.filter(mine).values_list("role", "user_id"))
    others.discard((role, user.pk))
    if others and (role in OFFICERS or {held for held, _user in others} & set(OFFICERS)):
        raise DomainError(
            "系统管理员、安全保密员、安全审计员必须是三个人，且不兼其他岗位。权限没有变。",
            "The three officers are three people and hold no other role. Rights are unchanged.",
            hint_zh="请另指定一位同志；同一个人的另一个账号也不行。",
            hint_en="Name another person; another account of the same person does not count.",
            code="officers-apart",
            status=409,
        )


def check_held(user: User, role: str, unit: Unit) -> None:
    if not RoleAssignment.objects.filter(user=user, role=role, unit=unit).exists():
        raise DomainError(
            "这位同志在这个机构没有这个岗位，权限没有变。",
            "This person does not hold that role there; rights are unchanged.",
            code="role-not-held",
            status=409,
        )


def check_not_last(user: User, role: str) -> None:
    """An officer goes only when another of his kind can act: rows whose account is open."""
    if role not in OFFICERS:
        return
    # Two officers who remove each other at the same moment queue up here; the second one is the last.
    kind = User.objects.filter(roles__role=role).order_by("pk").distinct().values("pk")
    list(User.objects.select_for_update().filter(pk__in=kind).order_by("pk"))
    others = RoleAssignment.objects.filter(role=role, user__is_active=True).exclude(user=user)
    if not others.exists():
        raise DomainError(
            f"这是唯一的{ROLES[role]}，不能收回或停用。没有改动。",
            "This is the only officer of that kind and can be neither removed nor closed. "
            "Nothing changed.",
            hint_zh="先给另一位同志分配这个岗位；本人已不能办理的，用两人恢复：rongdang officers recover",
            hint_en="Give the role to another first; if the officer cannot act any more, two others "
            "recover it: rongdang officers recover",
            code="last-officer",
            status=409,
        )


def _locked(user: User) -> User:
    """The row itself, held until the end of the transaction: two changes of one person queue up."""
    return User.objects.select_for_update().get(pk=user.pk)


def _intact(user: User) -> User:
    """As `_locked`; refuses one whose roles were written behind the system, for sealing the change
    would seal those as well.
    """
    locked = _locked(user)
    if not seals.holds(
        locked, RoleAssignment.objects.filter(user=locked).values_list("role", "unit_id")
    ):
        raise entry.forged(user)
    return locked


def _settle(locked: User, user: User) -> None:
    """Seal what is held now and end the open sessions; `user` is what the caller has in hand."""
    locked.roles_serial += 1
    locked.epoch += 1
    rows = RoleAssignment.objects.filter(user=locked).values_list("role", "unit_id")
    locked.roles_seal = seals.seal(locked, list(rows))
    locked.save(update_fields=["roles_serial", "roles_seal", "epoch"])
    for name in ("roles_serial", "roles_seal", "epoch"):
        setattr(user, name, getattr(locked, name))
    for name in ("held", "permissions"):
        user.__dict__.pop(name, None)
