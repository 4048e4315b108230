"""A first look at what was delivered: its tables, a profile, some rows; kept sealed for the mapping page."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from django.db import transaction

from rongdang.base.accounts.models import User
from rongdang.base.accounts.rights import require
from rongdang.base.accounts.roles import Permission
from rongdang.base.errors import DomainError
from rongdang.base.gate.marks import mark_in_cells
from rongdang.base.ledger.services import record
from rongdang.capture.sources.models import DeliveredFile, Delivery, Look
from rongdang.capture.sources.port import Oddity, SourceRow, TableInfo
from rongdang.capture.sources.profiling import ColumnProfile, Profile, profiled
from rongdang.capture.sources.ways import opened, table_of

MOST_ROWS = 200_000  # looked at; the trial reads them all
KEPT_ROWS = 60
MARKED = "secret-mark"
NONE = TableInfo("", (), None)


def look(delivery_id: uuid.UUID) -> Look:
    """Look at a delivery once; asked again it answers what it saw. Words where it cannot be read."""
    seen = Look.objects.filter(pk=delivery_id).first()
    if seen is not None:
        return seen
    delivery = Delivery.objects.get(pk=delivery_id)
    made = Look(delivery=delivery)
    try:
        with opened(delivery) as connector:
            info = table_of(connector, delivery.table or main_table(connector.tables()))
            kept: list[SourceRow] = []
            rows = _unmarked(connector.rows(info.name), kept)
            made.profile = asdict(profiled(info, rows))
            made.rows = [[row.number, list(row.cells)] for row in kept]
            made.tables = [_told(one) for one in connector.tables()]
    except DomainError as error:
        made.problem = {
            "code": error.code,
            "zh": error.zh,
            "en": error.en,
            "hint_zh": error.hint_zh,
            "hint_en": error.hint_en,
        }
    with transaction.atomic():
        made.save(force_insert=True)
        if not delivery.table and made.profile:  # of a server nobody said which
            delivery.table = made.profile["table"]
            delivery.save(update_fields=["table"])
        detail = {"source": str(delivery.source_id), "rows": made.profile.get("rows", 0)}
        record("delivery:look", actor=None, subject=delivery, detail=detail)
    return made


@transaction.atomic
def choose_table(delivery: Delivery, table: str, *, acting_user: User) -> Delivery:
    """The same files, another of their tables; looked at anew."""
    require(acting_user, Permission.SOURCE_EDIT, delivery.source.scope)
    known = [one["name"] for one in delivery.look.tables]
    if table not in known:
        raise DomainError(
            "文件里没有这张表，没有换。",
            "The file has no such table; nothing was changed.",
            code="no-such-table",
            status=404,
        )
    other = Delivery.objects.create(
        source=delivery.source,
        table=table,
        address=delivery.address,
        part=delivery.part,
        digest=delivery.digest,
        given_by=acting_user,
    )
    for file in delivery.files.all():
        DeliveredFile.objects.create(
            delivery=other, sequence=file.sequence, name=file.name, stored=file.stored
        )
    detail = {"source": str(delivery.source_id), "digest": other.digest, "part": other.part}
    record("delivery:receive", actor=acting_user, subject=other, detail=detail)
    return other


def main_table(infos: Iterable[TableInfo]) -> str:
    """The table most likely meant: the longest that has more than one column; "" of none."""
    return max(
        infos, key=lambda one: (len(one.columns) > 1, one.rows or 0, len(one.columns)), default=NONE
    ).name


def profile_of(kept: Mapping[str, Any]) -> Profile:
    """A profile as a look keeps it."""
    return Profile(
        kept["table"],
        kept["rows"],
        tuple(_column(one) for one in kept["columns"]),
        _oddities(kept["oddities"]),
    )


def _column(kept: Mapping[str, Any]) -> ColumnProfile:
    pairs = {name: tuple((a, b) for a, b in kept[name]) for name in ("kinds", "words", "sex")}
    rest = {"samples": tuple(kept["samples"]), "oddities": _oddities(kept["oddities"])}
    return ColumnProfile(**{**kept, **pairs, **rest})


def _oddities(kept: Iterable[Mapping[str, Any]]) -> tuple[Oddity, ...]:
    return tuple(Oddity(**one) for one in kept)


def _unmarked(rows: Iterable[SourceRow], kept: list[SourceRow]) -> Iterator[SourceRow]:
    """Rows to be judged, the first of them kept; nothing of a row with a mark of state secrets."""
    for count, row in enumerate(rows):
        if count >= MOST_ROWS:
            return
        if mark_in_cells(row.cells):
            oddity = Oddity(
                MARKED,
                "有行带国家秘密标志，没有看，也没有留",
                "rows bear a mark of state secrets; they were neither looked at nor kept",
                row.number,
            )
            yield SourceRow(row.number, tuple("" for _ in row.cells), oddity)
            continue
        if len(kept) < KEPT_ROWS and row.oddity is None:
            kept.append(row)
        yield row


def _told(info: TableInfo) -> dict[str, Any]:
    return {"name": info.name, "rows": info.rows, "columns": len(info.columns)}
