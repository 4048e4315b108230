"""What was handed in, and the desk that shows it."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.web.charts import bars
from rongdang.web.desk.worklist import Todo
from rongdang.web.tests.samples.files import CASE, PERSON
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, UNIT_2, pk

BATCH = Thing(
    pk=pk(5),
    number="20261124-003",
    unit=UNIT,
    state="reading",
    pages=26,
    waiting=8,
    created_at=NOW,
    declared_by=ME,
    note="三月接收，第 2 箱",
)
UPLOADS = [
    Thing(
        pk=pk(6),
        name="林长河_001-026.pdf",
        size=3_512_331,
        state="split",
        pages_found=26,
        pages_expected=26,
        reason_zh="",
        reason_en="",
        batch_id=BATCH.pk,
    ),
    Thing(
        pk=pk(7),
        name="第3页.tif",
        size=12,
        state="refused",
        pages_found=0,
        pages_expected=None,
        reason_zh="文件只有一半，没有收下；请重新导出再交。",
        reason_en="Half a file.",
        batch_id=BATCH.pk,
    ),
]
SCANS = [
    Thing(
        pk=pk(300 + n),
        state=state,
        number=n,
        half=0,
        upload=UPLOADS[0],
        batch_id=BATCH.pk,
        batch=BATCH,
        original=None,
        optimised_id=1,
        original_id=1,
        width=1240,
        height=1754,
        reason_zh=reason,
        reason_en=reason,
    )
    for n, (state, reason) in enumerate(
        [
            ("read", ""),
            ("read", ""),
            ("blank", ""),
            ("rescan", "下边缺了一块"),
            ("secret", "有密级标志"),
            ("waiting", ""),
        ]
    )
]
COUNTS = {"waiting": 1, "read": 2, "blank": 1, "separator": 0, "rescan": 1, "secret": 1}
MATERIAL = Thing(
    pk=pk(8),
    sequence=3,
    title="干部履历表",
    category="1",
    formed="1962-03-15",
    version=4,
    person=PERSON,
    person_id=PERSON.pk,
    person_name="林长河",
    state="proposed",
    is_copy=False,
    batch=BATCH,
    batch_id=BATCH.pk,
    confidence={"person": 0.8},
    decided_by=None,
    decided_at=None,
)
TODO = Todo("review", "6 份材料等核对", "三月接收，第 2 箱", BATCH, "去核对", "/review/")
TRAY = Thing(pk=pk(13), is_open=True, opened_by=ME, opened_at=NOW, trouble_zh="", trouble_en="")
SETTLED = Thing(
    **{
        **vars(SCANS[4]),
        "pk": pk(399),
        "cleared": True,
        "settled_by": ME,
        "original": Thing(digest="ab" * 32),
    }
)

CONTEXTS: dict[str, dict[str, object]] = {
    "desk/home.html": {
        "today": NOW.date(),
        "flow": [
            {"label": "待识读", "count": 64, "unit": "页", "address": "/batches/"},
            {"label": "已入库", "count": 2846, "unit": "卷", "address": "/people/?state=sealed"},
        ],
        "todo": [TODO],
        "tabs": [
            {"kind": "", "word": "全部", "count": 1},
            {"kind": "review", "word": "核对", "count": 1},
        ],
        "tab": "",
        "waiting": 1,
        "first": TODO,
        "alerts": [{"tone": "warn", "title": "第3页.tif", "thing": UPLOADS[1], "address": "/"}],
        "recent_files": [CASE],
        "reread": 2,
        "week": bars([("11/23", 12), ("11/24", 0)]),
        "may_upload": True,
    },
    "batches/list.html": {
        "batches": [BATCH],
        "page": Thing(rows=[BATCH], after=str(pk(5))),
        "may_upload": True,
    },
    "batches/rescans.html": {
        "rescans": SCANS[3:4],
        "files": UPLOADS[1:],
        "may_mend": True,
        "may_review": True,
    },
    "batches/trays.html": {"rows": [(UNIT, None), (UNIT_2, TRAY)]},
    "batches/secrets.html": {
        "waiting": SCANS[4:5],
        "settled": [SETTLED],
        "suspected": [Thing(item=Thing(case_file=CASE, category="6", sequence=1), sequence=4)],
        "destroyed": [(Thing(case_file=CASE, category="1", sequence=2), 3)],
    },
    "batches/new.html": {"units": [UNIT]},
    "batches/detail.html": {
        "batch": BATCH,
        "uploads": UPLOADS,
        "scans": SCANS,
        "counts": COUNTS,
        "done": 5,
        "bad": 1,
        "busy": True,
        "pulse": "5-6-2-reading",
        "materials": [MATERIAL],
        "rescans": SCANS[3:4],
        "unread": 3,
        "sure": 1,
        "may_upload": True,
        "may_mend": True,
        "may_review": True,
        "may_open": True,
    },
    "batches/separators.html": {
        "sheets": [],
        "unknown": ["X999-RS·JX-00001"],
        "asked": "X999-RS·JX-00001",
        "new_svg": '<svg viewBox="0 0 1 1"></svg>',
        "item_svg": '<svg viewBox="0 0 1 1"></svg>',
    },
}
