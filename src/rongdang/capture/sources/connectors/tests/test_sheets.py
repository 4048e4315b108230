"""XLSX, ODS and what clerks do in them: merged cells, two headers, totals, dates, rounded ID numbers, bombs."""

import datetime as dt
import io
import struct
import zipfile

import pytest

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors.tests.factories import codes, opened, read, workbook


def roster(book):
    """A title, two header rows, merged cells, a line of totals: the usual."""
    sheet = book.add_worksheet("名册")
    sheet.merge_range(0, 0, 0, 6, "第一干休所名册")
    for column, name in ((0, "姓 名"), (3, "出生日期"), (4, "身份证号")):
        sheet.merge_range(1, column, 2, column, name)
    sheet.merge_range(1, 1, 1, 2, "住址")
    sheet.write(2, 1, "省")
    sheet.write(2, 2, "市")
    sheet.write(1, 5, "备注")
    sheet.write(1, 6, "备注")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    for at in range(4):
        sheet.write(3 + at, 0, f"张{at}")
        sheet.write(3 + at, 2, f"市{at}")
        sheet.write_datetime(3 + at, 3, dt.datetime(1950, 1, 1 + at), day)
        sheet.write(3 + at, 4, f"99010119500101001{at}")
        sheet.write(3 + at, 5, at)
    sheet.merge_range(3, 1, 5, 1, "河北")
    sheet.write(7, 0, "合 计")
    sheet.write_formula(7, 5, "=SUM(F4:F7)", None, 6)


def test_title_two_header_rows_merged_cells_and_totals_are_understood():
    info, rows = read(workbook(roster), "a.xlsx")
    assert info.columns == ("姓名", "住址/省", "住址/市", "出生日期", "身份证号", "备注", "备注.2")
    told = {"title-rows", "two-header-rows", "duplicate-header", "merged-cells", "formulas"}
    assert told <= set(codes(info))
    assert [row.cells[1] for row in rows] == ["河北", "河北", "河北", "", ""]
    assert rows[0].number == 4 and rows[0].cells[:4] == ("张0", "河北", "市0", "1950-01-01")
    assert [bool(row.oddity) for row in rows] == [False] * 4 + [True]
    assert rows[4].oddity.code == "totals-row" and rows[4].cells[5] == "6"
    assert "（第一个在 F8）" in next(one.zh for one in info.oddities if one.code == "formulas")


def test_reading_a_sheet_goes_on_behind_any_row():
    data = workbook(roster)
    assert [row.number for row in read(data, "a.xlsx", after=5)[1]] == [6, 7, 8]


@pytest.mark.parametrize("old_mac", [False, True])
def test_dates_that_stand_as_numbers_are_dates_by_the_workbooks_epoch(old_mac):
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "出生日期", "工号"])
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        sheet.write(1, 0, "甲")
        sheet.write_datetime(1, 1, dt.datetime(1953, 7, 1), day)
        sheet.write_row(2, 0, ["乙", 19540 - 1462 * old_mac, 19540])
        sheet.write_row(3, 0, ["丙", 1953, 7])
        sheet.write_row(4, 0, ["丁", 195307, 8])

    info, rows = read(workbook(fill, default_date_1904=old_mac, date_1904=old_mac), "a.xlsx")
    assert [row.cells[1] for row in rows] == ["1953-07-01", "1953-06-30", "1953", "195307"]
    assert rows[1].cells[2] == "19540"  # no column of dates
    assert "date-as-number" in codes(info) and ("epoch-1904" in codes(info)) == old_mac


def test_an_id_number_that_the_spreadsheet_rounded_does_not_look_like_one():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "身份证号"])
        sheet.write_row(1, 0, ["甲", 990101195307010015])
        sheet.write(2, 0, "乙")
        sheet.write_string(2, 1, "99010119530701001X")

    info, rows = read(workbook(fill), "a.xlsx")
    assert rows[0].cells[1] == "9.90101195307010E+17" and rows[1].cells[1] == "99010119530701001X"
    assert next(one for one in info.oddities if one.code == "rounded-number").column == "身份证号"


def test_numbers_stored_as_text_are_told_and_kept_as_written():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["工号", "工资"])
        sheet.write_string(1, 0, "007")
        sheet.write_row(2, 0, [8, 12.5])

    info, rows = read(workbook(fill), "a.xlsx")
    assert [row.cells for row in rows] == [
        ("007", ""),
        ("8", "12.5"),
    ] and "number-as-text" in codes(info)


