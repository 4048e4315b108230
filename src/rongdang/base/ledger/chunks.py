"""The log read through from the first entry to the last, some thousand at a time: memory stays flat.

Straight from the database's cursor: of a million entries each conversion is felt.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.columns import sealing
from rongdang.base.columns.fields import encrypted
from rongdang.base.ledger.models import Detail, Entry, Head, Node

CHUNK = 4096  # entries; a power of two, so that a chunk's subtrees are a range of keys
# (seq, at as it stands in the body, event, actor, subject_kind, subject_id, body, leaf)
Row = tuple[int, str, str, str | None, str, str, bytes, bytes]
RANGE = 'WHERE "{0}" >= %s AND "{0}" < %s'
# The moment as the body has it, made by the database: of a million entries that is felt.
# SQLite keeps 2026-11-24 12:52:00.123456, in UTC, and leaves out a fraction of nought.
TIME = {
    "sqlite": """coalesce(substr("at", 1, 10) || 'T' || substr("at", 12)
        || CASE WHEN length("at") > 19 THEN '' ELSE '.000000' END || '+00:00', '')""",
    "postgresql": """to_char("at" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"')""",
}
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
    most: int  # entries a chunk of this reading may have


def chunks(start: int, end: int, most: int = CHUNK) -> Iterator[Chunk]:
    """The entries `start` ≤ seq < `end`; `start` is one more than a multiple of `most`."""
    opened, entries = _opening(), ENTRIES.format(time=TIME[connection.vendor])
    for first in range(start, end, most):
        beyond = min(first + most, end)
        heads = Head.objects.filter(size__gte=first, size__lt=beyond)
        yield Chunk(
            _rows(entries, first, beyond, 6),
            {
                seq: (salt if isinstance(salt, bytes) else b"", opened(seq, body))
                for seq, salt, body in _rows(DETAILS, first, beyond, 1)
            },
            dict(_rows(NODES, first * 64, beyond * 64, 1)),
            {head.size: head for head in heads},
            most,
        )


def last_seq() -> int:
    return Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def _rows(statement: str, start: int, end: int, binary: int) -> list[Any]:
    """Rows whose columns from `binary` on are bytes."""
    with connection.cursor() as cursor:
        cursor.execute(statement, (start, end))
        found: list[Any] = cursor.fetchall()
    if connection.vendor == "postgresql":
        return [(*row[:binary], *map(bytes, row[binary:])) for row in found]
    return found


def _opening() -> Callable[[int, bytes], bytes]:
    """What does not open has no digest that fits."""
    column = encrypted(Detail, "body")
    unseal = sealing.unsealing(Detail._meta.db_table, column.column or "")

    def opened(seq: int, stored: bytes) -> bytes:
        if not isinstance(stored, bytes):
            return b""  # forged
        if stored.startswith(b"{"):
            return stored  # written before details were encrypted
        try:
            return unseal(seq, stored)
        except (DamagedError, KeyringError):
            return b""

    return opened
