"""The one check of a right before a write."""

from __future__ import annotations

from rongdang.base.accounts.models import User
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
