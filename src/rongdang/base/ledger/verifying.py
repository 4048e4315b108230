"""Reading the whole log again and naming the first entry that is not as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from rongdang.base.cipher.errors import KeyringError
from rongdang.base.ledger.bodies import FORMAT, body_of, detail_digest
from rongdang.base.ledger.chunks import Chunk, Row, chunks, last_seq
from rongdang.base.ledger.heads import SignedHead
from rongdang.base.ledger.merkle import Frontier, leaf_hash
from rongdang.base.ledger.models import Entry, Head, Node, node_id


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong, at entry `seq`."""

    seq: int
    code: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a verification found; `faults` begins with the first bad entry."""

    size: int
    root: bytes
    heads: int
    faults: tuple[Fault, ...]
    clock_back: tuple[int, ...]  # entries dated before the one they follow: to be looked at

    @property
    def ok(self) -> bool:
        return not self.faults

    @property
    def first_bad(self) -> Fault | None:
        return self.faults[0] if self.faults else None


def verify(
    *,
    outside: Mapping[int, bytes] | None = None,
    progress: Callable[[int], None] | None = None,
    limit: int = 20,
) -> Report:
    """Recompute every leaf, subtree, detail digest and head; stops after `limit` faults.

    `outside` holds roots by size that were kept elsewhere: only they show a log rewritten whole.
    """
    reading = _Reading(dict(outside or {}))
    for chunk in chunks():
        for row in chunk.entries:
            reading.entry(row, chunk)
            if len(reading.faults) >= limit:
                return reading.report()
        reading.surplus(chunk)
        if progress is not None:
            progress(reading.frontier.size)
    reading.finish()
    return reading.report()


class _Reading:
    """The state of one pass over the log."""

    def __init__(self, outside: dict[int, bytes]) -> None:
        self.frontier = Frontier()
        self.faults: list[Fault] = []
        self.clock_back: list[int] = []
        self._last_at = ""
        self._first_leaf = ""
        self._outside = outside
        self._bent = False  # once a leaf is wrong, so is all above it: not worth a line each

    def entry(self, row: Row, chunk: Chunk) -> None:
        seq, at, body, leaf = row[0], row[1], row[6], row[7]
        expected = self.frontier.size + 1
        if seq != expected:
            self.fault(expected, "gap", "缺少这一条", "this entry is missing")
            self.frontier = Frontier(seq - 1, [b""] * (seq - 1).bit_count())
            self._bent = True
        if leaf_hash(body) != leaf:
            self.fault(seq, "leaf", "内容与其摘要不符", "body and leaf differ")
            self._bent = True
        self._compare(row, chunk.details.get(seq))
        if at < self._last_at:
            self.clock_back.append(seq)
        self._last_at = at
        self._first_leaf = self._first_leaf or leaf.hex()
        self._grow(leaf, chunk.nodes)
        head, outside = chunk.heads.get(seq), self._outside.pop(seq, None)
        if self._bent:
            return
        if head is not None:
            self._head(head)
        if outside is not None and outside != self.frontier.root():
            self.fault(
                seq, "outside-head", "与外部留存的账本头不符", "differs from a head kept outside"
            )

    def _grow(self, leaf: bytes, nodes: dict[int, bytes]) -> None:
        for level, index, value in self.frontier.append(leaf):
            if nodes.pop(node_id(level, index), None) != value and not self._bent:
                first = (index << level) + 1  # the smallest subtree that differs comes first
                self.fault(first, "node", "从这一条起与树不符", "from here the tree does not fit")
                self._bent = True

    def surplus(self, chunk: Chunk) -> None:
        if chunk.nodes and not self._bent:
            seq = min(chunk.nodes) // 64
            self.fault(seq, "node-extra", "树中多出节点", "the tree has nodes of no entry")

    def _compare(self, row: Row, side: tuple[bytes, bytes] | None) -> None:
        """The body written anew from columns and detail is the body; if not, what differs is named."""
        seq, at, event, actor, kind, key, body, _leaf = row
        digest = detail_digest(*side) if side is not None else ""
        if body == body_of(
            seq=seq,
            at=at,
            event=event,
            actor=actor,
            subject_kind=kind,
            subject_id=key,
            detail=digest,
        ):
            return
        try:
            said: dict[str, Any] = json.loads(body)
            told = (said["seq"], said["at"], said["event"], said["actor"], said["subject"])
            told_digest, form = said["detail"], said["format"]
        except (ValueError, KeyError, TypeError):
            self.fault(seq, "body", "内容不是规定的写法", "the body is not in its form")
            return
        if told != (seq, at, event, actor, [kind, key]) or form != FORMAT:
            self.fault(seq, "columns", "各列与内容不符", "columns and body differ")
        if side is not None and told_digest != digest:
            self.fault(seq, "detail", "明细被改动", "the detail was changed")
        if side is None and told_digest and not _erased(seq):
            self.fault(
                seq, "detail-gone", "明细不在，也没有删除记录", "the detail is gone unrecorded"
            )

    def _head(self, head: Head) -> None:
        root = bytes(head.root)
        if root != self.frontier.root():
            self.fault(head.size, "head", "与签名的账本头不符", "differs from the signed head")
        elif not head.signed(self._first_leaf).holds():
            self.fault(head.size, "signature", "账本头的签名不对", "the head's signature is wrong")
        elif not signed_by_us(head):
            self.fault(head.size, "stranger", "账本头不是本机签的", "the head is not signed by us")

    def finish(self) -> None:
        """Heads and subtrees of sizes the log does not reach any more: its tail was cut."""
        size = self.frontier.size
        for beyond in sorted(self._outside):
            self.fault(size + 1, "cut", f"曾有 {beyond} 条", f"there were {beyond} entries once")
        # Heads and nodes first, entries after: an append meanwhile writes them the other way round.
        head = Head.objects.order_by("-size").values_list("size", flat=True).first() or 0
        node = Node.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        last = last_seq()
        if head > last and head not in self._outside:
            self.fault(last + 1, "cut", f"曾有 {head} 条", f"there were {head} entries once")
        elif node // 64 > last:
            self.fault(last + 1, "cut", "末尾被截去", "the tail was cut")

    def fault(self, seq: int, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(seq, code, f"第 {seq} 条：{zh}", f"entry {seq}: {en}"))

    def report(self) -> Report:
        faults = tuple(sorted(self.faults, key=lambda fault: fault.seq))
        whole = not any(fault.code == "gap" for fault in faults)
        root = self.frontier.root() if whole else b""
        return Report(
            self.frontier.size, root, Head.objects.count(), faults, tuple(self.clock_back)
        )


def signed_by_us(head: Head | SignedHead) -> bool:
    """By a key of this house's ring, whatever key the head brings along."""
    try:
        return bool(settings.KEYRING.public_key(head.key_id) == bytes(head.public_key))
    except KeyringError:
        return False


def _erased(seq: int) -> bool:
    erasures = Entry.objects.filter(event="ledger-detail:erase", subject_kind="ledger.entry")
    return erasures.filter(subject_id=str(seq)).exists()
