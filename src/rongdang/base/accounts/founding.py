"""The first officers of an installation, and the way back when an officer is lost.

Both are commands of the machine the house runs on, both are on the ledger, and neither is a way
round the two people: the first works only while there is no officer at all, the second takes two.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from rongdang.base.accounts import entry, holding, passwords
from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.roles import OFFICERS, Permission
from rongdang.base.accounts.services import person_of
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.base.orgs.services import create_unit


@dataclass(frozen=True, slots=True, kw_only=True)
class Appointee:
    """Who is to hold a role; the password is a first one, which its owner changes at once."""

    role: str
    username: str
    display_name: str
    password: str
    id_number: str


@transaction.atomic
def begin(*, code: str, name: str, appointees: list[Appointee]) -> list[User]:
    """The unit at the top, the three officers and a leader who decides on roles; all or nothing."""
    if RoleAssignment.objects.filter(role__in=OFFICERS).exists():
        raise ConflictError(
            "已经有三员了，没有再建。",
            "There are officers already; nothing was made.",
            hint_zh="改岗位请一人提出、另一人批准；缺员请用 rongdang officers recover",
            hint_en="Roles change by two people; for a lost officer use: rongdang officers recover",
            code="officers-exist",
        )
    named = sorted(one.role for one in appointees)
    if named != sorted([*OFFICERS, "leader"]):
        raise DomainError(
            "要同时指定三员和一位领导，没有建。",
            "The three officers and a leader are named together; nothing was made.",
            code="not-all-named",
            status=422,
        )
    unit = Unit.objects.filter(code=code).first() or create_unit(
        code=code, name=name, parent=None, acting_user=None
    )
    return [_appoint(one, unit, {"how": "founding"}, actor=None) for one in appointees]


@alarmed
@transaction.atomic
def recover(
    *, appointee: Appointee, code: str, first: User, second: User, instead_of: str = ""
) -> User:
    """A new officer, named by two people who have proved who they are (`proving.prove`).

    `instead_of` is the account of the one who cannot act any more; it is closed. Refused while
    another officer of the kind can act: then roles change the ordinary way.
    """
    unit = Unit.objects.filter(code=code).first()
    if unit is None or appointee.role not in OFFICERS:
        raise DomainError(
            "没有这个机构，或不是三员的岗位，没有改动。",
            "There is no such unit, or that is not an officer's role; nothing changed.",
            code="choose",
        )
    _check_two(first, second, unit)
    lost = User.objects.filter(username=instead_of).first() if instead_of else None
    _check_lost(appointee.role, lost, (first, second))
    how = {"how": "recovery", "first": str(first.pk), "second": str(second.pk)}
    if lost is not None:
        _retire(lost, how, actor=first)
    user = _appoint(appointee, unit, how, actor=first)
    if user.is_same_person(first) or user.is_same_person(second):
        raise _not_two()
    _tell(user, how)
    return user


def _check_two(first: User, second: User, unit: Unit) -> None:
    """Two people, each an officer or somebody who decides on roles there."""
    for one in (first, second):
        officer = any(role in OFFICERS for role, _path in one.held)
        if not officer and not one.may(Permission.ROLE_APPROVE, unit.path):
            raise _not_two()
    if first.is_same_person(second):
        raise _not_two()


def _not_two() -> DomainError:
    return DomainError(
        "要两位同志（三员或领导）各自确认，且都不是被任命的人，没有改动。",
        "Two people, officers or leaders and neither of them the one appointed, confirm it. "
        "Nothing changed.",
        code="two-people",
        status=403,
    )


def _check_lost(role: str, lost: User | None, two: tuple[User, User]) -> None:
    able = RoleAssignment.objects.filter(role=role, user__is_active=True)
    if lost is not None:
        _check_of_the_kind(lost, role)
        able = able.exclude(user=lost)
    if able.exists() or lost in two:
        raise ConflictError(
            "还有能办事的同类人员，没有改动。",
            "Another officer of that kind can act; nothing changed.",
            hint_zh="请在“岗位变更”页一人提出、另一人批准。",
            hint_en="Use the page of role changes: one proposes, another approves.",
            code="officer-there",
        )


def _check_of_the_kind(lost: User, role: str) -> None:
    """Only the officer whose place is filled goes, and no other on the way."""
    if not lost.roles.filter(role=role).exists():
        raise DomainError(
            f"“{lost.username}”不是要补的这一员，没有改动。",
            f"“{lost.username}” does not hold the role that is to be filled; nothing changed.",
            hint_zh="请写准不能履职的那位的账号。",
            hint_en="Name the account of the one who cannot act.",
            code="not-the-lost",
            status=409,
        )


def _retire(lost: User, how: dict[str, str], *, actor: User) -> None:
    """All roles go, those written behind the system too; such an account stays unsealed for good."""
    sound = entry.intact(User.objects.get(pk=lost.pk))
    for row in lost.roles.select_related("unit"):
        holding.remove(lost, row.role, row.unit, actor=actor, how=how)
    lost.is_active = False
    lost.epoch += 1
    lost.save(update_fields=["is_active", "epoch"])
    if sound:
        entry.settle(lost)
    record("user:close", actor=actor, subject=lost, detail=how)


def _appoint(one: Appointee, unit: Unit, how: dict[str, str], *, actor: User | None) -> User:
    """An existing account without a role, or a new one; its first password is due at once."""
    user = User.objects.filter(username=one.username).first()
    if user is not None:
        _check_whose(user, one)
    else:
        user = User(username=one.username, display_name=one.display_name)
        passwords.choose(user, one.password)
        user.person = person_of(one.id_number)
        user.save(force_insert=True)
        entry.settle(user)
        told = {"username": one.username, **how}
        record("user:create", actor=actor, subject=user, detail=told)
    holding.give(user, one.role, unit, actor=actor, how=how)
    return user


def _check_whose(user: User, one: Appointee) -> None:
    """An account that is there already is this person's; one that names nobody names him now."""
    person = person_of(one.id_number)
    if user.person not in ("", person):
        raise ConflictError(
            f"账号“{user.username}”登记的是另一个人的身份证号，没有改动。",
            f"The account “{user.username}” belongs to another ID number; nothing changed.",
            hint_zh="请核对身份证号，或换一个账号名。",
            hint_en="Check the number, or name another account.",
            code="other-person",
        )
    if not user.is_active:
        raise ConflictError(
            f"账号“{user.username}”已停用，没有改动。",
            f"The account “{user.username}” is closed; nothing changed.",
            hint_zh="换一个账号名，新建一个。",
            hint_en="Name another account; it is made.",
            code="account-closed",
        )
    entry.require_intact(user)
    user.person = person
    user.save(update_fields=["person"])
    entry.settle(user)


def _tell(user: User, how: dict[str, str]) -> None:
    from rongdang.base.alarms.services import raise_alarm

    record("role:recover", actor=how["first"], subject=user, detail=how)
    raise_alarm(kind="recovery-used", about=user, subject=user, detail=how)
