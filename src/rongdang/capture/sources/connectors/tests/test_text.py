"""CSV, TSV and fixed places: every encoding, every disorder, nothing silently replaced."""

import os
import subprocess

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.opening import open_file
from rongdang.capture.sources.connectors.tests.factories import (
    PEOPLE,
    codes,
    delimited,
    opened,
    read,
)
from rongdang.capture.sources.connectors.tests.streams import Repeated

ENCODINGS = ("utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16", "utf-16-le", "utf-16-be")


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("mark", [",", "\t", ";", "|"])
def test_every_encoding_and_delimiter_gives_the_same_rows(encoding, mark):
    info, rows = read(delimited(PEOPLE, mark, "\r\n").encode(encoding))
    assert info.columns == tuple(PEOPLE[0]) and info.rows == 3
    assert [list(row.cells) for row in rows] == PEOPLE[1:]
    assert [row.number for row in rows] == [2, 3, 4] and not any(row.oddity for row in rows)


def test_a_table_in_big5_is_read():
    people = [["姓名", "備註"], ["張國華", "離休幹部"], ["歐陽遠", "革命軍人家屬"]]
    info, rows = read(delimited(people).encode("big5"))
    assert info.columns == ("姓名", "備註") and rows[1].cells == ("歐陽遠", "革命軍人家屬")
    assert "encoding" in codes(info)


def test_reading_goes_on_behind_the_row_it_stopped_at():
    data = delimited(PEOPLE).encode("gbk")
    for after in range(6):
        assert [row.number for row in read(data, after=after)[1]] == [
            number for number in (2, 3, 4) if number > after
        ]


def test_quotes_line_breaks_and_blank_lines_keep_the_numbers_a_spreadsheet_shows():
    text = '姓名,备注\n张三,"有,逗号"\n\n李四,"两\n行 ""引号"""\n王五,无\n'
    info, rows = read(text.encode())
    assert [(row.number, row.cells) for row in rows] == [
        (2, ("张三", "有,逗号")),
        (4, ("李四", '两\n行 "引号"')),
        (5, ("王五", "无")),
    ]
    assert info.rows == 3


def test_rows_in_another_encoding_in_the_middle_are_named_and_refused():
    lines = delimited(
        [["姓名", "住址"], *[[f"张建{n}", "河北省保定市"] for n in range(300)]]
    ).splitlines()
    raw = [line.encode("gb18030") for line in lines]
    raw[200] = "李援朝,山东省济南市".encode()
    info, rows = read(b"\n".join(raw))
    told = [one for one in info.oddities if one.code == "wrong-encoding"]
    assert [one.row for one in told] == [201] and "第 201 行是 UTF-8" in told[0].zh
    refused = [row for row in rows if row.oddity]
    assert [(row.number, row.cells) for row in refused] == [(201, ("李援朝", "山东省济南市"))]
    assert len(rows) == 300


def test_a_row_of_utf_8_that_reads_as_gbk_without_an_error_is_found_all_the_same():
    strange = "王建,山东"
    strange.encode().decode("gb18030")  # no error: other characters
    raw = [line.encode("gb18030") for line in delimited(PEOPLE).splitlines()]
    raw[2] = strange.encode()
    _info, rows = read(b"\n".join(raw))
    assert [row.oddity and row.oddity.code for row in rows] == [None, "wrong-encoding", None]
    assert rows[1].cells[:2] == ("王建", "山东") and "第 3 行是 UTF-8" in rows[1].oddity.zh


def test_a_quote_that_ends_inside_a_value_is_refused():
    _info, rows = read('姓名,备注\n"王五"的,无\n李四,"好"\n'.encode())
    assert [row.oddity and row.oddity.code for row in rows] == ["unbalanced-quote", None]


def test_a_gbk_row_in_a_file_of_utf_8_is_named_with_its_encoding():
    raw = [line.encode() for line in delimited(PEOPLE).splitlines()]
    raw[2] = raw[2].decode().encode("gb18030")
    _info, rows = read(b"\n".join(raw))
    assert [row.oddity and row.oddity.code for row in rows] == [None, "wrong-encoding", None]
    assert rows[1].cells == tuple(PEOPLE[2]) and "GB18030" in rows[1].oddity.zh


def test_bytes_that_are_no_text_are_shown_and_never_replaced():
    raw = delimited(PEOPLE).encode().replace("约1951".encode(), b"\xff\xfe1951")
    _info, rows = read(raw)
    assert rows[2].oddity.code == "wrong-encoding" and "‹FF FE›1951" in rows[2].cells
    assert "\ufffd" not in "".join("".join(row.cells) for row in rows)


def test_a_damaged_file_of_utf_16_names_the_row():
    raw = delimited(PEOPLE).encode("utf-16-le")
    at = raw.index("李".encode("utf-16-le"))
    _info, rows = read(raw[:at] + b"\x00\xd8" + raw[at + 2 :])
    assert [bool(row.oddity) for row in rows] == [False, True, False]


def test_a_value_with_the_delimiter_in_it_is_refused_and_not_shifted():
    rows = [*PEOPLE, ["赵六", "男", "1950", "", "东城", "1号"]]
    info, found = read(delimited(rows).encode())
    assert len(info.columns) == 5
    assert found[-1].oddity.code == "too-many-cells" and found[-1].number == 5


