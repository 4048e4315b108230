"""What is known of a source's readings: how fresh each field is, and a row as the source wrote it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rongdang.base.accounts.models import User
from rongdang.base.errors import DomainError
from rongdang.base.vocab.fields import dictionary
from rongdang.base.vocab.purposes import ALL_LEVELS
from rongdang.capture.sources import recipe_text
from rongdang.capture.sources.applying import REASON_COLUMNS
from rongdang.capture.sources.models import Delivery, Run
from rongdang.capture.sources.recipes import KIN_FIELD, Recipe
from rongdang.capture.sources.states import RunState
from rongdang.capture.sources.ways import opened, table_of
from rongdang.describe.access.avoiding import refuse_avoided
from rongdang.describe.access.predicate import Purpose, apart, levels_in
from rongdang.describe.people.claims import fields_shown
from rongdang.describe.people.models import Person
from rongdang.describe.statements.models import Source, Statement

ORIGINAL_ROW = REASON_COLUMNS[
    2
]  # of a file of refused rows, mended: their number in the whole table


@dataclass(frozen=True, slots=True)
class FieldFreshness:
    """Of one field of a source: when it was last read, since when no row has said anything new."""

    field: str
    filled: int  # rows that say it
    read_at: dt.datetime
    newest_at: dt.datetime | None


def freshness(source: Source) -> list[FieldFreshness]:
    """In the order of the dictionary; nothing of a source never read to its end."""
    done = list(
        Run.objects.filter(source=source, dry=False, state=RunState.DONE)
        .select_related("delivery")
        .order_by("-ended_at")
    )
    whole = next((run for run in done if not run.delivery.part), None)
    if whole is None or whole.ended_at is None:
        return []
    newest: dict[str, dt.datetime | None] = {}
    for run in done:
        for name, rows in run.counts.get("altered", {}).items():
            if rows:
                newest.setdefault(name, run.ended_at)
    filled: Mapping[str, int] = whole.counts.get("filled", {})
    order = {name: at for at, name in enumerate(dictionary())}
    names = sorted(filled, key=lambda name: order.get(name, len(order)))
    return [FieldFreshness(n, filled[n], whole.ended_at, newest.get(n)) for n in names]


@dataclass(frozen=True, slots=True)
class Evidence:
    """A row as the source wrote it: column → cell, those the reader may see."""

    source: str
    delivery: Delivery
    row: int
    cells: Mapping[str, str]
    withheld: int  # columns that are not shown to this reader


def statement_evidence(statement: Statement, user: User, purpose: Purpose) -> Evidence:
    """The row behind a statement, read again from what the source gave; asked of a visible person.

    A column is shown where its field is; one that no field comes from, only to whoever sees all of
    the unit's content. Raises DomainError where the file was destroyed or the row is not there.
    """
    refuse_avoided(user, statement.person_id)
    run = Run.objects.select_related("delivery", "recipe", "source").get(pk=statement.run)
    row = _row(run, statement.row)
    fields = fields_shown(user, purpose, [statement.person])[statement.person_id]
    whole = levels_in(user, statement.scope, purpose) >= set(ALL_LEVELS)
    told = _fields_of(recipe_text.from_text(run.recipe.text))
    cells = {
        name: cell
        for name, cell in zip(run.columns, row, strict=True)
        if (told[name] <= fields if name in told else whole)
    }
    return Evidence(run.source.name, run.delivery, statement.row, cells, len(row) - len(cells))


def _fields_of(recipe: Recipe) -> dict[str, set[str]]:
    """Column → the fields it says something of."""
    told: dict[str, set[str]] = {}
    for take in recipe.takes:
        for name in take.columns:
            told.setdefault(name, set()).add(take.field)
    for kin in recipe.kin:
        for name in kin.columns:
            told.setdefault(name, set()).add(KIN_FIELD)
    return told


def _row(run: Run, number: int) -> Sequence[str]:
    columns = tuple(run.columns)
    at = columns.index(ORIGINAL_ROW) if ORIGINAL_ROW in columns else -1
    with opened(run.delivery) as connector:
        table = table_of(connector, run.delivery.table)
        rows = connector.rows(table.name, after=0 if at >= 0 else number - 1)
        for row in rows if columns == table.columns else ():
            if (row.cells[at].strip() if at >= 0 else str(row.number)) == str(number):
                return row.cells
            if at < 0:
                break
    raise DomainError(
        "来源里现在没有这一行了，给不出原样；记下的内容和原文还在。",
        "The source no longer has this row; what was recorded of it stays.",
        code="row-gone",
        status=404,
    )


def diff_seen(run: Run, user: User, purpose: Purpose) -> dict[str, list[dict[str, Any]]]:
    """Examples of what a trial would change, with the fields of each person that `user` may see.

    Of somebody not known yet, what the user may see of content in the unit; none of an avoided one.
    """
    named = [
        uuid.UUID(one["person"]) for told in run.diff.values() for one in told if one["person"]
    ]
    known = Person.objects.visible_to(user).filter(apart(user, "pk")).in_bulk(named)
    shown = fields_shown(user, purpose, list(known.values()))
    nobody = Person(id=uuid.uuid4(), scope=run.source.scope)
    fresh = fields_shown(user, purpose, [nobody])[nobody.pk]
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, told in run.diff.items():
        for one in told:
            pk = uuid.UUID(one["person"]) if one["person"] else None
            fields = fresh if pk is None else shown.get(pk, frozenset())
            seen = {
                side: {name: said for name, said in one[side].items() if name in fields}
                for side in ("was", "now")
            }
            if seen["was"] or seen["now"]:
                found.setdefault(kind, []).append({**one, **seen})
    return found
