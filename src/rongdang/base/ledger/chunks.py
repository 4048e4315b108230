"""The log read through from the first entry to the last, some thousand at a time: memory stays flat.

Straight from the database's cursor: of a million entries each conversion is felt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import connection

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.columns import sealing
from rongdang.base.columns.fields import encrypted
from rongdang.base.ledger.heads import moment_text
from rongdang.base.ledger.models import Detail, Entry, Head, Node

CHUNK = 4096  # a power of two, so that a chunk's subtrees are a range of keys
# (seq, at as it stands in the body, event, actor, subject_kind, subject_id, body, leaf)
Row = tuple[int, str, str, str | None, str, str, bytes, bytes]
RANGE = 'WHERE "{0}" >= %s AND "{0}" < %s'
# Made an expression, SQLite's column gives its text, and no time is parsed to be written again.
TIME = {"sqlite": "\"at\" || ''"}
ENTRIES = (
    'SELECT "seq", {time}, "event", "actor", "subject_kind", "subject_id", "body", "leaf" '
    f'FROM "{Entry._meta.db_table}" {RANGE.format("seq")} ORDER BY "seq"'
)
DETAILS = (
    f'SELECT "entry_id", "salt", "body" FROM "{Detail._meta.db_table}" {RANGE.format("entry_id")}'
)
NODES = f'SELECT "id", "hash" FROM "{Node._meta.db_table}" {RANGE.format("id")}'


@dataclass(frozen=True, slots=True)
class Chunk:
    """Entries by number, with the details (salt, JSON), subtrees and heads that belong to them."""

    entries: list[Row]
    details: dict[int, tuple[bytes, bytes]]
    nodes: dict[int, bytes]
    heads: dict[int, Head]


def chunks() -> Iterator[Chunk]:
    last, opened = last_seq(), _opening()
    entries = ENTRIES.format(time=TIME.get(connection.vendor, '"at"'))
    for start in range(1, last + 1, CHUNK):
        end = min(start + CHUNK, last + 1)
        heads = Head.objects.filter(size__gte=start, size__lt=end)
        yield Chunk(
            [_entry(row) for row in _rows(entries, start, end)],
            {
                seq: (bytes(salt), opened(seq, body))
                for seq, salt, body in _rows(DETAILS, start, end)
            },
            {pk: bytes(value) for pk, value in _rows(NODES, start * 64, end * 64)},
            {head.size: head for head in heads},
        )


def last_seq() -> int:
    return Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def _rows(statement: str, start: int, end: int) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, (start, end))
        found: list[Any] = cursor.fetchall()
        return found


def _entry(row: Any) -> Row:
    seq, at, event, actor, kind, key, body, leaf = row
    return seq, _moment(at), event, actor, kind, key, bytes(body), bytes(leaf)


def _moment(stored: Any) -> str:
    """SQLite keeps 2026-11-24 12:52:00.123456, in UTC, and leaves out a fraction of nought."""
    if isinstance(stored, str):
        fraction = "" if len(stored) > 19 else ".000000"
        return f"{stored[:10]}T{stored[11:]}{fraction}+00:00"
    assert isinstance(stored, datetime)
    return moment_text(stored if stored.tzinfo else stored.replace(tzinfo=UTC))


def _opening() -> Callable[[int, Any], bytes]:
    """What does not open has no digest that fits."""
    column = encrypted(Detail, "body")
    unseal = sealing.unsealing(Detail._meta.db_table, column.column or "")

    def opened(seq: int, stored: Any) -> bytes:
        sealed = bytes(stored)
        if sealed.startswith(b"{"):
            return sealed  # written before details were encrypted
        try:
            return unseal(seq, sealed)
        except (DamagedError, KeyringError):
            return b""

    return opened
