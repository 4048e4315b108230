"""Reading the log: entries, heads, proofs. `verify` is in `verifying`, named here for callers."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, models

from rongdang.base.errors import DomainError
from rongdang.base.ledger import merkle, rows
from rongdang.base.ledger.heads import moment_text
from rongdang.base.ledger.models import Detail, Entry, Head, node_id
from rongdang.base.ledger.verifying import Fault, Report, verify

__all__ = ["Fault", "Report", "verify"]  # callers find them beside the other questions


@dataclass(frozen=True, slots=True)
class Proof:
    """That an entry (leaf `index`, counted from 0) is in the log of `size` entries."""

    index: int
    size: int
    leaf: bytes
    path: tuple[bytes, ...]
    root: bytes

    def holds(self) -> bool:
        return merkle.inclusion_holds(self.index, self.size, self.leaf, self.path, self.root)


def entries(
    *, subject: models.Model | None = None, actor: object | None = None, event: str = ""
) -> models.QuerySet[Entry]:
    """Newest first; of one thing, of one person, of one kind of event."""
    found = Entry.objects.order_by("-seq")
    if subject is not None:
        found = found.filter(subject_kind=subject._meta.label_lower, subject_id=str(subject.pk))
    if actor is not None:
        found = found.filter(actor=str(getattr(actor, "pk", actor)))
    return found.filter(event=event) if event else found


def detail_of(entry: Entry) -> dict[str, Any]:
    """What the entry says beyond its body; empty if it has none or it was erased."""
    side = Detail.objects.filter(pk=entry.seq).first()
    content: dict[str, Any] = json.loads(side.body) if side else {}
    return content


def details_of(seqs: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Entry → what it says beyond its body, of those that have such a thing."""
    return {side.pk: json.loads(side.body) for side in Detail.objects.filter(pk__in=list(seqs))}


def size() -> int:
    with connection.cursor() as cursor:
        return rows.last_entry(cursor)[0]


def log_id() -> str:
    """This log and no other: its first leaf."""
    return bytes(Entry.objects.values_list("leaf", flat=True).get(pk=1)).hex()


def latest_head() -> Head | None:
    return Head.objects.order_by("-size").first()


def head_line() -> str:
    """The newest head in one line, for the foot of whatever is printed; "" while there is none.

    Paper that left the house tells later whether the log is still the one it was.
    """
    head = latest_head()
    if head is None:
        return ""
    return f"账本头 {head.size} · {bytes(head.root).hex()} · {moment_text(head.at)}"


def root_at(wanted: int | None = None) -> bytes:
    """The root of the first `wanted` entries (of all, if not given)."""
    count = size() if wanted is None else _known(wanted)
    return _with_nodes(lambda node: [merkle.root(count, node)])[0]


def inclusion(seq: int, within: int | None = None) -> Proof:
    """The proof that entry `seq` is among the first `within` entries."""
    count = size() if within is None else _known(within)
    if not 1 <= seq <= count:
        raise _no_such(seq)
    path = _with_nodes(
        lambda node: [
            node(0, seq - 1),
            merkle.root(count, node),
            *merkle.inclusion_proof(seq - 1, count, node),
        ]
    )
    return Proof(seq - 1, count, path[0], tuple(path[2:]), path[1])


def consistency(first: int, second: int) -> list[bytes]:
    """The proof that the log of `first` entries is the beginning of that of `second`."""
    if not 0 < first <= _known(second):
        raise _no_such(first)
    return _with_nodes(lambda node: merkle.consistency_proof(first, second, node))


def _with_nodes(build: Any) -> list[bytes]:
    """Run once to learn which subtrees are needed, fetch them together, run again."""
    wanted: set[tuple[int, int]] = set()

    def learn(level: int, index: int) -> bytes:
        wanted.add((level, index))
        return b""

    build(learn)
    with connection.cursor() as cursor:
        hashes = rows.hashes(cursor, wanted)
    result: list[bytes] = build(lambda level, index: hashes[node_id(level, index)])
    return result


def _known(wanted: int) -> int:
    if not 0 <= wanted <= size():
        raise _no_such(wanted)
    return wanted


def _no_such(seq: int) -> DomainError:
    return DomainError(
        f"账本里没有第 {seq} 条。", f"The log has no entry {seq}.", code="no-such-entry", status=404
    )
