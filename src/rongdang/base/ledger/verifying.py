"""Reading the whole log again and naming the first entry that is not as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.ledger.bodies import FORMAT, detail_digest
from rongdang.base.ledger.heads import SignedHead, moment_text
from rongdang.base.ledger.merkle import Frontier, leaf_hash
from rongdang.base.ledger.models import Detail, Entry, Head, Node, node_id, opened_detail

CHUNK = 4096  # a power of two, so that a chunk's subtrees are a range of keys
Stored = bytes | memoryview  # what a driver gives for a binary column
Columns = tuple[int, datetime, str, str | None, str, str, Stored, Stored]


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
    for chunk, details, nodes in _chunks():
        for columns in chunk:
            reading.entry(columns, details, nodes)
            if len(reading.faults) >= limit:
                return reading.report()
        reading.surplus(nodes)
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
        self._last_at: datetime | None = None
        self._first_leaf = ""
        self._outside = outside
        self._heads = {head.size: head for head in Head.objects.all()}
        self._bent = False  # once a leaf is wrong, so is all above it: not worth a line each

    def entry(
        self,
        columns: Columns,
        details: Mapping[int, tuple[bytes, bytes]],
        nodes: dict[int, bytes],
    ) -> None:
        seq, at, body, leaf = columns[0], columns[1], bytes(columns[6]), bytes(columns[7])
        expected = self.frontier.size + 1
        if seq != expected:
            self.fault(expected, "gap", "缺少这一条", "this entry is missing")
            self.frontier = Frontier(seq - 1, [b""] * (seq - 1).bit_count())
            self._bent = True
        if leaf_hash(body) != leaf:
            self.fault(seq, "leaf", "内容与其摘要不符", "body and leaf differ")
            self._bent = True
        self._compare(columns, body, details.get(seq))
        if self._last_at is not None and at < self._last_at:
            self.clock_back.append(seq)
        self._last_at = at
        self._first_leaf = self._first_leaf or leaf.hex()
        self._grow(leaf, nodes)
        head, outside = self._heads.pop(seq, None), self._outside.pop(seq, None)
        if self._bent:
            return
        if head is not None:
            self._head(head)
        if outside not in (None, self.frontier.root()):
            self.fault(
                seq, "outside-head", "与外部留存的账本头不符", "differs from a head kept outside"
            )

    def _grow(self, leaf: bytes, nodes: dict[int, bytes]) -> None:
        for level, index, value in self.frontier.append(leaf):
            if nodes.pop(node_id(level, index), None) != value and not self._bent:
                first = (index << level) + 1  # the smallest subtree that differs comes first
                self.fault(first, "node", "从这一条起与树不符", "from here the tree does not fit")
                self._bent = True

    def surplus(self, nodes: Mapping[int, bytes]) -> None:
        if nodes and not self._bent:
            seq = min(nodes) // 64
            self.fault(seq, "node-extra", "树中多出节点", "the tree has nodes of no entry")

    def _compare(self, columns: Columns, body: bytes, side: tuple[bytes, bytes] | None) -> None:
        seq, at, event, actor, kind, key = columns[:6]
        try:
            said: dict[str, Any] = json.loads(body)
            told = (said["seq"], said["at"], said["event"], said["actor"], said["subject"])
            digest, form = said["detail"], said["format"]
        except (ValueError, KeyError, TypeError):
            self.fault(seq, "body", "内容不是规定的写法", "the body is not in its form")
            return
        if told != (seq, moment_text(at), event, actor, [kind, key]) or form != FORMAT:
            self.fault(seq, "columns", "各列与内容不符", "columns and body differ")
        if side is not None and detail_digest(*side) != digest:
            self.fault(seq, "detail", "明细被改动", "the detail was changed")
        if side is None and digest and not _erased(seq):
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
        for beyond in sorted({*self._heads, *self._outside}):
            self.fault(size + 1, "cut", f"曾有 {beyond} 条", f"there were {beyond} entries once")
        # Nodes first, entries after: an append meanwhile writes them the other way round.
        highest = Node.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        last = _last()
        if highest // 64 > last:
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


def _chunks() -> Iterator[
    tuple[Iterable[Columns], dict[int, tuple[bytes, bytes]], dict[int, bytes]]
]:
    """Entries by number, with the details and subtrees that belong to them; memory stays flat."""
    last = _last()
    for start in range(1, last + 1, CHUNK):
        end = min(start + CHUNK, last + 1)
        rows = Entry.objects.filter(seq__gte=start, seq__lt=end).order_by("seq")
        sides = Detail.objects.filter(pk__gte=start, pk__lt=end)
        subtrees = Node.objects.filter(pk__gte=start * 64, pk__lt=end * 64)
        yield (
            rows.values_list(
                "seq", "at", "event", "actor", "subject_kind", "subject_id", "body", "leaf"
            ),
            {
                seq: (bytes(salt), _opened(seq, body))
                for seq, salt, body in sides.values_list("pk", "salt", "body")
            },
            {pk: bytes(value) for pk, value in subtrees.values_list("pk", "hash")},
        )


def _opened(seq: int, stored: object) -> bytes:
    """What does not open has no digest that fits."""
    try:
        return opened_detail(seq, stored)
    except (DamagedError, KeyringError):
        return b""


def _last() -> int:
    return Entry.objects.order_by("-seq").values_list("seq", flat=True).first() or 0


def signed_by_us(head: Head | SignedHead) -> bool:
    """By a key of this house's ring, whatever key the head brings along."""
    try:
        return bool(settings.KEYRING.public_key(head.key_id) == bytes(head.public_key))
    except KeyringError:
        return False


def _erased(seq: int) -> bool:
    erasures = Entry.objects.filter(event="ledger-detail:erase", subject_kind="ledger.entry")
    return erasures.filter(subject_id=str(seq)).exists()
