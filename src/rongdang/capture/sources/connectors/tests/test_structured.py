"""JSON, XML and SQLite: records found wherever they lie, bombs and damage refused in words."""

import json
import sqlite3

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.tests.factories import codes, opened, read

RECORDS = [
    {
        "姓名": "张建国",
        "住址": {"省": "河北", "市": "保定"},
        "奖励": ["嘉奖", "三等功"],
        "号": 990101195307010010,
    },
    {"姓名": "李淑珍", "备注": None, "在册": True},
]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("form", ["list", "lines", "inside"])
def test_json_is_read_in_every_form(encoding, form):
    text = {
        "list": json.dumps(RECORDS, ensure_ascii=False, indent=1),
        "lines": "\n".join(json.dumps(one, ensure_ascii=False) for one in RECORDS),
        "inside": json.dumps({"total": 2, "人员": RECORDS}, ensure_ascii=False),
    }[form]
    info, rows = read(text.encode(encoding), "人员.json")
    assert info.name == "人员" and info.rows == 2
    assert info.columns == ("姓名", "住址/省", "住址/市", "奖励", "号", "备注", "在册")
    assert rows[0].cells == ("张建国", "河北", "保定", "嘉奖；三等功", "990101195307010010", "", "")
    assert rows[1].cells == ("李淑珍", "", "", "", "", "", "TRUE") and rows[1].number == 2


def test_json_larger_than_a_window_is_streamed_and_resumed():
    text = json.dumps(
        [{"姓名": f"张{n}", "备注": "长" * 200} for n in range(3_000)], ensure_ascii=False
    )
    info, rows = read(text.encode(), "a.json", after=2_990)
    assert info.rows == 3_000 and [row.number for row in rows] == list(range(2_991, 3_001))


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('[{"姓名": "张三"}, {"姓名": ', "damaged"),
        ('[{"姓名": "张三"}', "damaged"),
        ("[" * 100_000, "damaged"),
        ("{}", "no-records"),
    ],
)
def test_json_that_is_broken_or_no_table_is_refused(text, code):
    with pytest.raises(DomainError) as refusal:
        read(text.encode(), "a.json")
    assert refusal.value.code == code


XML = """<?xml version="1.0" encoding="{}"?>
<名册 单位="第一干休所"><人员 编号="1"><姓名>张建国</姓名><住址><省>河北</省><市>保定</市></住址>
<电话>1</电话><电话>2</电话></人员>
<人员 编号="2"><姓名>李淑珍</姓名><备注/></人员></名册>"""


@pytest.mark.parametrize("encoding", ["utf-8", "gb2312", "gb18030", "utf-16"])
def test_xml_gives_its_repeated_element_as_rows(encoding):
    info, rows = read(XML.format(encoding).encode(encoding), "a.xml")
    assert info.name == "人员" and info.rows == 2
    assert info.columns == ("@编号", "姓名", "住址/省", "住址/市", "电话", "备注")
    assert rows[0].cells == ("1", "张建国", "河北", "保定", "1；2", "")
    assert [
        row.number for row in read(XML.format(encoding).encode(encoding), "a.xml", after=1)[1]
    ] == [2]


BOMB = (
    '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    "<l><r><a>&b;</a></r><r><a>&b;</a></r></l>"
)
OUTSIDE = (
    '<!DOCTYPE l [<!ENTITY x SYSTEM "file:///etc/passwd">]><l><r><a>&x;</a></r><r><a>1</a></r></l>'
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (BOMB, "xml-dtd"),
        (OUTSIDE, "xml-dtd"),
        ("<l><r><a>1</a></r><r><a>", "damaged"),
        ("<a>" * 5_000 + "</a>" * 5_000, "damaged"),
    ],
)
def test_xml_bombs_and_damage_are_refused(text, code):
    with pytest.raises(DomainError) as refusal:
        read(text.encode(), "a.xml")
    assert refusal.value.code == code


def test_a_large_xml_is_streamed():
    row = "<r><姓名>张建国</姓名><性别>男</性别></r>"
    info, rows = read(f"<l>{row * 20_000}</l>".encode(), "a.xml", after=19_998)
    assert info.rows == 20_000 and len(rows) == 2


def base(fill):
    connection = sqlite3.connect(":memory:")
    fill(connection)
    data = connection.serialize()
    connection.close()
    return data


def people(connection):
    connection.execute('CREATE TABLE 人员 (姓名 TEXT, "出 生" TEXT, 工资 REAL, 照片 BLOB)')
    connection.executemany(
        "INSERT INTO 人员 VALUES (?, ?, ?, ?)",
        [
            ("张建国", "1953-07-01", 12.5, b"\1\2"),
            ("李淑珍", None, 100.0, None),
            ("王五", "", 1e3, None),
        ],
    )
    connection.execute("DELETE FROM 人员 WHERE 姓名 = '李淑珍'")
    connection.execute("CREATE VIEW 名单 AS SELECT 姓名 FROM 人员")
    connection.commit()


def test_a_sqlite_file_gives_tables_and_views():
    info, rows = read(base(people), "a.db")
    assert (info.name, info.columns, info.rows) == ("人员", ("姓名", "出生", "工资", "照片"), 2)
    assert [(row.number, row.cells) for row in rows] == [
        (1, ("张建国", "1953-07-01", "12.5", "0102")),
        (3, ("王五", "", "1000", "")),
    ]
    assert [row.cells for row in read(base(people), "a.db", table="名单")[1]] == [
        ("张建国",),
        ("王五",),
    ]
    assert [row.number for row in read(base(people), "a.db", after=1)[1]] == [3]


def test_sqlite_with_a_log_that_stayed_behind_is_told():
    data = bytearray(base(people))
    data[18:20] = b"\2\2"
    info, rows = read(bytes(data), "a.db")
    assert len(rows) == 2 and "write-ahead-log" in codes(info)


def test_text_that_is_none_refuses_its_row():
    data = base(
        lambda c: (
            c.execute("CREATE TABLE t (a TEXT)"),
            c.execute("INSERT INTO t VALUES (CAST(x'D5C5' AS TEXT))"),
            c.commit(),
        )
    )
    _info, rows = read(data, "a.db")
    assert rows[0].oddity.code == "wrong-encoding" and rows[0].cells == ("‹D5 C5›",)


def test_a_view_that_would_write_or_never_ends_is_harmless():
    def hostile(connection):
        people(connection)
        connection.execute("CREATE VIEW 坏 AS SELECT load_extension('/tmp/x') AS a")
        connection.commit()

    connector = opened(base(hostile), "a.db")
    with pytest.raises(DomainError):
        for info in connector.tables():
            list(connector.rows(info.name))
    connector.close()


@pytest.mark.parametrize("cut", [120, 3000])
def test_a_damaged_sqlite_file_is_refused(cut):
    with pytest.raises(DomainError) as refusal:
        read(base(people)[:cut], "a.db")
    assert refusal.value.code == "damaged"
