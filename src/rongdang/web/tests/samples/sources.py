"""Old systems of a unit: how fresh they are, what their columns are, what a reading did."""

from __future__ import annotations

from types import SimpleNamespace as Thing

from rongdang.base.errors import DomainError
from rongdang.base.vocab import fields
from rongdang.capture.sources.applying import Reason
from rongdang.capture.sources.choices import choices_of
from rongdang.capture.sources.profiling import profiled
from rongdang.capture.sources.proposing import FORMER, guesses, recipe_of
from rongdang.capture.sources.recipe_text import to_text
from rongdang.capture.sources.tests.old_tables import BY_HAND
from rongdang.web.desk.paging import Keyset
from rongdang.web.desk.source_cards import cards_of
from rongdang.web.desk.source_preview import previewed
from rongdang.web.tests.samples.staff import ME, NOW, UNIT, pk

SOURCE = Thing(
    pk=pk(301),
    name="工资系统",
    unit=UNIT,
    kind="table",
    get_kind_display="表格",
    read_at=NOW,
    last_state="done",
)
NEVER = Thing(
    pk=pk(302), name="2009 年手工花名册", unit=UNIT, kind="table", get_kind_display="表格",
    read_at=None, last_state="",
)  # fmt: skip
DELIVERY = Thing(pk=pk(303), source=SOURCE, source_id=SOURCE.pk)
RECIPE = Thing(pk=pk(304), number=2, why="加了民族代码", made_by=ME, made_at=NOW)
COUNTS = {
    "read": 205, "new": 12, "changed": 3, "unchanged": 186, "refused": 2, "passed": 2, "opened": 9,
    "missing": 1,
}  # fmt: skip


def run(number: int, **more: object) -> Thing:
    told = {
        "source": SOURCE,
        "delivery_id": DELIVERY.pk,
        "recipe": RECIPE,
        "recipe_id": RECIPE.pk,
        "dry": False,
        "state": "done",
        "counts": COUNTS,
        "started_by": ME,
        "started_at": NOW,
        "ended_at": NOW,
        "stop_asked": False,
        "undone_by": ME,
        "undone_at": NOW,
    }
    return Thing(pk=pk(number), **{**told, **more})


TRIAL = run(311, dry=True)
DONE = run(312)
BUSY = run(313, state="running", counts={"read": 80})
FAILED = run(314, state="failed")
UNDONE = run(315, state="undone")
PROFILE = profiled(BY_HAND.info, BY_HAND.rows(40))


FOUND = guesses(PROFILE)
PROPOSED = recipe_of(FOUND, PROFILE)
COLUMNS = [column.name for column in PROFILE.columns]
ROWS = [(row.number, row.cells) for row in BY_HAND.rows(12)]
CHOICES = choices_of(PROPOSED, COLUMNS)
MAPPING = {
    "delivery": DELIVERY,
    "source": SOURCE,
    "look": Thing(tables=[{"name": "花名册", "rows": 40}, {"name": "家属", "rows": None}]),
    "profile": PROFILE,
    "cards": cards_of(PROFILE.columns, FOUND, CHOICES, PROPOSED.nothing),
    "hidden": 3,
    "recipe": PROPOSED,
    "version": RECIPE,
    "most": 40,
    "groups": fields.groups(),
    "parts": ["1", "2", "3", "4", "5"],
    "former": FORMER,
    "english": False,
    "preview": {**previewed(PROPOSED, COLUMNS, ROWS), "text": to_text(PROPOSED), "whole": True},
}
REFUSED = [
    {
        "row": 17,
        "reasons": [Reason("nobody", "没有姓名，也没有身份号码", "nobody", todo_zh="补上姓名", todo_en="add it")],
        "cells": [("RYBH", "004")],
    },
    {"row": 90, "reasons": [Reason("secret-mark", "带有密级标志", "marked")], "cells": []},
]  # fmt: skip
CHANGES = [
    {
        "row": 8,
        "kind": "changed",
        "person": str(pk(3)),
        "name": "林长河",
        "fields": [{"field": "联系电话", "was": "0535-6000123", "now": "13900000000"}],
    },
    {"row": 9, "kind": "new", "person": "", "name": "", "fields": [{"field": "姓名", "was": "", "now": "高崎远"}]},
]  # fmt: skip
MAY = {"may_run": True, "may_edit": True}
PROBLEM = DomainError("来源里没有叫“人员”的表。", "There is no such table.", hint_zh="重新选一个。")
AT_REST = {
    "source": SOURCE, "busy": False, "done": 205, "of": 205, "pulse": "done", "problem": None, **MAY,
    "changes": [], "refused": REFUSED, "page": Keyset([], ""), "goes_back": True,
}  # fmt: skip
CONTEXTS = {
    "sources/list.html": {
        "sources": [SOURCE, NEVER],
        "page": Keyset([], ""),
        "may_edit": True,
    },
    "sources/new.html": {"units": [UNIT]},
    "sources/detail.html": {
        "source": SOURCE,
        "runs": [BUSY, DONE, TRIAL, FAILED, UNDONE],
        "fresh": [{"field": "姓名", "filled": 201, "percent": 100, "altered": 0}],
        "done": DONE,
        "schedule": Thing(every=1440, next_at=NOW),
        "every": (0, 60),
        "delivery": DELIVERY,
        "recipes": [RECIPE],
        "at_work": BUSY,
        **MAY,
    },
    "sources/looking.html": {"delivery": DELIVERY, "problem": PROBLEM},
    "sources/mapping.html": MAPPING,
    "sources/run.html": {"run": TRIAL, **AT_REST, "changes": CHANGES, "goes_back": False},
    "sources/undo.html": {"run": DONE, "source": SOURCE},
}
