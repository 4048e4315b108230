"""A person, his file, and what is found in it."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.base.vocab import categories, purposes
from rongdang.describe.access.predicate import KEEP, stated
from rongdang.describe.casefiles.register_tables import Fault, Register
from rongdang.describe.casefiles.registering import RegisterRow
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, pk

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
PERSON.case_file, PERSON.number = CASE, CASE.number  # as kept, and as found


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
CONTRADICTIONS = [
    Thing(
        code="birth",
        severity="high",
        zh="出生日期有 1938-04 和 1936-04 两种写法。",
        en="Two birth dates.",
        fields=["出生日期"],
        clause="组通字〔2006〕41号",
        doubt=Thing(pk=pk(71), state="open"),
    )
]
FACT = Thing(
    pk=pk(10),
    field="出生日期",
    value="1938-04",
    page=Thing(item=ITEMS[0], item_id=ITEMS[0].pk),
    page_id=pk(201),
    box=BOX,
    formed="1962-03-15",
    recorded_by=ME,
    recorded_at=NOW,
    statement=None,
)
WITHDRAWN = Thing(
    **{
        **vars(FACT),
        "ended_at": NOW,
        "fact": Thing(withdrawn_by=ME, withdrawn_why="认错了字"),
    }
)
OTHER = Thing(**{**vars(FACT), "pk": pk(11), "value": "1936-04"})
OF_A_ROW = Thing(
    **{
        **vars(FACT),
        "pk": pk(13),
        "value": "1937-04",
        "original": "37.4",
        "page": None,
        "recorded_by": None,
        "statement": Thing(row=212, source=Thing(name="市局工资库")),
    }
)
FACTS = [
    {"field": "出生日期", "fact": FACT, "others": [OTHER, OF_A_ROW]},
    {"field": "籍贯", "fact": Thing(**{**vars(FACT), "pk": pk(12)}), "others": []},
]
FOUND = Thing(
    person_id=PERSON.pk,
    person=PERSON.name,
    item_id=ITEMS[0].pk,
    title=ITEMS[0].title,
    category=ITEMS[0].category,
    formed=ITEMS[0].formed,
    number=CASE.number,
    page_id=pk(201),
    sequence=1,
    width=1240,
    height=1754,
)
HIT = Thing(
    found=FOUND,
    before="1956.2–1958.6 某部",
    match="三连",
    after="战士、副班长",
    boxes=[[0.33, 0.53, 0.60, 0.55]],
    purpose=KEEP,
)
GRANTED_HIT = Thing(**{**vars(HIT), "purpose": stated("benefit", by_grant=True)})
RESULTS = Thing(
    people=[PERSON],
    hits=[HIT, GRANTED_HIT],
    total=2,
    after=7,
    facets={
        "unit": [("0001.0001", UNIT.name, 2)],
        "category": [("1", "1", 2)],
        "year": [("1962", "1962", 2)],
    },
)
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

REGISTERED = RegisterRow("林长河", {"出生日期": "1938-04"}, (), ("3", "12", "4", "7"))

CONTEXTS: dict[str, dict[str, object]] = {
    "people/list.html": {
        "files": [FILE_LISTED],
        "after": "0001|9990-JX-0187",
        "units": [UNIT],
        "unit": "0001.0001",
        "state": "",
    },
    "people/register.html": {
        "units": [UNIT],
        "unit": UNIT,
        "register": Register(
            [REGISTERED], [Fault(4, "没有页数", "the number of pages is missing")], ["爱好"]
        ),
        "table": "姓名",
        "shown": [REGISTERED],
        "fresh": 1,
        "known": 1,
    },
    "people/open.html": {
        "person": PERSON,
        "case_file": CASE,
        "reasons": list(purposes.reasons().values()),
        "chosen": "keep",
        "next": "/people/",
    },
    "people/detail.html": {
        "purpose": Thing(opening=pk(11), code="daily"),
        "whole": True,
        "person": PERSON,
        "case_file": CASE,
        "classes": CLASSES,
        "facts": FACTS,
        "withdrawn": [WITHDRAWN],
        "may_withdraw": True,
        "chosen": ITEMS[0],
        "completeness": Thing(score=86, veto=True, missing=[MISSING]),
        "known": Thing(percent=81, missing=[MISSING]),
        "contradictions": CONTRADICTIONS,
        "may_edit": True,
        "may_seal": True,
        "may_export": True,
        "may_print": True,
        "may_ask": True,
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
    "casefiles/export.html": {"person": PERSON, "case_file": CASE, "hands_over": False},
    "casefiles/conflict.html": {
        "item": ITEMS[0],
        "person": PERSON,
        "written": ITEMS[1],
        "categories": categories.scheme("2018").entries,
    },
    "search/results.html": {
        "query": "三连",
        "results": RESULTS,
        "filters": Thing(unit="", category="1", year=""),
    },
}
