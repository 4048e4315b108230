"""The review desk with one material on it."""

from __future__ import annotations


from rongdang.base.vocab import categories
from rongdang.web.tests.samples.batches import BATCH, MATERIAL, SCANS
from rongdang.web.tests.samples.files import BOX, CONTRADICTIONS, PERSON


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
    "added": [{"name": "民族", "value": "汉族", "scan": ""}, {"name": "", "value": "", "scan": ""}],
    "is_copy": False,
    "note": "",
    "looked": ["title"],
    "is_open": True,
    "may_check": False,
    "viewer": [{"id": str(scan.pk), "width": 1240, "height": 1754} for scan in SCANS[:3]],
}

CONTEXTS: dict[str, dict[str, object]] = {
    "review/empty.html": {},
    "review/desk.html": DESK,
}
