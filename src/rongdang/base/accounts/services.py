"""Writes to accounts: made, opened and closed by the system officer, who gives no role."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from rongdang.base.accounts import entry, holding, passwords, role_changes, tokens
from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import OFFICERS, Permission
from rongdang.base.alarms.refusals import alarmed
from rongdang.base.cipher.blind import blind_index
from rongdang.base.cipher.keyring import BLIND_INDEX
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.gate.services import refuse_marks
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit
from rongdang.base.vocab import ids


@transaction.atomic
def create_user(
    *,
    username: str,
    display_name: str,
    password: str | None,
    acting_user: User | None,
    id_number: str = "",
) -> User:
    """Make an account that holds no role yet.

    `password` None: the person comes in by the directory or the identity provider. `id_number` is
    kept as a keyed digest only; it tells two accounts of one person.
    """
    require(acting_user, Permission.USER_EDIT)
    username, display_name = username.strip(), display_name.strip()
    if not username or not display_name:
        raise DomainError(
            "账号名和姓名都要写，没有新建。",
            "Account and name are both needed; none was made.",
            code="no-name",
            status=422,
        )
    if User.objects.filter(username=username).exists():
        raise DomainError(
            f"账号“{username}”已经有人用了，没有新建。",
            f"The account “{username}” exists already; none was made.",
            hint_zh="换一个账号名。",
            hint_en="Choose another name.",
            code="user-exists",
        )
    refuse_marks(username, display_name, scope="", acting_user=acting_user, place="account")
    user = User(username=username, display_name=display_name)
    if id_number.strip():
        user.person = person_of(id_number)
    if password is None:
        _check_elsewhere()
        user.set_unusable_password()
    else:
        passwords.choose(user, password)
        # A first password comes from another person; the installation's own is nobody else's.
        user.password_at = None if acting_user is not None else timezone.now()
    user.save(force_insert=True)
    entry.settle(user)
    record("user:create", actor=acting_user, subject=user, detail={"username": username})
    return user


@transaction.atomic
def assign_role(*, user: User, role: str, unit: Unit, acting_user: None) -> RoleAssignment:
    """Found a role: by the installation itself, at first start and in the demonstration.

    The ledger says so. A person's change of roles takes two: `role_changes`.
    """
    if acting_user is not None:
        raise DomainError(
            "岗位变更要一人提出、另一人批准，权限没有变。",
            "A change of roles is proposed by one and approved by another; rights are unchanged.",
            code="needs-two",
            status=403,
        )
    return holding.give(user, role, unit, actor=None, how={"how": "founding"})


@alarmed
@transaction.atomic
def identify(user: User, id_number: str, *, acting_user: User) -> None:
    """Note whose account it is, once; two accounts of one person then count as one."""
    _require_over(user, acting_user)
    entry.require_intact(user)
    if user.person:
        raise ConflictError(
            "这个账号已经登记过身份证号，没有改。",
            "The account names its person already; nothing changed.",
            hint_zh="登记错了请停用这个账号，另建一个。",
            hint_en="If it is wrong, close the account and make another.",
            code="person-known",
        )
    person = person_of(id_number)
    mine = RoleAssignment.objects.filter(user__person=person) | RoleAssignment.objects.filter(
        user=user
    )
    roles = set(mine.values_list("role", "user_id"))
    if len(roles) > 1 and {role for role, _user in roles} & set(OFFICERS):
        raise DomainError(
            "同一个人的另一个账号有岗位，两个合起来不合三员分立，没有登记。",
            "Another account of this person holds a role; together they break the separation of "
            "the three officers. Nothing changed.",
            code="officers-apart",
            status=409,
        )
    user.person = person
    user.save(update_fields=["person"])
    entry.settle(user)
    record("user:identify", actor=acting_user, subject=user)


@alarmed
@transaction.atomic
def set_password(*, user: User, password: str, acting_user: User | None) -> None:
    """A new password, by its owner or by the system officer; every open session of it ends.

    The officer sets none of an account that holds a role unless another has approved it. One that
    another person has set opens the account once: the owner then chooses his own, and so learns of it.
    """
    own = acting_user is not None and acting_user.pk == user.pk
    if not own:
        _require_over(user, acting_user)
        if acting_user is not None and user.roles.exists():
            role_changes.spend_password_change(user, acting_user=acting_user)
    entry.require_intact(user)
    passwords.choose(user, password)
    user.password_at = timezone.now() if own or acting_user is None else None
    user.epoch += 1
    user.save(update_fields=["password", "password_at", "epoch"])
    entry.settle(user)
    tokens.end_all(user, acting_user=acting_user)
    record("user:set-password", actor=acting_user, subject=user)


@transaction.atomic
def close_account(user: User, *, acting_user: User | None) -> None:
    """The account opens nothing from now on; who it was stays known."""
    _require_over(user, acting_user)
    for role in user.roles.values_list("role", flat=True):
        holding.check_not_last(user, role)
    _switch(user, on=False, acting_user=acting_user)


@alarmed
@transaction.atomic
def reopen_account(user: User, *, acting_user: User | None) -> None:
    """Sessions from before stay ended."""
    _switch(user, on=True, acting_user=acting_user)


def _switch(user: User, *, on: bool, acting_user: User | None) -> None:
    """One that was changed behind the system can be closed, never opened again: its seal stays broken."""
    _require_over(user, acting_user)
    if acting_user is not None and acting_user.pk == user.pk:
        raise DomainError(
            "不能停用或启用自己的账号，没有改动。",
            "Nobody closes or opens his own account; nothing changed.",
            code="own-account",
            status=403,
        )
    sound = entry.intact(User.objects.get(pk=user.pk))
    if on and not sound:
        raise entry.forged(user)
    user.is_active = on
    user.epoch += 1
    user.save(update_fields=["is_active", "epoch"])
    if sound:
        entry.settle(user)
    tokens.end_all(user, acting_user=acting_user)
    record("user:reopen" if on else "user:close", actor=acting_user, subject=user)
    user.__dict__.pop("held", None)


def _require_over(user: User, acting_user: User | None) -> None:
    """The right over this account: in every unit where it holds a role. One without roles is any
    system officer's.
    """
    units = {path for _role, path in user.roles.values_list("role", "unit__path")} or {""}
    for path in units:
        require(acting_user, Permission.USER_EDIT, path)


def person_of(id_number: str) -> str:
    """The blind index of an ID number; refuses one that cannot be an ID number."""
    read = ids.parse_id(id_number)
    if read is None or not read.valid:
        raise DomainError(
            "身份证号不对（位数或校验位），没有登记。",
            "That is no ID number (length or check digit); nothing was kept.",
            hint_zh="请照身份证再输一遍。",
            hint_en="Type it again as it stands on the card.",
            code="id-number",
            status=422,
        )
    key = settings.KEYRING.secret(BLIND_INDEX)
    return blind_index(key, "accounts.user.person", read.value)


def _check_elsewhere() -> None:
    if not settings.SIGN_IN_ELSEWHERE:
        raise DomainError(
            "没有写口令，没有新建。",
            "No password was given; no account was made.",
            hint_zh="没有接统一身份认证时，账号要有口令。",
            hint_en="Without a directory or identity provider an account needs a password.",
            code="no-password",
            status=422,
        )
