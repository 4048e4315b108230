"""Rows that were not taken, kept with their reasons until somebody has mended them."""

from __future__ import annotations

from dataclasses import asdict

from rongdang.capture.sources.applying import Reason
from rongdang.capture.sources.chunks import MARKED, Chunk
from rongdang.capture.sources.models import RefusedRow, Run
from rongdang.capture.sources.port import SourceRow
from rongdang.describe.statements.recording import NAMELESS, SOMEBODY_ELSE, TWICE, Recorded

REASONS = {
    TWICE: Reason(
        TWICE,
        "区分各行的列和前面一行相同，分不清哪行对，取了前面的",
        "an earlier row has the same key; which is right cannot be told, the earlier was taken",
        todo_zh="改对这一行的编号；若是一人多行，请在方案里多写一列来区分",
        todo_en="correct the key; where a person has several rows, let the recipe use one more column",
    ),
    SOMEBODY_ELSE: Reason(
        SOMEBODY_ELSE,
        "这个编号原来是另一个人的，姓名和身份号码都不同",
        "the key was somebody else's: name and ID number are both others",
        todo_zh="核对编号；若确是换了人，请给新人新编号",
        todo_en="see whether the key is right; a new person needs a new key",
    ),
    NAMELESS: Reason(
        NAMELESS,
        "没有姓名，凭编号和身份号码也认不出是谁",
        "there is no name, and key and ID number tell of nobody known",
        todo_zh="补上姓名",
        todo_en="add the name",
    ),
}


def keep_refused(run: Run, chunk: Chunk, told: Recorded) -> int:
    """Write them down; how many there are. Of a marked row only its number is kept."""
    rows = [_row(run, row, reasons) for row, reasons in chunk.refused]
    for number, code in told.refused.items():
        rows.append(_row(run, chunk.cells[number], (REASONS[code],)))
    RefusedRow.objects.bulk_create(rows)
    return len(rows)


def _row(run: Run, row: SourceRow, reasons: tuple[Reason, ...]) -> RefusedRow:
    marked = any(reason.code == MARKED for reason in reasons)
    return RefusedRow(
        run=run,
        row=row.number,
        cells=[] if marked else list(row.cells),
        reasons=[asdict(reason) for reason in reasons],
    )
