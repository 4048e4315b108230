"""The pages of the officers, of login and of refusals."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace as Thing

from rongdang.base.alarms.kinds import kinds
from rongdang.base.ledger.heads import SignedHead
from rongdang.base.ledger.verifying import Fault
from rongdang.describe.casefiles.diary import Look
from rongdang.describe.casefiles.reading_patterns import Patterns, Reader
from rongdang.base.vocab import purposes
from rongdang.keep.backups.queries import Standing
from rongdang.web import styleguide
from rongdang.web.tests.samples.files import CASE, PERSON
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, UNIT_2, pk

ENTRY = Thing(
    seq=812,
    at=NOW,
    actor=str(ME.pk),
    event="casefile:see",
    subject_kind="casefiles.casefile",
    subject_id=str(CASE.pk),
)
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
HEAD = SignedHead(
    log="5d" * 32,
    size=800,
    root=bytes(32),
    at=NOW,
    suite=1,
    key_id="ledger.1.0a1b2c3d",
    public_key=bytes(32),
    signature=bytes(64),
)
VERIFIED = Thing(
    pk=pk(31),
    total=812,
    done=812,
    finished_at=NOW,
    report={
        "ok": False,
        "size": 812,
        "root": "5d" * 32,
        "heads": 3,
        "attested": 2,
        "silent": ["no answer"],
        "clock_back": [41],
    },
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
APP = {"secret": "ABCD EFGH", "picture": "data:image/svg+xml,%3Csvg/%3E"}
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
    "ledger/list.html": {
        "entries": [(ENTRY, "周敏")],
        "before": 752,
        "wanted": Thing(number="X002-0001", actor="", event="", since=NOW.date(), until=None),
        "query": {"number": "X002-0001"},
        "unknown": "",
        "looks": [
            Look(
                at=NOW,
                actor=str(ME.pk),
                name="周敏",
                event="page:see",
                purpose="benefit",
                note="核定护理费",
                opening="",
                item=None,
                pages={"1", "2"},
            )
        ],
        "events": {"casefile:see": "看案卷"},
        "last": VERIFIED,
        "head": Thing(size=800, at=NOW),
    },
    "ledger/verification.html": {
        "asked": VERIFIED,
        "report": VERIFIED.report,
        "faults": [Fault(40, "leaf", "第 40 条：叶子对不上", "entry 40: leaf differs")],
    },
    "ledger/report.html": {
        "since": NOW.date(),
        "until": NOW.date(),
        "days": {"since": "2026-10-01", "until": "2026-10-31"},
        "events": [("casefile:see", 12)],
        "total": 12,
        "patterns": Patterns((Reader(str(ME.pk), "周敏", looks=12, night=1),), 200, 10, 30),
        "last": VERIFIED,
        "head": HEAD,
    },
    "ledger/heads.html": {"heads": [HEAD], "log": "5d" * 32},
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
    "styleguide.html": {
        "colours": styleguide.COLOURS,
        "icons": styleguide.ICONS,
        "asks": styleguide.ASKS,
    },
    "registration/login.html": {
        "failed": True,
        "username": "zhoumin",
        "next": "/people/",
        "elsewhere": "省统一认证",
    },
    "registration/locked.html": {"minutes": 15},
    "registration/code.html": {"problem": "验证码不对。", "passkey": {"publicKey": {}}},
    "registration/factor.html": {**APP, "problem": "", "may_put_off": True},
    "registration/codes.html": {"codes": ["12345678", "87654321"], "onward": "/"},
    "registration/due.html": {"problem": "两次写的新口令不一样。"},
    "registration/confirm.html": {"with_code": False, "problem": "没有对上。", "next": "/"},
    "registration/factors.html": {
        **APP,
        "problem": "",
        "held": [Thing(type="totp", created_at=NOW), Thing(type="recovery_codes", created_at=NOW)],
        "to_add": {"publicKey": {}},
    },
    "registration/tokens.html": {
        "shown": f"rdt_{pk(9).hex}_{'x' * 43}",
        "held": [
            {"pk": pk(9), "name": "日报", "until": NOW, "used_at": NOW, "used_from": "192.0.2.7"}
        ],
        "scopes": {"people": "看人员名册，不含档案内容", "search": "检索"},
        "days": (7, 30),
    },
    "api/page.html": {
        "info": {"title": "荣档接口", "description": "与页面同样的规则。"},
        "groups": [
            {
                "name": "检索",
                "operations": [
                    {
                        "method": "GET",
                        "path": "/api/v1/search",
                        "summary": "查人",
                        "parameters": [{"name": "q", "description": "要查的字"}],
                    }
                ],
            }
        ],
        "schemas": [("Me", [("scopes", "令牌的用途")])],
    },
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
