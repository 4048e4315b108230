"""The pages of the data standard, with the standard itself."""

from __future__ import annotations

from rongdang.base.vocab import areas, categories, codes, fields, publishing, tables
from rongdang.web.desk.standard import TableRow

RANK = TableRow("rank", codes.about("rank").head, len(codes.entries("rank")), ["军衔"])
AREA = TableRow("area", areas.head(), 7234, ["区划代码"])

CONTEXTS: dict[str, dict[str, object]] = {
    "standard/fields.html": {
        "groups": fields.groups(),
        "count": 129,
        "of": 129,
        "query": "",
        "head": tables.table("fields").head,
        "digest": publishing.digest(),
    },
    "standard/tables.html": {
        "tables": [RANK],
        "areas": AREA,
        "found": [(RANK, list(codes.entries("rank")[:3]))],
        "query": "将",
    },
    "standard/table.html": {
        "table": RANK,
        "entries": codes.entries("rank"),
        "dated": True,
        "more": ["kind"],
        "query": "",
    },
    "standard/areas.html": {
        "table": AREA,
        "areas": [
            (one, areas.full_name(one.code, one.until), areas.became(one))
            for one in areas.history("430800")
        ],
        "after": "430800-1988-大庸市",
        "query": "4308",
        "year": "",
    },
    "standard/schemes.html": {
        "pairs": [
            (one, categories.scheme("2012").entry(one.code))
            for one in categories.scheme("2018").entries
        ],
        "schemes": (categories.scheme("2018"), categories.scheme("2012")),
        "moved": [row for row in tables.table("scheme_mapping").rows if row.get("title")],
        "required": tables.table("required"),
        "points": 100,
    },
}
