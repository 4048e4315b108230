"""DBF of the old payroll: code pages, memo files, deleted records, what a copy has lost."""

import struct

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.tests.dbf_files import dbf, dbt, dbt4, fpt
from rongdang.capture.sources.connectors.tests.factories import codes, read

FIELDS = [("姓名", "C", 10, 0), ("出生", "D", 8, 0), ("工资", "N", 8, 2), ("在册", "L", 1, 0)]
ROWS = [("张建国", "19530701", " 1234.50", "T"), ("李淑珍", "        ", "        ", "?")]


@pytest.mark.parametrize(
    ("encoding", "page"), [("gbk", 0x4D), ("gbk", 0), ("gbk", 3), ("big5", 0x78)]
)
def test_texts_dates_and_numbers_are_read_in_the_encoding_of_the_content(encoding, page):
    fields = [("姓名", "C", 12, 0), *FIELDS[1:]]
    names = ("張國華", "李淑珍") if encoding == "big5" else ("张建国", "李淑珍")
    fields = [
        (name if encoding == "gbk" else alike, *rest)
        for (name, *rest), alike in zip(fields, ("姓名", "出生", "薪資", "在冊"))
    ]
    rows = [(name, *row[1:]) for name, row in zip(names, ROWS)]
    info, found = read(dbf(fields, rows, encoding=encoding, code_page=page), "工资.dbf")
    assert info.name == "工资" and info.rows == 2 and info.columns[0] == "姓名"
    assert found[0].cells == (names[0], "1953-07-01", "1234.50", "TRUE")
    assert found[1].cells == (names[1], "", "", "") and found[1].number == 2


def test_a_code_page_that_lies_is_told():
    info, found = read(dbf(FIELDS, ROWS * 5, code_page=0x78), "a.dbf")
    assert found[0].cells[0] == "张建国" and "code-page" in codes(info)


def test_deleted_records_are_reported_and_keep_their_numbers():
    info, found = read(dbf(FIELDS, [*ROWS, ROWS[0]], deleted={1}), "a.dbf")
    assert [row.number for row in found] == [1, 3] and info.rows == 2
    assert "1 条记录" in next(one.zh for one in info.oddities if one.code == "deleted-records")
    assert [row.number for row in read(dbf(FIELDS, [*ROWS, ROWS[0]]), "a.dbf", after=2)[1]] == [3]


@pytest.mark.parametrize(
    ("make", "version", "ending"), [(fpt, 0xF5, "fpt"), (dbt, 0x83, "dbt"), (dbt4, 0x8B, "dbt")]
)
def test_long_texts_come_from_the_memo_file(make, version, ending):
    texts = ["一九七一年入伍，" * 100, "短"]
    memo, places = make(texts)
    rows = [("甲", str(places[0]).rjust(10)), ("乙", str(places[1]).rjust(10)), ("丙", " " * 10)]
    data = dbf([("姓名", "C", 8, 0), ("简历", "M", 10, 0)], rows, version=version)
    info, found = read(data, "a.dbf", **{f"a.{ending}": _stream(memo)})
    assert [row.cells[1] for row in found] == [*texts, ""] and "no-memo-file" not in codes(info)


def test_visual_foxpro_keeps_numbers_and_moments_in_binary():
    memo, places = fpt(["简历"])
    fields = [("ID", "I", 4, 0), ("PAY", "Y", 8, 0), ("AT", "T", 8, 0), ("MEMO", "M", 4, 0)]
    row = (
        struct.pack("<i", 42),
        struct.pack("<q", 12_345_600),
        struct.pack("<II", 2_434_560, 3_600_000),  # 1 July 1953
        struct.pack("<I", places[0]),
    )
    _info, found = read(dbf(fields, [row], version=0x30), "a.dbf", **{"a.fpt": _stream(memo)})
    assert found[0].cells == ("42", "1234.56", "1953-07-01 01:00:00", "简历")


def test_without_its_memo_file_the_column_is_empty_and_it_is_told():
    data = dbf([("姓名", "C", 8, 0), ("简历", "M", 10, 0)], [("甲", "         8")], version=0xF5)
    info, found = read(data, "a.dbf")
    assert found[0].cells == ("甲", "") and "no-memo-file" in codes(info)


def test_a_copy_that_was_cut_off_tells_how_much_is_there():
    info, found = read(dbf(FIELDS, ROWS, records=500), "a.dbf")
    assert len(found) == 2 and "500" in next(
        one.zh for one in info.oddities if one.code == "cut-off"
    )


def test_bytes_that_are_no_text_refuse_their_record():
    rows = [ROWS[0], (b"\xd5\xc5\xff\xff", *ROWS[1][1:]), ROWS[1]]
    _info, found = read(dbf(FIELDS, rows), "a.dbf")
    assert [row.oddity and row.oddity.code for row in found] == [None, "wrong-encoding", None]
    assert found[1].cells[0] == "张‹FF FF›"


def test_a_header_of_nonsense_is_refused():
    data = bytearray(dbf(FIELDS, ROWS))
    data[32 + 16] = 255  # a field longer than its record
    with pytest.raises(DomainError) as refusal:
        read(bytes(data), "a.dbf")
    assert refusal.value.code == "damaged"


def _stream(data):
    import io

    return io.BytesIO(data)
