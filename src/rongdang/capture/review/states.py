"""What may happen to a material that the machine proposes."""

from __future__ import annotations

from django.db.models import TextChoices

from rongdang.base.accounts.roles import Permission
from rongdang.base.states import Machine, Move


class MaterialState(TextChoices):
    PROPOSED = "proposed", "等人核对"
    POSTPONED = "postponed", "先放一放"
    RESCAN = "rescan", "退回重扫"
    CHECK = "check", "等第二人复核"
    FILED = "filed", "已归卷"
    EMPTY = "empty", "已并走"


OPEN = ("proposed", "postponed")
_P = Permission.MATERIAL_REVIEW
MATERIAL = Machine(
    "material",
    Move("confirm", OPEN, "filed", _P, "确认", "confirm"),
    Move("sample", OPEN, "check", _P, "确认并送复核", "confirm, to be checked again"),
    Move("check", ("check",), "filed", Permission.MATERIAL_CHECK, "复核", "check"),
    Move("return", ("check",), "proposed", Permission.MATERIAL_CHECK, "退回重核", "return"),
    Move("postpone", ("proposed",), "postponed", _P, "先放一放", "leave for now"),
    Move("rescan", OPEN, "rescan", _P, "退回重扫", "send back to scan"),
    Move("renew", (*OPEN, "rescan"), "proposed", _P, "换上新扫的页", "take the new pages"),
    Move("absorb", (*OPEN, "rescan"), "empty", _P, "并入上一份", "merge into the one before"),
    Move("change", OPEN, "proposed", _P, "改动", "change"),
    Move("set-aside", (*OPEN, "rescan"), "proposed", _P, "有页不归卷", "set a page aside"),
)
