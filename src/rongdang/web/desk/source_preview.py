"""Real rows of a table before and after a recipe: those that need a look first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from rongdang.capture.sources.applying import (
    Outcome,
    Passed,
    Plan,
    Reason,
    Refused,
    Taken,
    apply,
    compiled,
)
from rongdang.capture.sources.port import SourceRow
from rongdang.capture.sources.recipes import Recipe
from rongdang.describe.statements.said import Said

SHOWN = 8


@dataclass(frozen=True, slots=True)
class Turned:
    """One field of a row: what stood in the table and what it is taken for."""

    field: str
    was: str
    said: Said


@dataclass(frozen=True, slots=True)
class RowShown:
    """One row of the preview."""

    number: int
    state: str  # taken, passed, refused
    fields: tuple[Turned, ...] = ()
    reasons: tuple[Reason, ...] = ()
    cells: tuple[str, ...] = ()


def previewed(
    recipe: Recipe, columns: Sequence[str], rows: Sequence[Sequence[Any]]
) -> dict[str, Any]:
    """`shown` rows and how many of the kept ones are taken, passed over, refused, in doubt."""
    plan = compiled(recipe, columns)
    told = [_turned(plan, SourceRow(number, tuple(cells))) for number, cells in rows]
    counts = {
        state: sum(one.state == state for one in told) for state in ("taken", "passed", "refused")
    }
    counts["doubtful"] = sum(_doubts(one) > 0 for one in told)
    order = sorted(told, key=lambda one: (one.state != "refused", -_doubts(one), one.number))
    return {"shown": order[:SHOWN], "counts": counts, "of": len(told)}


def _doubts(row: RowShown) -> int:
    return sum(one.said.certainty != "sure" for one in row.fields)


def _turned(plan: Plan, row: SourceRow) -> RowShown:
    became: Outcome = apply(plan, row)
    if isinstance(became, Passed):
        return RowShown(row.number, "passed", cells=tuple(cell for cell in row.cells if cell))
    if isinstance(became, Refused):
        cells = tuple(cell for cell in row.cells if cell)
        return RowShown(row.number, "refused", reasons=became.reasons, cells=cells)
    return RowShown(row.number, "taken", tuple(_fields(plan, row, became)))


def _fields(plan: Plan, row: SourceRow, taken: Taken) -> list[Turned]:
    places = {step.field: step.places for step in plan.steps}
    return [
        Turned(field, "｜".join(row.cells[at] for at in places.get(field, ())), said)
        for field, said in taken.sayings.items()
    ]
