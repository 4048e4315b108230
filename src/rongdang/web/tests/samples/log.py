"""The log as the audit officer sees it."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.base.ledger.heads import SignedHead
from rongdang.base.ledger.verifying import Fault
from rongdang.describe.casefiles.diary import Look
from rongdang.describe.casefiles.reading_patterns import Patterns, Reader
from rongdang.web.tests.samples.files import CASE
from rongdang.web.tests.samples.staff import ME, NOW, pk

ENTRY = Thing(
    seq=812,
    at=NOW,
    actor=str(ME.pk),
    event="casefile:see",
    subject_kind="casefiles.casefile",
    subject_id=str(CASE.pk),
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

CONTEXTS: dict[str, dict[str, object]] = {
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
}
