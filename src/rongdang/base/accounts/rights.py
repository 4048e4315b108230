"""The one check of a right before a write."""

from __future__ import annotations

from rongdang.base.accounts.models import User
from rongdang.base.errors import NotPermittedError


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
