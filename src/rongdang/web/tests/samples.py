"""Contexts as the views give them, with invented people, for looking at every template."""

from __future__ import annotations

import datetime as dt
import uuid
from types import SimpleNamespace as Thing

from rongdang.base.vocab import categories
from rongdang.web import styleguide
from rongdang.web.charts import bars
from rongdang.web.desk.worklist import Todo

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
PERSON = Thing(pk=pk(3), name="林长河", birth="1938-04", sex="男", unit=UNIT)
CASE = Thing(
    pk=pk(4),
    number="9990-JX-0187",
    person=PERSON,
    person_id=PERSON.pk,
    custodian=UNIT,
    state="open",
    item_count=26,
    page_count=65,
    room="3",
    rack="12",
    layer="04",
    box="07",
    sealed_at=NOW,
    version=1,
    changed_at=NOW,
    scheme="2018",
)
FILE_LISTED = {
    "person_id": PERSON.pk,
    "person__name": PERSON.name,
    "person__birth": PERSON.birth,
    "custodian__name": UNIT.name,
    "custodian__name_en": "",
    "number": CASE.number,
    "item_count": CASE.item_count,
    "page_count": CASE.page_count,
    "state": CASE.state,
}
PERSON.case_file = CASE


def item(number, title, category, formed):
    return Thing(
        pk=pk(100 + number),
        sequence=number,
        title=title,
        category=category,
        formed=formed,
        page_count=4,
        is_copy=number == 2,
        title_made=number == 3,
        note="",
        case_file=CASE,
        paper_only=number == 3,
        version=1,
    )


ITEMS = [
    item(1, "干部履历表", "1", "1962-03-15"),
    item(2, "干部履历表", "1", "1979"),
    item(3, "军人登记表", "1", "1956-02"),
]
CLASSES = [
    {
        "code": str(n),
        "numeral": numeral,
        "name": name,
        "items": ITEMS if n == 1 else [],
        "open": n == 1,
    }
    for n, (numeral, name) in enumerate(
        [
            ("一", "履历类"),
            ("二", "自传和思想类"),
            ("三", "考核鉴定类"),
            ("四", "学历学位、专业技术职务（职称）、学术评鉴、教育培训类"),
            ("五", "政审、审计和审核类"),
            ("六", "党、团类"),
            ("七", "表彰奖励类"),
            ("八", "违规违纪违法处理处分类"),
            ("九", "工资、任免、出国和会议代表类"),
            ("十", "其他可供组织参考的材料"),
        ],
        1,
    )
]
CATALOGUE = Thing(
    extract=True,
    classes=[
        Thing(
            numeral=one["numeral"],
            name=one["name"],
            lines=[
                Thing(
                    number=i.sequence, title=i.title, date=("1962", "3", ""), pages=4, note="复印件"
                )
                for i in one["items"]
            ],
        )
        for one in CLASSES
    ],
)
BOX = [0.22, 0.20, 0.42, 0.222]
LINES = [
    {"text": "出生年月 一九三八年四月", "box": BOX, "confidence": 0.62},
    {"text": "某部三连战士、副班长", "box": [0.33, 0.53, 0.60, 0.55], "confidence": 0.95},
]
PAGES = [
    {
        "id": str(pk(200 + n)),
        "number": n,
        "width": 1240,
        "height": 1754,
        "lines": LINES,
        "hits": [[0.33, 0.53, 0.60, 0.55]] if n == 1 else [],
        "page": Thing(pk=pk(200 + n)),
    }
    for n in (1, 2, 3)
]
VIEWER = [
    {key: page[key] for key in ("id", "number", "width", "height", "lines", "hits")}
    for page in PAGES
]
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
CONTRADICTIONS = [
    Thing(
        code="birth",
        severity="high",
        zh="出生日期有 1938-04 和 1936-04 两种写法。",
        en="Two birth dates.",
        fields=["出生日期"],
        clause="组通字〔2006〕41号",
    )
]


def row(name, label, value, confidence, reason=""):
    return {
        "name": name,
        "label": label,
        "value": value,
        "original": value,
        "confidence": confidence,
        "reason": reason,
        "scan": str(SCANS[0].pk),
        "box": BOX,
        "page": 1,
    }


