"""The pages of the officers, of login and of refusals."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.base.alarms.kinds import kinds
from rongdang.web import styleguide
from rongdang.web.tests.samples.files import CASE
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, UNIT_2, pk

ENTRY = Thing(
    seq=812,
    at=NOW,
    actor=str(ME.pk),
    event="casefile:see",
    subject_kind="casefiles.casefile",
    subject_id=str(CASE.pk),
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
REPORT = Thing(ok=False, size=812, faults=[Thing(seq=40, zh="叶子对不上。", en="Leaf differs.")])

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

CONTEXTS: dict[str, dict[str, object]] = {
    "desk/no_role.html": {},
    "desk/overview.html": {
        "rows": [(UNIT, {"files": 2, "sealed": 1, "pages": 65}), (UNIT_2, None)],
        "total": 2,
        "sealed": 1,
        "items": 26,
        "pages": 65,
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
    "ledger/list.html": {
        "entries": [(ENTRY, "周敏")],
        "before": 752,
        "event": "",
        "report": REPORT,
        "head": Thing(size=800, at=NOW),
    },
    "units/list.html": {"units": [UNIT], "users": [ME]},
    "units/roles.html": {
        "roles": {"clerk": "档案员", "audit": "安全审计员"},
        "table": [("batch:upload", [True, False])],
        "held": {},
        "users": [ME],
        "units": [UNIT],
    },
    "jobs/list.html": {
        "dead": [JOB],
        "running": [JOB],
        "counts": {"ready": 3, "running": 1, "dead": 1},
    },
    "health.html": {
        "fences": {"seccomp": True, "landlock": False},
        "database": "sqlite",
        "encrypted": True,
        "free": 52_000_000_000,
        "total": 98_000_000_000,
        "engine": "rapid",
        "unclaimed": ["9901"],
        "jobs": {"ready": 3, "dead": 1},
    },
    "styleguide.html": {
        "colours": styleguide.COLOURS,
        "icons": styleguide.ICONS,
        "asks": styleguide.ASKS,
    },
    "registration/login.html": {
        "form": Thing(errors=["no"], username=Thing(value="zhoumin")),
        "next": "/people/",
    },
    "registration/locked.html": {},
    "registration/password.html": {"problem": "现在的口令不对，没有改。"},
    "400.html": {},
    "403.html": {},
    "404.html": {},
    "500.html": {"number": "8F2C"},
    "problem.html": {
        "what": "何芸刚改过这份目录，您的改动没有保存。",
        "hint": "先看她改了什么，再保存。",
        "code": "conflict",
    },
}
