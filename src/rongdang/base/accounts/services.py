"""Writes to accounts and roles. The three officers are three different people."""

from __future__ import annotations

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
    if User.objects.filter(username=username).exists():
        raise DomainError(
            f"账号“{username}”已经有人用了，没有新建。",
            f"The account “{username}” exists already; none was made.",
            hint_zh="换一个账号名。",
            hint_en="Choose another name.",
            code="user-exists",
        )
    user = User(username=username, display_name=display_name)
    user.set_password(password)
    user.save()
    record("user:create", actor=acting_user, subject=user, detail={"username": username})
    return user


@transaction.atomic
def assign_role(*, user: User, role: str, unit: Unit, acting_user: User | None) -> RoleAssignment:
    """Give a role in a unit; an officer's role excludes every other (三员分立)."""
    require(acting_user, Permission.ROLE_ASSIGN)
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
