"""Some rows of a source, looked at by a recipe: who is to be recorded, who is refused and why."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rongdang.base.gate.marks import mark_in_cells
from rongdang.capture.sources.applying import Passed, Plan, Reason, Refused, apply, key_of
from rongdang.capture.sources.port import SourceRow
from rongdang.describe.statements.recording import Row

MARKED = "secret-mark"


@dataclass(slots=True)
class Chunk:
    """`present`: keys of refused rows, which are there all the same; `marks`: their levels."""

    span: tuple[int, int]
    taken: list[Row] = field(default_factory=list)
    refused: list[tuple[SourceRow, tuple[Reason, ...]]] = field(default_factory=list)
    cells: dict[int, SourceRow] = field(default_factory=dict)  # of what is taken, by its number
    present: list[str] = field(default_factory=list)
    passed: int = 0
    marks: list[str] = field(default_factory=list)  # of refused rows
    let_through: list[str] = field(default_factory=list)  # of rows two officers let pass
    read: int = 0

    def digest(self, before: str, rows: Sequence[SourceRow]) -> str:
        told = hashlib.sha256(before.encode())
        told.update("\x1e".join("\x1f".join(row.cells) for row in rows).encode())
        return told.hexdigest()


def looked_at(plan: Plan, rows: Sequence[SourceRow], *, let_marked: bool) -> Chunk:
    """Every row is taken, passed over, or refused with its reasons; nothing is raised for a row.

    `let_marked`: two officers have opened the gate, and marks of state secrets stop nothing.
    """
    chunk = Chunk((rows[0].number, rows[-1].number), read=len(rows))
    for row in rows:
        mark = mark_in_cells(row.cells)
        told = row.oddity is not None and row.oddity.code == MARKED  # by whoever read the file
        if (mark or told) and not let_marked:
            chunk.marks.append(mark)
            _refuse(plan, chunk, row, (_marked(),))
            continue
        if mark:
            chunk.let_through.append(mark)
        _apply(plan, chunk, replace(row, oddity=None) if told else row)
    return chunk


def _apply(plan: Plan, chunk: Chunk, row: SourceRow) -> None:
    became = apply(plan, row)
    if isinstance(became, Passed):
        chunk.passed += 1
    elif isinstance(became, Refused):
        _refuse(plan, chunk, row, became.reasons)
    else:
        chunk.taken.append(Row(became.row, became.key, became.sayings))
        chunk.cells[became.row] = row


def _refuse(plan: Plan, chunk: Chunk, row: SourceRow, reasons: tuple[Reason, ...]) -> None:
    chunk.refused.append((row, reasons))
    if len(row.cells) == len(plan.columns):
        chunk.present.append(key_of(plan, row))


def _marked() -> Reason:
    return Reason(
        MARKED,
        "带有国家秘密标志，没有读入，也没有留下内容",
        "it bears a mark of state secrets; it was not taken and nothing of it was kept",
        todo_zh="请安全保密员线下处理",
        todo_en="the security officer handles it off-line",
    )
