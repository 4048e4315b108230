"""Writes to accounts and roles. The three officers are three different people."""

from __future__ import annotations

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from rongdang.base.accounts.models import RoleAssignment, User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import OFFICERS, ROLES, Permission
from rongdang.base.errors import DomainError
from rongdang.base.ledger.services import record
from rongdang.base.orgs.models import Unit


@transaction.atomic
def create_user(
    *, username: str, display_name: str, password: str, acting_user: User | None
) -> User:
    """Make an account that holds no role yet."""
    require(acting_user, Permission.USER_EDIT)
    if not username.strip() or not display_name.strip():
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
    user = User(username=username, display_name=display_name)
    _set_password(user, password)
    user.save()
    record("user:create", actor=acting_user, subject=user, detail={"username": username})
    return user


@transaction.atomic
def assign_role(*, user: User, role: str, unit: Unit, acting_user: User | None) -> RoleAssignment:
    """Give a role in a unit; an officer's role excludes every other (三员分立)."""
    require(acting_user, Permission.ROLE_ASSIGN, unit.path)
    if role not in ROLES:
        raise DomainError(
            f"没有“{role}”这个岗位。", f"There is no role “{role}”.", code="no-such-role"
        )
    if acting_user is not None and acting_user.pk == user.pk:
        raise DomainError(
            "不能给自己授权，权限没有变。",
            "Nobody assigns a role to himself; rights are unchanged.",
            code="own-role",
            status=403,
        )
    others = set(user.roles.values_list("role", flat=True)) - {role}
    if others and (role in OFFICERS or others & set(OFFICERS)):
        raise DomainError(
            "系统管理员、安全保密员、安全审计员必须是三个人，且不兼其他岗位。权限没有变。",
            "The three officers are three people and hold no other role. Rights are unchanged.",
            hint_zh="请另指定一位同志。",
            hint_en="Name another person.",
            code="officers-apart",
            status=409,
        )
    held, _made = RoleAssignment.objects.get_or_create(user=user, role=role, unit=unit)
    record(
        "role:assign", actor=acting_user, subject=user, detail={"role": role, "unit": str(unit.pk)}
    )
    user.__dict__.pop("held", None)
    return held


@transaction.atomic
def withdraw_role(*, user: User, role: str, unit: Unit, acting_user: User | None) -> None:
    """Take a role away; what the person did with it stays on the ledger."""
    require(acting_user, Permission.ROLE_ASSIGN, unit.path)
    if acting_user is not None and acting_user.pk == user.pk:
        raise DomainError(
            "不能改自己的岗位，权限没有变。",
            "Nobody changes his own roles; rights are unchanged.",
            code="own-role",
            status=403,
        )
    gone, _rows = RoleAssignment.objects.filter(user=user, role=role, unit=unit).delete()
    if not gone:
        raise DomainError(
            "这位同志在这个机构没有这个岗位，权限没有变。",
            "This person does not hold that role there; rights are unchanged.",
            code="role-not-held",
            status=409,
        )
    record(
        "role:withdraw",
        actor=acting_user,
        subject=user,
        detail={"role": role, "unit": str(unit.pk)},
    )
    user.__dict__.pop("held", None)


@transaction.atomic
def set_password(*, user: User, password: str, acting_user: User | None) -> None:
    """A new password, by its owner or by the system officer; every open session of it ends."""
    if acting_user is None or acting_user.pk != user.pk:
        require(acting_user, Permission.USER_EDIT)
    _set_password(user, password)
    user.save(update_fields=["password"])
    record("user:set-password", actor=acting_user, subject=user)


@transaction.atomic
def close_account(user: User, *, acting_user: User | None) -> None:
    """The account opens nothing from now on; who it was stays known."""
    _switch(user, on=False, acting_user=acting_user)


@transaction.atomic
def reopen_account(user: User, *, acting_user: User | None) -> None:
    _switch(user, on=True, acting_user=acting_user)


def _switch(user: User, *, on: bool, acting_user: User | None) -> None:
    require(acting_user, Permission.USER_EDIT)
    if acting_user is not None and acting_user.pk == user.pk:
        raise DomainError(
            "不能停用或启用自己的账号，没有改动。",
            "Nobody closes or opens his own account; nothing changed.",
            code="own-account",
            status=403,
        )
    user.is_active = on
    user.save(update_fields=["is_active"])
    record("user:reopen" if on else "user:close", actor=acting_user, subject=user)
    user.__dict__.pop("held", None)


def _set_password(user: User, password: str) -> None:
    """Hash the password after the rules of the settings; raises DomainError naming what is wrong."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        said = " ".join(str(message) for message in error.messages)
        raise DomainError(
            f"口令不合要求：{said} 没有改动。",
            f"The password does not fit the rules: {said} Nothing changed.",
            hint_zh="至少 12 个字符，不用常见的词，不含账号名。",
            hint_en="At least 12 characters, no common words, not like the account name.",
            code="weak-password",
            status=422,
        ) from error
    user.set_password(password)
