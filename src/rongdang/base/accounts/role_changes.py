"""Changes of roles, of a second factor and of another's password by two people: one proposes, another
decides. Whoever could set a password alone could come in as its owner, and see what he sees.

Neither may be the person concerned, nor a second account of the same person. The database holds the
same rules for accounts (`RoleChange.Meta`).
"""

from __future__ import annotations

import datetime as dt

from django.db import IntegrityError, transaction
from django.utils import timezone

from rongdang.base.accounts import factors, holding
from rongdang.base.accounts.models import RoleChange, User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.alarms.refusals import AlarmingRefusalError, alarmed
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit

Act, State = RoleChange.Act, RoleChange.State
# Roles are the security officer's to propose; what opens an account is a matter of the account.
PROPOSES = {
    Act.ASSIGN: Permission.ROLE_ASSIGN,
    Act.WITHDRAW: Permission.ROLE_ASSIGN,
    Act.RESET: Permission.USER_EDIT,
    Act.PASSWORD: Permission.USER_EDIT,
}
OF_THE_ACCOUNT = (Act.RESET, Act.PASSWORD)
PASSWORD_HOURS = 24  # from the approval until the new password has to be set


@alarmed
@transaction.atomic
def propose(
    *, act: str, user: User, unit: Unit, reason: str, acting_user: User, role: str = ""
) -> RoleChange:
    """Ask for a change; nothing is different until another person has approved it."""
    chosen = _act(act)
    require(acting_user, PROPOSES[chosen], unit.path)
    _check_other(user, acting_user)
    reason = reason.strip()[:200]
    if not reason:
        raise DomainError(
            "没有写理由，没有提出。",
            "No reason was given; nothing was proposed.",
            hint_zh="写一句为什么，批准的同志要看。",
            hint_en="Say in a sentence why; whoever decides reads it.",
            code="no-reason",
            status=422,
        )
    _check_sense(chosen, user, role, unit)
    change = RoleChange(
        act=chosen,
        user=user,
        role="" if chosen in OF_THE_ACCOUNT else role,
        unit=unit,
        reason=reason,
        proposed_by=acting_user,
        proposed_at=timezone.now(),
    )
    try:
        with transaction.atomic():
            change.save(force_insert=True)
    except IntegrityError as error:
        raise ConflictError(
            "同样的变更已经提出，正等批准，没有再提。",
            "The same change waits for approval already; it was not proposed again.",
            code="change-waits",
        ) from error
    told = {"act": change.act, "role": change.role, "user": str(user.pk), "reason": reason}
    record("role:propose", actor=acting_user, subject=change, detail=told)
    return change


@alarmed
@transaction.atomic
def approve(change: RoleChange, *, acting_user: User) -> None:
    """By another person than the proposer and the one concerned; takes effect at once."""
    _decide(change, State.APPROVED, acting_user)
    how = {"change": str(change.pk), "proposed_by": str(change.proposed_by_id)}
    if change.act == Act.ASSIGN:
        holding.give(change.user, change.role, change.unit, actor=acting_user, how=how)
    elif change.act == Act.WITHDRAW:
        holding.take(change.user, change.role, change.unit, actor=acting_user, how=how)
    elif change.act == Act.RESET:
        factors.reset(change.user, actor=acting_user, how=how)
    else:
        record("user:allow-password", actor=acting_user, subject=change.user, detail=how)


@alarmed
@transaction.atomic
def refuse(change: RoleChange, *, acting_user: User) -> None:
    """Not agreed to; the proposal stays readable."""
    _decide(change, State.REFUSED, acting_user)
    record("role:refuse", actor=acting_user, subject=change)


@transaction.atomic
def take_back(change: RoleChange, *, acting_user: User) -> None:
    """The proposer himself thinks better of it."""
    if change.proposed_by_id != acting_user.pk:
        raise DomainError(
            "只有提出的同志能撤回，没有改动。",
            "Only the proposer takes it back; nothing changed.",
            code="not-proposer",
            status=403,
        )
    _close(change, State.TAKEN_BACK, acting_user)
    record("role:take-back", actor=acting_user, subject=change)


