"""The file of refused rows opens in a spreadsheet without doing anything, and comes back as it went."""

from __future__ import annotations

import csv
import io

import pytest
from python_calamine import CalamineWorkbook

from rongdang.capture.sources.applying import Taken, apply, compiled
from rongdang.capture.sources.port import SourceRow
from rongdang.capture.sources.recipes import Recipe, Take
from rongdang.capture.sources.refused_files import as_csv, as_rows, as_xlsx
from rongdang.capture.sources.values import clean, shielded

COLUMNS = ("编号", "姓名", "职务")
REASON = {"zh": "姓名：不像姓名", "todo_zh": "改成看得懂的写法", "value": "=1+1"}
REFUSED = [
    (7, ("001", "=1+1", "@SUM(A1)"), [REASON]),
    (9, ("002", "李永海"), [{"zh": "这一行有 2 格", "todo_zh": "看分隔符"}]),
    (11, ("003", "王建", "参谋", "多的"), [{"zh": "这一行有 4 格", "todo_zh": "看分隔符"}]),
]


def lines():
    text = b"".join(as_csv(as_rows(COLUMNS, REFUSED))).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text)))


def test_reasons_and_numbers_stand_behind_the_columns():
    head, first, second, third = lines()
    assert head == [*COLUMNS, "退回原因", "怎么办", "原行号"]
    assert first[3:] == ["姓名：不像姓名（“=1+1”）", "改成看得懂的写法", "7"]
    assert second[:3] == ["002", "李永海", ""]
    assert third[3].endswith("（多出的格：多的）")


def test_no_cell_of_the_text_file_starts_a_formula():
    for line in lines()[1:]:
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in line)


def test_every_cell_of_the_workbook_is_text():
    book = CalamineWorkbook.from_filelike(io.BytesIO(as_xlsx(as_rows(COLUMNS, REFUSED))))
    rows = book.get_sheet_by_index(0).to_python()
    assert rows[1][:3] == ["001", "=1+1", "@SUM(A1)"]


def test_a_mended_file_is_read_by_the_same_recipe_under_its_old_numbers():
    takes = (Take("姓名", ("姓名",)), Take("职务", ("职务",)))
    head, first, *_rest = lines()
    plan = compiled(Recipe("表", ("编号",), takes), head)
    mended = tuple("张长河" if cell == "'=1+1" else cell for cell in first)
    taken = apply(plan, SourceRow(2, mended))
    assert isinstance(taken, Taken)
    assert (taken.row, taken.sayings["职务"].value) == (7, "@SUM(A1)")


def test_refused_again_it_has_the_columns_once():
    head = next(as_rows((*COLUMNS, "退回原因", "怎么办", "原行号"), []))
    assert head == [*COLUMNS, "退回原因", "怎么办", "原行号"]


@pytest.mark.parametrize(
    "text", ["=A1", "+86 10", "-无", "@x", "\tx", "'=A1", "-5", "12.5", "张长河"]
)
def test_the_shield_comes_off_again(text):
    assert clean(shielded(text)) == clean(text)