HEAD = [
    row("title", "title", "干部履历表", 0.98),
    row("category", "category", "1", 0.97),
    row("formed", "formed", "1962-03-15", 0.74),
]
FIELDS = [
    row("field:姓名", "姓名", "林长河", 0.99),
    row("field:出生日期", "出生日期", "1938-04", 0.74, "“三”字像“五”"),
    row("field:籍贯", "籍贯", "山东莱阳", 0.95),
    row("field:入伍时间", "入伍时间", "1956-02", 0.31, "压在印章下"),
]
FACT = Thing(
    field="出生日期",
    value="1938-04",
    page=Thing(item=ITEMS[0], item_id=ITEMS[0].pk),
    page_id=pk(201),
    box=BOX,
    formed="1962-03-15",
    recorded_by=ME,
    recorded_at=NOW,
)
FACTS = [
    {"field": "出生日期", "fact": FACT, "others": [FACT]},
    {"field": "籍贯", "fact": FACT, "others": []},
]
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
DOCUMENT = Thing(person=PERSON, person_id=PERSON.pk, item=ITEMS[0], item_id=ITEMS[0].pk, kind="p")
HIT = Thing(
    document=DOCUMENT,
    before="1956.2–1958.6 某部",
    match="三连",
    after="战士、副班长",
    page=Thing(pk=pk(201), sequence=1, width=1240, height=1754),
    boxes=[[0.33, 0.53, 0.60, 0.55]],
)
RESULTS = Thing(
    people=[PERSON],
    hits=[HIT, HIT],
    total=2,
    after=7,
    facets={
        "unit": [("0001.0001", UNIT.name, 2)],
        "category": [("1", "1", 2)],
        "year": [("1962", "1962", 2)],
    },
)
REPORT = Thing(ok=False, size=812, faults=[Thing(seq=40, zh="叶子对不上。", en="Leaf differs.")])
MISSING = Thing(
    name="入党志愿书",
    points=8,
    category="6",
    why="证明党龄。",
    where="可到原单位组织部门查。",
    english="Application",
    why_en="To settle.",
    where_en="The branch.",
    veto=True,
)
DESK = {
    "material": MATERIAL,
    "batch": BATCH,
    "position": 3,
    "total": 6,
    "siblings": [MATERIAL],
    "scans": [
        {
            "scan": scan,
            "number": n,
            "id": str(scan.pk),
            "note": "清晰 · 端正（偏 0.1°） · 无缺边 · 300 点",
            "ok": n == 1,
        }
        for n, scan in enumerate(SCANS[:3], 1)
    ],
    "head": HEAD,
    "fields": FIELDS,
    "to_check": 4,
    "filled": 7,
    "people": [PERSON],
    "chosen_person": PERSON.pk,
    "contradictions": CONTRADICTIONS,
    "categories": [
        *categories.scheme("2018").entries,
    ],
    "is_open": True,
    "may_check": False,
    "viewer": [{"id": str(scan.pk), "width": 1240, "height": 1754} for scan in SCANS[:3]],
}

TODO = Todo("review", "6 份材料等核对", "三月接收，第 2 箱", BATCH, "去核对", "/review/")
UNIT_2 = Thing(pk=pk(12), name="示例市第二军休所", code="999002", path="0001.0002")
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
        "week": bars([("11/23", 12), ("11/24", 0)]),
        "may_upload": True,
    },
    "desk/no_role.html": {},
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
    "batches/secrets.html": {"waiting": SCANS[4:5], "settled": [SETTLED]},
    "batches/new.html": {"units": [UNIT]},
    "batches/detail.html": {
        "batch": BATCH,
        "uploads": UPLOADS,
        "scans": SCANS,
        "counts": COUNTS,
        "done": 5,
        "busy": True,
        "pulse": "5-6-2-reading",
        "materials": [MATERIAL],
        "rescans": SCANS[3:4],
        "sure": 1,
        "may_upload": True,
        "may_mend": True,
        "may_review": True,
        "may_open": True,
    },
    "batches/separators.html": {"sheets": [], "item_svg": '<svg viewBox="0 0 1 1"></svg>'},
    "review/empty.html": {},
    "review/desk.html": DESK,
    "people/list.html": {
        "files": [FILE_LISTED],
        "after": "0001|9990-JX-0187",
        "units": [UNIT],
        "unit": "0001.0001",
        "state": "",
    },
    "people/detail.html": {
        "person": PERSON,
        "case_file": CASE,
        "classes": CLASSES,
        "facts": FACTS,
        "chosen": ITEMS[0],
        "completeness": Thing(score=86, veto=True, missing=[MISSING]),
        "contradictions": CONTRADICTIONS,
        "may_edit": True,
        "may_seal": True,
        "may_export": True,
        "may_upload": True,
        "items_held": 3,
        "categories": categories.scheme("2018").entries,
        "query": "三连",
        "pages": PAGES,
        "viewer": VIEWER,
        "found": {ITEMS[0].pk: 1},
        "hits": 1,
        "start": 0,
    },
    "casefiles/print_catalogue.html": {"person": PERSON, "case_file": CASE, "catalogue": CATALOGUE},
    "casefiles/export.html": {"person": PERSON, "case_file": CASE},
    "search/results.html": {
        "query": "三连",
        "results": RESULTS,
        "filters": Thing(unit="", category="1", year=""),
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
        "held": {ME.username: []},
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
    "desk/overview.html": {
        "rows": [(UNIT, {"files": 2, "sealed": 1, "pages": 65}), (UNIT_2, None)],
        "total": 2,
        "sealed": 1,
        "items": 26,
        "pages": 65,
        "recent_files": [CASE],
        "may_rule": True,
    },
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
CONTEXTS["units/roles.html"]["held"] = {}
MENU = [
    {
        "section": section,
        "label": label,
        "url": url,
        "icon": icon,
        "current": current,
        "count": count,
    }
    for section, label, url, icon, current, count in [
        (None, "工作台", "/", "home", True, None),
        ("业务", "扫描收件", "/batches/", "scan", False, None),
        ("业务", "核对著录", "/review/", "list", False, 31),
        ("业务", "人员档案", "/people/", "users", False, None),
        ("管理", "审计账", "/officers/ledger/", "shield", False, None),
    ]
]


def context(name: str, **shell: str) -> dict[str, object]:
    """The whole context of a template: what its view gives and what the shell adds."""
    return {
        "user": ME,
        "menu": MENU,
        "theme": "auto",
        "size": "",
        "messages": [],
        "may_search": True,
        **CONTEXTS[name],
        **shell,
    }
