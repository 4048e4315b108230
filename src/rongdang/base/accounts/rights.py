"""The one check of a right before a write."""

from __future__ import annotations

from rongdang.base.accounts.models import User
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import NotPermittedError
from rongdang.base.orgs.models import Unit


def require(user: User | None, permission: str, scope: str = "") -> None:
    """Pass or raise; `None` is the machine itself, which acts only by the flow table."""
    if user is None or user.may(permission, scope):
        return
    raise NotPermittedError(
        "您的岗位没有这项权限，没有改动任何数据。",
        "Your role does not hold this right. Nothing was changed.",
        hint_zh="需要时请联系本单位安全保密员授权。",
        hint_en="If you need it, ask the security officer of your unit.",
    )


def require_everywhere(user: User | None, permission: str) -> None:
    """As `require`, for what touches all units at once (keys, the gate, the log after a break): the
    right must be held over each unit that has none above it. An officer of one home holds it there.
    """
    require(user, permission)
    tops = Unit.objects.filter(parent=None).values_list("path", flat=True)
    if user is None or all(user.may(permission, path) for path in tops):
        return
    raise NotPermittedError(
        "这件事关系到全部机构，您的岗位只管其中一部分，没有改动任何数据。",
        "This touches every unit, and your role is for a part of them. Nothing was changed.",
        hint_zh="请最上级机构的同一岗位来办。",
        hint_en="Ask whoever holds the same role in the highest unit.",
        code="not-everywhere",
    )


def require_two_officers(proposer: User, approver: User, *, stays: tuple[str, str]) -> None:
    """What two officers open together (GB/T 22239-2019 8.1.5): another person than who proposed it, and
    one of the two looks after secrets. `stays` says in both languages what does not happen else.
    """
    zh, en = stays
    if proposer.pk == approver.pk:
        raise NotPermittedError(
            f"自己提出的不能自己批准，{zh}。",
            f"Nobody approves his own proposal; {en}.",
            hint_zh="请另一位安全保密员或系统管理员来批准。",
            hint_en="Another security officer or the system officer decides.",
            code="own-proposal",
        )
    if not any(one.may(Permission.SECRET_SETTLE) for one in (proposer, approver)):
        raise NotPermittedError(
            f"两人里要有一位安全保密员，{zh}。",
            f"One of the two must be a security officer; {en}.",
            code="no-security-officer",
        )
