"""What does not agree of a person, its sources, the rules, and the story of his record."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.describe.people import projection
from rongdang.web.desk.conflicts import UnitCount
from rongdang.web.tests.samples.files import CASE, FACT, ITEMS, OF_A_ROW, PERSON
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, pk
from rongdang.web.words import CRITERIA

RULE = projection.standard()["出生日期"]
BY = [CRITERIA[one] for one in RULE.by]
DOUBT = Thing(
    pk=pk(71),
    person=PERSON,
    field="出生日期",
    other="入伍日期",
    severity="wrong",
    zh="出生日期有几种说法：1938-04、1936-04；现在按规则以1938-04为准。",
    en="Born 1938-04 or 1936-04; by the rule 1938-04 holds.",
    clause="组通字〔2006〕41号",
    since=NOW,
    state="open",
    is_of_sources=True,
    digest="d",
)
PAGE = Thing(pk=pk(201), item=ITEMS[0], item_id=ITEMS[0].pk, sequence=1, width=1240, height=1754)
SOURCE = {
    **vars(FACT),
    "id": "1",
    "page": PAGE,
    "title": ITEMS[0].title,
    "certainty": "sure",
    "original": "一九三八年四月",
    "ended_at": None,
    "fact": Thing(withdrawn_why=""),
}
CLAIMS = [
    Thing(**SOURCE),
    Thing(**{**SOURCE, "id": "2", "value": "1936-04", "box": None, "formed": ""}),
    Thing(
        **{**SOURCE, **vars(OF_A_ROW), "id": "3", "title": "市局工资库", "certainty": "doubtful"}
    ),
    Thing(**{**SOURCE, "id": "4", "page": None, "ended_at": NOW, "certainty": "approximate"}),
]
RULING = Thing(
    pk=pk(72),
    field="出生日期",
    value="1936-04",
    reason="入党志愿书本人手写",
    decided_by=ME,
    decided_at=NOW,
    agreed_by=ME,
)
CHANGE = Thing(
    pk=pk(73),
    field="籍贯",
    unit=UNIT,
    reason="籍贯按入伍时的登记为准",
    clause="梧桐市〔2026〕3号",
    asked_by=ME,
    asked_by_id=ME.pk,
    asked_at=NOW,
    agreed_by=ME,
    agreed_at=NOW,
    ended_at=NOW,
    state="ended",
)
SIDE = {
    "field": "出生日期",
    "rule": RULE,
    "by": BY,
    "claims": CLAIMS,
    "by_rule": "1",
    "held": "1938-04",
}

CONTEXTS: dict[str, dict[str, object]] = {
    "conflicts/list.html": {
        "doubts": [DOUBT],
        "after": str(pk(71)),
        "units": [UnitCount(UNIT, 2, 7)],
        "asked": {"unit": "", "severity": "wrong", "state": "open", "field": "", "person": ""},
        "wrong": 2,
        "ask": 7,
        "states": [],
        "fields": [Thing(name="出生日期")],
    },
    "conflicts/one.html": {
        "doubt": DOUBT,
        "person": PERSON,
        "case_file": CASE,
        "sides": [SIDE],
        "takes_two": True,
        "ruling": None,
        "ruled": None,
        "may_agree": False,
        "pages": [PAGE],
        "tall": 90,
    },
    "conflicts/rules.html": {
        "rules": [(RULE, BY)],
        "waiting": [(CHANGE, BY, True)],
        "own": [(CHANGE, BY)],
        "past": [(CHANGE, [])],
        "may_ask": True,
        "units": [UNIT],
        "criteria": CRITERIA.items(),
        "places": ("first", "second", "third"),
    },
    "people/story.html": {
        "person": PERSON,
        "case_file": CASE,
        "stories": [
            Thing(field="出生日期", rule=RULE, held=CLAIMS[0], claims=CLAIMS, rulings=[RULING])
        ],
        "known": "2020-01-01",
        "valid": "",
        "in_force": {RULING.pk},
        "moment": NOW,
        "masks": False,
    },
}
