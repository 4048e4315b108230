"""Refused rows as a file to mend and bring again: the columns of the table, then why and what to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

from rongdang.capture.sources.applying import REASON_COLUMNS
from rongdang.capture.sources.values import shielded

BOM = "\ufeff"  # without it Excel takes UTF-8 for the code page of the machine
Line = tuple[int, Sequence[str], Sequence[dict[str, str]]]  # number, cells, reasons as kept


def as_rows(columns: Sequence[str], refused: Iterable[Line]) -> Iterator[list[str]]:
    """The head, then one line for each refused row; a cell missing is blank, one too many stays."""
    width = len(columns)
    known = [name for name in columns if name not in REASON_COLUMNS]
    places = [at for at, name in enumerate(columns) if name in known]
    yield [*known, *REASON_COLUMNS]
    for number, cells, reasons in refused:
        whole = [*cells[:width], *[""] * (width - len(cells))]
        beyond = f"（多出的格：{'｜'.join(cells[width:])}）" if len(cells) > width else ""
        why = "；".join(_why(reason) for reason in reasons) + beyond
        todo = "；".join(dict.fromkeys(reason.get("todo_zh", "") for reason in reasons))
        yield [*(whole[at] for at in places), why, todo, str(number)]


def as_csv(rows: Iterable[Sequence[str]]) -> Iterator[bytes]:
    """UTF-8 with a byte order mark, as Excel opens it; no cell starts a formula."""
    yield BOM.encode()
    for row in rows:
        line = io.StringIO()
        csv.writer(line).writerow([shielded(cell) for cell in row])
        yield line.getvalue().encode()


def as_xlsx(rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook in which every cell is text: numbers keep their noughts, formulas stay words."""
    import xlsxwriter

    made = io.BytesIO()
    with xlsxwriter.Workbook(made, {"constant_memory": True, "in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"bold": True, "num_format": "@"})
        sheet = book.add_worksheet("退回的行")
        sheet.freeze_panes(1, 0)
        for at, row in enumerate(rows):
            for place, cell in enumerate(row):
                sheet.write_string(at, place, cell, text if at else head)
    return made.getvalue()


def _why(reason: dict[str, str]) -> str:
    value = reason.get("value", "")
    return f"{reason.get('zh', '')}（“{value[:60]}”）" if value else reason.get("zh", "")