def test_an_open_quote_is_refused_and_swallows_nobody(monkeypatch):
    rows = [["姓名", "备注"], *[[f"张{n}", "无"] for n in range(600)]]
    rows[10] = ['"王五', "无"]
    _info, found = read(delimited(rows).encode())
    assert len(found) == 600
    assert [row.number for row in found if row.oddity] == [11]
    assert found[9].oddity.code == "unbalanced-quote" and "王五" in found[9].cells[0]


def test_titles_totals_and_double_names_are_told():
    text = "某单位名册,,,\n填表日期：,2020年,,\n姓名,性别,备注,备注\n张三,男,a,b\n合计,1,,\n共 1 人,,,\n"
    info, rows = read(text.encode("gbk"))
    assert info.columns == ("姓名", "性别", "备注", "备注.2")
    assert {"title-rows", "duplicate-header"} <= set(codes(info))
    assert [row.oddity and row.oddity.code for row in rows] == [None, "totals-row", "totals-row"]


def test_two_header_rows_become_one():
    text = "姓名,住址,,电话\n,省,市,\n张三,河北,保定,1\n李四,河北,石家庄,2\n"
    info, rows = read(text.encode())
    assert info.columns == ("姓名", "住址/省", "住址/市", "电话")
    assert rows[0].number == 3 and "two-header-rows" in codes(info)


def test_a_table_without_header_is_told_and_keeps_its_first_row():
    text = "张三,男,1953-07-01\n李四,男,1950-01-01\n"
    info, rows = read(text.encode())
    assert info.columns == ("列1", "列2", "列3") and len(rows) == 2 and "no-header" in codes(info)


def test_columns_of_fixed_places_are_found_in_every_encoding():
    text = (
        "姓名      性别  出生日期    住址\n"
        "张建国    男    1953-07-01  第一干休所\n"
        "欧阳援朝  男    1951-10-01  第二干休所\n"
        "李淑珍    女    1950-03-01  原籍\n"
    )
    for encoding in ("utf-8", "gbk"):
        info, rows = read(text.encode(encoding), "名册.txt")
        assert info.columns == ("姓名", "性别", "出生日期", "住址")
        assert (
            rows[1].cells == ("欧阳援朝", "男", "1951-10-01", "第二干休所") and rows[1].number == 3
        )


def test_a_drawn_line_under_the_header_gives_the_places():
    text = "NAME   SEX\n------ ---\n张三   男\n李四   女\n"
    info, rows = read(text.encode("gbk"), "list.txt")
    assert info.columns == ("NAME", "SEX") and [row.cells for row in rows] == [
        ("张三", "男"),
        ("李四", "女"),
    ]


def test_one_name_a_line_is_a_table_of_one_column():
    info, rows = read("姓名\n张三\n李四\n".encode())
    assert info.columns == ("姓名",) and [row.cells for row in rows] == [("张三",), ("李四",)]


def test_an_injected_formula_is_text():
    _info, rows = read("姓名,备注\n张三,=cmd|' /C calc'!A0\n".encode())
    assert rows[0].cells[1] == "=cmd|' /C calc'!A0"


def test_a_mark_of_state_secrets_refuses_its_row_and_tells_no_word_of_it():
    _info, rows = read("姓名,备注\n张三,机密★十年 某事\n李四,保密员\n".encode())
    assert rows[0].oddity.code == "secret-mark" and "某事" not in rows[0].oddity.zh
    assert rows[1].oddity is None


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\n\n  \n", "empty"),
        (bytes(range(256)) * 40, "unknown-format"),
    ],
)
def test_what_is_no_table_is_refused_in_words(data, code):
    with pytest.raises(DomainError) as refusal:
        read(data)
    assert refusal.value.code == code and refusal.value.hint_zh and "没有读入" in refusal.value.zh


def test_a_table_that_is_not_there_is_refused():
    connector = opened(delimited(PEOPLE).encode())
    with pytest.raises(DomainError) as refusal:
        next(connector.rows("别的表"))
    connector.close()
    assert refusal.value.code == "no-such-table"


def test_memory_does_not_grow_with_the_file():
    """Forty megabytes that lie nowhere go through; the child and its parent hold a block of them."""
    connector = open_file(Repeated("姓名,性别\n", "张建国,男\n", 3_000_000), "大.csv")
    info = connector.tables()[0]
    rows = connector.rows(info.name, after=2_900_001)
    next(rows)
    held = memory_of_children()
    count = 1 + sum(1 for _ in rows)
    assert (info.rows, count) == (3_000_000, 100_000)
    assert held and max(held) < 200 * 2**20
    connector.close()


def memory_of_children():
    """Resident bytes of the processes below this one that open files."""
    shown = subprocess.run(
        ["ps", "-eo", "pid,ppid,rss"], capture_output=True, text=True, check=True
    )
    lines = [tuple(map(int, line.split())) for line in shown.stdout.splitlines()[1:]]
    below = {pid for pid, parent, _size in lines if parent == os.getpid()}
    below |= {pid for pid, parent, _size in lines if parent in below}
    return [size * 1024 for pid, _parent, size in lines if pid in below]
