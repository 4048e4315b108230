"""CSV as spreadsheets save it, read strictly: what cannot be told apart for certain is refused."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass

from rongdang.base.errors import DomainError

MOST_BYTES = 8 * 2**20
MOST_COLUMNS = 200  # the dictionary knows some 120 fields
ENCODINGS = ("utf-8-sig", "gb18030")


@dataclass(frozen=True, slots=True)
class Line:
    """Cells without blanks around them, and the number of the line of the file they begin on."""

    number: int
    cells: list[str]


def no_register(zh: str, en: str) -> DomainError:
    """The refusal of a table; `zh` and `en` say what is wrong, without a full stop."""
    return DomainError(
        f"{zh}，没有收。",
        f"{en}; nothing was taken over.",
        hint_zh="在表格软件里另存为 CSV：第一行是列名，至少有“姓名”，再交一次。",
        hint_en="Save the sheet as CSV: column names in the first line, 姓名 among them; try again.",
        code="no-register",
        status=422,
    )


def text_of(data: bytes) -> str:
    """The text of a CSV file in UTF-8 or GB 18030; DomainError when it is none."""
    if len(data) > MOST_BYTES:
        raise no_register("文件超过 8 MB", "The file is larger than 8 MB")
    if data[:2] in (b"PK", b"\xd0\xcf"):
        raise no_register(
            "这是表格软件自己的格式，读不了",
            "This is a spreadsheet's own format and cannot be read",
        )
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise no_register("文件不是文字，读不了", "The file is no text")


def table(text: str) -> list[Line]:
    """The lines of the table, the head first; empty columns at the right end of it are dropped.

    Raises DomainError: no text, an odd quotation mark, more columns than any register has.
    """
    if "\0" in text:
        raise no_register("文件不是文字，读不了", "The file is no text")
    first = text.partition("\n")[0]
    delimiter = max(",\t;", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines, begins = [], 1
    try:
        for cells in reader:
            lines.append(Line(begins, [cell.strip() for cell in cells]))
            begins = reader.line_num + 1
    except csv.Error as error:
        raise no_register(
            f"从第 {begins} 行起读不下去：引号不成对，分不清哪些字是一格",
            f"From line {begins} on it cannot be read: a quotation mark has no partner",
        ) from error
    if not lines:
        raise no_register("表是空的", "The table is empty")
    head = lines[0].cells
    while head and not head[-1]:
        head.pop()
    if len(head) > MOST_COLUMNS:
        raise no_register(
            f"第一行有 {len(head)} 列，一册最多 {MOST_COLUMNS} 列；这不像登记册",
            f"The first line has {len(head)} columns; a register has at most {MOST_COLUMNS}",
        )
    return lines