def spend_password_change(user: User, *, acting_user: User) -> None:
    """Once, within a day, by whoever proposed it; raises DomainError when nobody has approved."""
    since = timezone.now() - dt.timedelta(hours=PASSWORD_HOURS)
    given = RoleChange.objects.filter(
        act=Act.PASSWORD, user=user, proposed_by=acting_user, state=State.APPROVED
    )
    found = given.filter(decided_at__gt=since).order_by("decided_at").first()
    if found is None or not given.filter(pk=found.pk).update(state=State.USED):
        raise DomainError(
            "重设有岗位的账号的口令要另一位同志批准，没有改。",
            "Setting the password of an account that holds a role takes another's approval; "
            "nothing changed.",
            hint_zh="请在“岗位变更”页提出“重设口令”；领导或安全保密员批准后，一天内由您来设。",
            hint_en="Propose it on the page of role changes; once a leader or the security officer has "
            "approved, you set it within a day.",
            code="needs-two",
            status=403,
        )


def _act(act: str) -> RoleChange.Act:
    try:
        return Act(act)
    except ValueError:
        raise DomainError(
            "没有这种变更，没有提出。",
            "There is no such change; nothing was proposed.",
            code="no-act",
        ) from None


def _check_other(user: User, acting_user: User) -> None:
    if acting_user.is_same_person(user):
        raise AlarmingRefusalError(
            "不能改自己的岗位或第二验证，权限没有变。",
            "Nobody changes his own roles or second factor; rights are unchanged.",
            hint_zh="请另一位同志办理。",
            hint_en="Ask somebody else.",
            alarm={"kind": "own-scope-change", "about": acting_user, "subject": user},
            code="own-role",
        )


def _check_sense(act: RoleChange.Act, user: User, role: str, unit: Unit) -> None:
    """What could never be approved is not proposed."""
    if act in OF_THE_ACCOUNT:
        _check_covers(unit, user)
        if act == Act.RESET:
            factors.check_has_one(user)
        return
    holding.check_role(role)
    if act == Act.WITHDRAW:
        holding.check_held(user, role, unit)
        holding.check_not_last(user, role)
        return
    holding.check_apart(user, role)
    if not user.person:
        # Else a second account without a number would be a way round the three who are apart.
        raise DomainError(
            "这个账号没有登记本人身份证号，不知道是谁的，不能分配岗位，没有提出。",
            "The account names no ID number, so nobody knows whose it is; nothing was proposed.",
            hint_zh="请系统管理员在“机构与账号”里补登；系统只存摘要。",
            hint_en="Ask the system officer to add it; only a keyed digest is kept.",
            code="person-unknown",
            status=409,
        )


def _check_covers(unit: Unit, user: User) -> None:
    """The unit named is the one above all his roles, so that proposer and approver stand above him."""
    paths = user.roles.values_list("unit__path", flat=True)
    if all(f"{path}.".startswith(f"{unit.path}.") for path in paths):
        return
    raise DomainError(
        "这个账号在所选机构以外还有岗位，没有提出。",
        "The account holds a role outside the unit chosen; nothing was proposed.",
        hint_zh="请选管得到他全部岗位的上级机构，由那里的同志办。",
        hint_en="Choose the unit above all his roles; its officers deal with it.",
        code="unit-too-low",
        status=409,
    )


def _decide(change: RoleChange, state: RoleChange.State, acting_user: User) -> None:
    require(acting_user, Permission.ROLE_APPROVE, change.unit.path)
    _check_other(change.user, acting_user)
    if acting_user.is_same_person(change.proposed_by):
        raise DomainError(
            "提出的人不能自己批准，权限没有变。",
            "The proposer does not approve it himself; rights are unchanged.",
            hint_zh="请领导或另一位安全保密员批准。",
            hint_en="Ask the leader or another security officer.",
            code="own-proposal",
            status=403,
        )
    _close(change, state, acting_user)


def _close(change: RoleChange, state: RoleChange.State, acting_user: User) -> None:
    """Exactly one decision counts, however many arrive at once."""
    now = timezone.now()
    closed = RoleChange.objects.filter(pk=change.pk, state=State.OPEN).update(
        state=state, decided_by=acting_user, decided_at=now
    )
    if not closed:
        raise ConflictError(
            "这项变更已经有人办了，没有再改。",
            "Somebody has decided this change already; nothing more was done.",
            code="change-decided",
        )
    change.refresh_from_db(fields=["state", "decided_by", "decided_at"])
