"""Writing to the log: in the transaction of the change it speaks of, or not at all."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from rongdang.base.cipher.keyring import LEDGER
from rongdang.base.errors import ConflictError, DomainError
from rongdang.base.ledger import rows
from rongdang.base.ledger.bodies import EVENT, body_of, detail_bytes, detail_digest
from rongdang.base.ledger.heads import head_message, moment_text
from rongdang.base.ledger.merkle import Frontier, leaf_hash, peaks
from rongdang.base.ledger.models import (
    Detail,
    Entry,
    Head,
    node_id,
    sealed_detail,
)
from rongdang.base.ledger.queries import log_id
from rongdang.base.ledger.rows import Row


class LedgerError(DomainError):
    """The log cannot take this entry, so the change it speaks of does not happen either."""

    status, code = 500, "ledger"


class _Edge:
    """The right edge of the tree as this process last wrote it, by the leaf it ended in.

    If that leaf is still the last on the log the edge is true, and need not be read; after a
    rollback, or another process's entry, it is another leaf.
    """

    def __init__(self) -> None:
        self.held: tuple[bytes, int, tuple[bytes, ...]] = (b"", 0, ())

    def get(self, leaf: bytes) -> Frontier | None:
        last, size, hashes = self.held
        return Frontier(size, hashes) if leaf and leaf == last else None

    def keep(self, leaf: bytes, frontier: Frontier) -> None:
        self.held = (leaf, frontier.size, frontier.hashes)


_edge = _Edge()


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An entry to be: who did what to which thing; `actor` None is the machine."""

    event: str
    actor: object | None
    subject: object | None = None
    subject_kind: str = ""
    subject_id: str = ""
    detail: Mapping[str, Any] | None = None


def record(
    event: str,
    *,
    actor: object | None,
    subject: object | None = None,
    subject_kind: str = "",
    subject_id: str = "",
    detail: Mapping[str, Any] | None = None,
) -> Entry:
    """Append one entry and enqueue what `settings.FLOW` says follows, in the running transaction.

    Call it last: from here to the commit other writers wait. Raises LedgerError outside a
    transaction or for an event that is not "thing:action", and AlarmingRefusalError when what a
    person said beside his act bears a mark of state secrets.
    """
    draft = Draft(
        event=event,
        actor=actor,
        subject=subject,
        subject_kind=subject_kind,
        subject_id=subject_id,
        detail=detail,
    )
    if actor is not None:
        _pass_the_gate(draft)
    return record_many([draft])[0]


# These officers name the level of what was stopped: that is their work.
NAMING_LEVELS = ("secret", "gate", "alarm")


def _pass_the_gate(draft: Draft) -> None:
    """Reasons and notes are typed as all else is: a marked one undoes the act it stands beside."""
    said = [one for one in (draft.detail or {}).values() if isinstance(one, str)]
    suspect = [one for one in said if "密" in one or "部队" in one]
    if suspect and draft.event.partition(":")[0] not in NAMING_LEVELS:
        from rongdang.base.gate.services import refuse_marks  # it records what it lets pass

        refuse_marks(*suspect, scope="", acting_user=draft.actor, place=draft.event)  # type: ignore[arg-type]  # any account


def record_many(drafts: Sequence[Draft]) -> list[Entry]:
    """Append entries in order, with one set of queries for all of them."""
    _check(drafts)
    if not drafts:
        return []
    with connection.cursor() as cursor:
        entries = _append(cursor, drafts)
    _start_what_follows(entries)
    return entries


def _append(cursor: Any, drafts: Sequence[Draft]) -> list[Entry]:
    rows.wait_for_turn(cursor)
    size, last = rows.last_entry(cursor)
    frontier = _edge.get(last) or _frontier(size)
    at = timezone.now()
    stored = rows.moment(at)
    entries: list[Row] = []
    details: list[Row] = []
    nodes: list[Row] = []
    for seq, draft in enumerate(drafts, size + 1):
        entry, side = _rows(seq, at, stored, draft)
        entries.append(entry)
        if side is not None:
            details.append(side)
        nodes += [
            (node_id(level, index), level, index, value)
            for level, index, value in frontier.append(entry[-1])
        ]
    _edge.keep(entries[-1][-1], frontier)
    rows.write(cursor, rows.ENTRIES, entries)
    rows.write(cursor, rows.DETAILS, details)
    rows.write(cursor, rows.NODES, nodes)
    return [rows.entry_of(at, entry) for entry in entries]


