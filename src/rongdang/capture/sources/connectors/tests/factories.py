"""Tables of invented people as old systems and clerks leave them."""

from __future__ import annotations

import io

from rongdang.capture.sources.connectors.opening import open_file

PEOPLE = [
    ["姓名", "性别", "出生日期", "身份证号", "家庭住址"],
    ["张建国", "男", "1953-07-01", "99010119530701001X", "第一干休所3号楼"],
    ["李淑珍", "女", "1950年3月", "", "第一干休所5号楼"],
    ["欧阳援朝", "男", "约1951", "990101195110010013", "原籍"],
]


def delimited(rows, mark=",", ending="\n"):
    return "".join(mark.join(row) + ending for row in rows)


def opened(data, name="名册.csv", **beside):
    return open_file(io.BytesIO(data), name, beside=beside)


def read(data, name="名册.csv", *, table=None, after=0, **beside):
    """The table's description and its rows, everything by way of the cage."""
    connector = open_file(io.BytesIO(data), name, beside=beside)
    try:
        infos = connector.tables()
        info = next(one for one in infos if table in (None, one.name))
        return info, list(connector.rows(info.name, after=after))
    finally:
        connector.close()


def codes(info):
    return [one.code for one in info.oddities]


def workbook(fill, **options):
    """The bytes of a workbook that `fill(book)` has written into."""
    import xlsxwriter

    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, **options})
    fill(book)
    book.close()
    return out.getvalue()
