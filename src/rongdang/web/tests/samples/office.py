"""The pages of the officers: units and roles, alarms, jobs, the gate, the health of the house."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace as Thing

from rongdang.base.alarms.kinds import kinds
from rongdang.base.vocab import purposes
from rongdang.keep.backups.queries import Standing
from rongdang.web.tests.samples.files import CASE, PERSON
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, UNIT_2, pk

GATE = Thing(
    pk=pk(41),
    state="open",
    reason="本机已通过分级保护测评，批文在案",
    hours=8,
    proposed_by=ME,
    proposed_by_id=3,
    proposed_at=NOW,
    decided_by=ME,
    until=NOW,
    shut_by=ME,
)
JOB = Thing(
    pk=pk(9),
    path="rongdang.capture.batches.tasks.read_scan",
    state="dead",
    attempts=5,
    error="Traceback …\nRuntimeError: engine died",
    finished_at=NOW,
    enqueued_at=NOW,
)
ALARM = Thing(
    pk=pk(21), words=kinds()["reading-rate"], severity="urgent", about=ME, last_at=NOW, times=3
)
SETTLED = Thing(
    pk=pk(22),
    words=kinds()["login-locked"],
    severity="notice",
    about=ME,
    last_at=NOW,
    times=1,
    settled_at=NOW,
    settled_by=ME,
    note="本人忘了口令，已当面核对。",
)
CHANGE = Thing(
    pk=pk(31),
    act="assign",
    user=ME,
    unit=UNIT,
    reason="新来的审核员",
    state="approved",
    proposed_by=ME,
    proposed_at=NOW,
    decided_by=ME,
    decided_at=NOW,
)

CONTEXTS: dict[str, dict[str, object]] = {
    "desk/no_role.html": {},
    "desk/overview.html": {
        "rows": [(UNIT, {"files": 2, "sealed": 1}), (UNIT_2, None)],
        "total": 2,
        "sealed": 1,
        "recent_files": [CASE],
        "may_rule": True,
    },
    "alarms/list.html": {
        "waiting": [
            Thing(
                alarm=ALARM,
                tone="bad",
                word="紧急",
                facts=[("卷数", 200)],
                page="",
                may_settle=True,
            )
        ],
        "settled": [
            Thing(alarm=SETTLED, tone="read", word="提示", facts=[], page="", may_settle=False)
        ],
        "total": 1,
    },
    "units/list.html": {"units": [UNIT], "users": [ME]},
    "units/roles.html": {
        "roles": {"clerk": "档案员", "audit": "安全审计员"},
        "table": [("batch:upload", [True, False])],
        "levels": [("基本", [True, False])],
        "all_levels": ("基本", "家庭"),
        "reasons": [(purposes.reasons()["other"], [True, False], ["档案员"])],
        "masked": ["公民身份号码", "联系电话"],
        "may_assign": True,
    },
    "units/recusals.html": {
        "held": [
            Thing(pk=pk(31), user=ME, user_id=ME.pk, person=PERSON, ground="likely", relation="父")
        ],
        "identities": [Thing(user=ME, birth="1985-03", person=None)],
        "users": [ME, Thing(pk=pk(32), username="heyun", display_name="何芸")],
    },
    "units/role_changes.html": {
        "waiting": [(CHANGE, "审核员", {"approve", "refuse"}), (CHANGE, "审核员", {"take-back"})],
        "decided": [(CHANGE, "审核员")],
        "held": [(ME, [("clerk", "档案员", UNIT)])],
        "roles": {"clerk": "档案员", "audit": "安全审计员"},
        "users": [ME],
        "units": [UNIT],
        "may_propose": True,
        "may_reset": False,
    },
    "jobs/list.html": {
        "dead": [JOB],
        "running": [JOB],
        "counts": {"ready": 3, "running": 1, "dead": 1},
    },
    "gate/desk.html": {
        "open": None,
        "waiting": GATE,
        "past": [GATE],
        "least": 8,
        "most": 72,
    },
    "health.html": {
        "gate": GATE,
        "scanner": ("bad", "杀毒服务没有应答，文件没有检查，先隔离。"),
        "fences": {"seccomp": True, "landlock": False},
        "standings": [
            Standing("backup", NOW, None, timedelta(days=36500)),
            Standing("drill", None, NOW, timedelta(days=31), "磁盘满了"),
        ],
        "database": "sqlite",
        "encrypted": True,
        "free": 52_000_000_000,
        "total": 98_000_000_000,
        "engine": "rapid",
        "may_put_off": True,
        "unclaimed": ["9901"],
        "jobs": {"ready": 3, "dead": 1},
    },
}