@transaction.atomic
def sign_head() -> Head | None:
    """Sign the log as it stands; None while it is empty. Unchanged since the last: that one."""
    with connection.cursor() as cursor:
        rows.wait_for_turn(cursor)
        size = rows.last_entry(cursor)[0]
    known = Head.objects.filter(size=size).first()
    if known is not None or not size:
        return known
    at, root = timezone.now(), _frontier(size).root()
    signer = settings.KEYRING.signer(LEDGER)
    message = head_message(
        log=log_id(), size=size, root=root, at=at, suite=signer.suite, key_id=signer.key_id
    )
    return Head.objects.create(
        size=size,
        root=root,
        at=at,
        suite=signer.suite,
        key_id=signer.key_id,
        public_key=signer.public_key,
        signature=signer.sign(message),
    )


@transaction.atomic
def erase_detail(seq: int, *, acting_user: object | None, reason: str) -> Entry:
    """Erase the personal detail of an entry (PIPL Art. 47); that it was erased is an entry."""
    if not Detail.objects.filter(pk=seq).delete()[0]:
        raise ConflictError(
            f"第 {seq} 条没有可以删除的明细，账本没有改动。",
            f"Entry {seq} has no detail to erase; the log is unchanged.",
        )
    return record(
        "ledger-detail:erase",
        actor=acting_user,
        subject_kind="ledger.entry",
        subject_id=str(seq),
        detail={"reason": reason},
    )


def _check(drafts: Sequence[Draft]) -> None:
    if not connection.in_atomic_block:
        raise LedgerError(
            "账本只能和它记录的改动在同一个事务里写；没有写入。",
            "The log is written only in the transaction of the change it records; nothing written.",
            code="ledger-no-transaction",
        )
    for draft in drafts:
        if not EVENT.fullmatch(draft.event) or len(draft.event) > 64:
            raise LedgerError(
                f"事件名“{draft.event}”不合“事物:动作”的写法；没有写入。",
                f"“{draft.event}” is not written thing:action; nothing was written.",
                code="ledger-event",
            )


def _frontier(size: int) -> Frontier:
    with connection.cursor() as cursor:
        hashes = rows.hashes(cursor, peaks(size))
    try:
        edge = [hashes[node_id(level, index)] for level, index in peaks(size)]
    except KeyError as error:
        raise LedgerError(
            "账本的树缺了一部分，不能再往上写；这一步没有办成。请先核验账本。",
            "Part of the log's tree is missing, so it takes no more entries; verify the log first.",
            code="ledger-broken",
        ) from error
    return Frontier(size, edge)


def _rows(seq: int, at: datetime, stored: Any, draft: Draft) -> tuple[Row, Row | None]:
    """The row of the entry, its leaf last, and that of its detail if it has one."""
    kind, key = _name(draft)
    actor = None if draft.actor is None else str(getattr(draft.actor, "pk", draft.actor))
    side, digest = None, ""
    if draft.detail:
        salt, content = os.urandom(16), detail_bytes(draft.detail)
        side, digest = (seq, salt, sealed_detail(seq, content)), detail_digest(salt, content)
    body = body_of(
        seq=seq,
        at=moment_text(at),
        event=draft.event,
        actor=actor,
        subject_kind=kind,
        subject_id=key,
        detail=digest,
    )
    return (seq, stored, draft.event, actor, kind, key, body, leaf_hash(body)), side


def _name(draft: Draft) -> tuple[str, str]:
    subject = draft.subject
    if isinstance(subject, models.Model):
        return subject._meta.label_lower, str(subject.pk)
    if subject is not None:
        return draft.subject_kind or type(subject).__name__.lower(), str(subject)
    return draft.subject_kind, draft.subject_id


def _start_what_follows(entries: Sequence[Entry]) -> None:
    """The flow table names jobs by event; each gets the subject's id and may run twice."""
    path: str | None = getattr(settings, "FLOW", None)
    flow = import_string(path) if path else {}
    for entry in entries:
        for job in flow.get(entry.event, ()):
            job.enqueue(entry.subject_id)
