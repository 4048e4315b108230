"""Grants asked for, given and used; emergencies and who may declare one."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from types import SimpleNamespace as Thing

from rongdang.base.vocab.purposes import ALL_LEVELS, reasons
from rongdang.describe.grants.rules import limits, patterns
from rongdang.describe.grants.terms import Terms
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, pk


WHOLE = Terms(
    numbers=("X002-2026-0001", "X002-2026-0002"),
    levels=("基本", "健康"),
    prints=20,
    exports=1,
    until=NOW + dt.timedelta(days=7),
)
PART = replace(
    WHOLE,
    numbers=WHOLE.numbers[:1],
    levels=("基本",),
    prints=2,
    exports=0,
    until=NOW + dt.timedelta(days=1),
)


def _grant(number: int, given: Terms | None = WHOLE, **told: object) -> Thing:
    counted = [
        Thing(action="see", allowed=None, used=0),
        Thing(action="print", allowed=(given or WHOLE).prints, used=1),
        Thing(action="export", allowed=(given or WHOLE).exports, used=0),
    ]
    grant = {
        "pk": pk(number),
        "user": ME,
        "user_id": ME.pk,
        "emergency": False,
        "entry": reasons()["benefit"],
        "reason": "核定护理费，示例市局〔2026〕12号",
        "numbers": list(WHOLE.numbers),
        "asked": WHOLE,
        "given": given,
        "is_narrowed": given is PART,
        "shown_state": "given",
        "asked_at": NOW,
        "until": (given or WHOLE).until,
        "decided_by": ME,
        "decided_at": NOW,
        "note": "同意",
        "withdrawn_at": None,
        "allowances": Thing(all=lambda: counted),
    }
    return Thing(**{**grant, **told})


GIVEN = _grant(41)
LESS = _grant(55, PART, note="只核护理费，其余不需要")
ASKED = _grant(42, None, shown_state="asked", decided_by=None)
REFUSED = _grant(43, None, shown_state="refused", note="没有必要")
OVER = _grant(44, shown_state="over")
BACK = _grant(
    45,
    shown_state="withdrawn",
    withdrawn_at=NOW,
    withdrawn_by=ME,
    withdrawn_why="任务已结束",
)
GLASS = _grant(
    46,
    replace(WHOLE, numbers=WHOLE.numbers[:1], levels=ALL_LEVELS, prints=0, exports=0),
    emergency=True,
    reason="林老突发心梗，急查药物过敏史",
)


def _reader(number: int, state: str) -> Thing:
    return Thing(
        pk=pk(number),
        user=ME,
        user_id=ME.pk,
        unit=UNIT,
        why="夜班值守",
        state=state,
        named_by=ME,
        named_by_id=pk(99),
        confirmed_by=None if state == "proposed" else ME,
        ended_why="紧急查阅逾期没有复核" if state == "stopped" else "",
    )


def _use(number: int, **told: object) -> Thing:
    use = {
        "pk": pk(number),
        "user": ME,
        "user_id": pk(98),
        "grant": GLASS,
        "at": NOW,
        "due_at": NOW + dt.timedelta(days=3),
        "reviewed_at": None,
        "reviewed_by": None,
        "is_overdue": False,
        "justified": None,
        "finding": "",
    }
    return Thing(**{**use, **told})


SEEN = _use(52, reviewed_at=NOW, reviewed_by=ME, justified=True, finding="已核实住院记录")
WRONG = _use(53, reviewed_at=NOW, reviewed_by=ME, justified=False, finding="没有紧急情况")

CONTEXTS: dict[str, dict[str, object]] = {
    "grants/own.html": {
        "grants": [GIVEN, LESS, ASKED, REFUSED, OVER, BACK],
        "reader": _reader(47, "named"),
    },
    "grants/ask.html": {
        "reasons": [one for one in reasons().values() if one.kind == "consult"],
        "levels": ALL_LEVELS,
        "number": "X002-2026-0001",
        "limits": limits(),
        "until": "2026-12-01T18:00",
    },
    "grants/desk.html": {
        "waiting": [ASKED],
        "holding": [GIVEN, LESS, GLASS],
        "before": [REFUSED, OVER, BACK],
        "may_decide": True,
        "patterns": list(patterns().values()),
    },
    "grants/emergency.html": {
        "reader": _reader(47, "named"),
        "uses": [_use(51), SEEN],
        "limits": limits(),
    },
    "grants/office.html": {
        "proposed": [_reader(48, "proposed")],
        "named": [_reader(47, "named")],
        "ended": [_reader(49, "stopped")],
        "to_review": [_use(51), _use(54, is_overdue=True)],
        "reviewed": [SEEN, WRONG],
        "may_name": True,
        "may_confirm": True,
        "may_review": True,
        "people": [ME],
        "units": [UNIT],
        "limits": limits(),
    },
}