def test_hidden_sheets_are_listed_as_hidden_and_empty_ones_not_at_all():
    def fill(book):
        book.add_worksheet("空")
        for name in ("甲", "乙"):
            sheet = book.add_worksheet(name)
            sheet.write_column(0, 0, ["姓名", name])
        sheet.hide()

    connector = opened(workbook(fill), "a.xlsx")
    found = connector.tables()
    connector.close()
    assert [(one.name, "hidden-sheet" in codes(one)) for one in found] == [
        ("甲", False),
        ("乙", True),
    ]


def test_an_injected_formula_is_text_and_macros_never_run():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["姓名", "备注"])
        sheet.write_string(1, 0, "甲")
        sheet.write_string(1, 1, "=cmd|' /C calc'!A0")

    data = io.BytesIO(workbook(fill))
    with zipfile.ZipFile(data, "a") as bundle:
        bundle.writestr("xl/vbaProject.bin", b"macro")
    info, rows = read(data.getvalue(), "a.xlsm")
    assert rows[0].cells[1] == "=cmd|' /C calc'!A0"
    assert {"formula-text", "macros"} <= set(codes(info))


def test_two_thousand_columns_are_read():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, [f"列名{n}" for n in range(2_000)])
        sheet.write_row(1, 0, [f"值{n}" for n in range(2_000)])

    info, rows = read(workbook(fill), "a.xlsx")
    assert len(info.columns) == 2_000 and rows[0].cells[-1] == "值1999"


def test_the_last_row_a_sheet_can_have_is_read():
    def fill(book):
        sheet = book.add_worksheet()
        sheet.write(0, 0, "姓名")
        sheet.write(1, 0, "甲")
        sheet.write(1_048_575, 0, "乙")

    info, rows = read(workbook(fill), "a.xlsx")
    assert info.rows == 2 and [row.number for row in rows] == [2, 1_048_576]


CONTENT = """<?xml version="1.0" encoding="UTF-8"?><office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="名册">{}</table:table></office:spreadsheet></office:body>
</office:document-content>"""
MANIFEST = '<manifest xmlns="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
CELL = '<table:table-cell office:value-type="{}" {}><text:p>{}</text:p></table:table-cell>'


def ods(*rows):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        bundle.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        bundle.writestr("META-INF/manifest.xml", MANIFEST)
        body = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in rows)
        bundle.writestr("content.xml", CONTENT.format(body))
    return out.getvalue()


def test_an_ods_gives_values_dates_and_tells_of_formulas():
    def text(value):
        return CELL.format("string", "", value)

    data = ods(
        [text("姓名"), text("出生日期"), text("工资")],
        [
            text("甲"),
            CELL.format("date", 'office:date-value="1953-07-01"', "53-7-1"),
            CELL.format("float", 'office:value="12.5" table:formula="of:=1+11.5"', "12.5"),
        ],
    )
    info, rows = read(data, "a.ods")
    assert info.columns == ("姓名", "出生日期", "工资") and "formulas" in codes(info)
    assert rows[0].cells == ("甲", "1953-07-01", "12.5")


def bomb():
    """A sheet of two gigabytes in two megabytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("[Content_Types].xml", "<Types/>")
        bundle.writestr("xl/workbook.xml", "<workbook/>")
        with bundle.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as member:
            for _ in range(128):
                member.write(b" " * 2**20)
    return out.getvalue()


def locked():
    """As Excel wraps a workbook with a password: an OLE file with the stream EncryptedPackage."""
    none, end = 0xFFFFFFFF, 0xFFFFFFFE

    def entry(name, kind, child=none):
        raw = name.encode("utf-16-le") + b"\0\0"
        told = struct.pack("<HBBIII", len(raw), kind, 1, none, none, child)
        return (raw.ljust(64, b"\0") + told + bytes(36) + struct.pack("<IQ", end, 0)).ljust(
            128, b"\0"
        )

    head = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    head += struct.pack("<HHHHH6x10I", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4096, end, 0, end, 0, 0)
    head += struct.pack("<108I", *[none] * 108)
    table = struct.pack("<128I", 0xFFFFFFFD, end, *[none] * 126)
    folder = entry("Root Entry", 5, 1) + entry("EncryptedPackage", 2) + bytes(256)
    return head + table + folder + bytes(512)


def cut(data):
    return data[: len(data) // 2]


def test_zip_bombs_damage_and_passwords_are_refused_in_words():
    broken = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(2_000)
    wrong = [(bomb(), "bomb"), (cut(workbook(roster)), "damaged"), (broken, "damaged")]
    for data, code in [*wrong, (locked(), "encrypted")]:
        with pytest.raises(DomainError) as refusal:
            read(data, "a.xlsx")
        assert refusal.value.code == code and "没有读入" in refusal.value.zh


def test_a_workbook_with_nothing_in_it_is_refused():
    with pytest.raises(DomainError) as refusal:
        read(workbook(lambda book: book.add_worksheet()), "a.xlsx")
    assert refusal.value.code == "empty"
