"""Who looks, in which unit, and the menu beside every page."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace as Thing

from rongdang.web.context import MenuEntry

NOW = dt.datetime(2026, 11, 24, 10, 32, tzinfo=dt.UTC)


def pk(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


ME = Thing(
    pk=pk(1),
    display_name="周敏",
    username="zhoumin",
    is_authenticated=True,
    is_active=True,
    role_names=["档案员"],
)
UNIT = Thing(
    pk=pk(2),
    name="示例市第一军休所",
    code="999001",
    path="0001.0001",
    fonds="9990",
    batch_confirm=False,
)
UNIT_2 = Thing(pk=pk(12), name="示例市第二军休所", code="999002", path="0001.0002")
MENU = tuple(
    MenuEntry(*entry)
    for entry in [
        ("", "工作台", "/", "home", True, 0),
        ("业务", "扫描收件", "/batches/", "scan", False, 0),
        ("业务", "核对著录", "/review/", "list", False, 31),
        ("业务", "人员档案", "/people/", "users", False, 0),
        ("管理", "审计账", "/officers/ledger/", "shield", False, 0),
    ]
)
