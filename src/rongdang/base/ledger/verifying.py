"""Reading the whole log again and naming the first entry that is not as it was written."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db import connection

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.ledger import rows
from rongdang.base.ledger.bodies import FORMAT, body_of, detail_digest
from rongdang.base.ledger.chunks import Chunk, Row, chunks, last_seq
from rongdang.base.ledger.heads import SignedHead
from rongdang.base.ledger.merkle import Frontier, leaf_hash, peaks
from rongdang.base.ledger.models import Entry, Head, Node, node_id
from rongdang.base.ledger.parts import AS_IT_PAYS, Cut, begins, beside
from rongdang.base.ledger.sweeping import Swept, clock_back, sweep

# Faults of an entry by itself: they are told even where the tree is known to be wrong already.
OF_ENTRIES = frozenset({"gap", "leaf", "columns", "body", "detail", "detail-gone"})


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
    cut: Cut = AS_IT_PAYS,
) -> Report:
    """Recompute every leaf, subtree, detail digest and head; stops after `limit` faults.

    `outside` holds roots by size that were kept elsewhere: only they show a log rewritten whole.
    """
    size, kept = last_seq(), dict(outside or {})
    seams = _seams(size, cut)
    ends = [*list(seams)[1:], size]
    hands = len(seams)

    def read(number: int) -> _Part:
        begin, end = list(seams)[number], ends[number]
        mine = {at: root for at, root in kept.items() if begin < at <= end}
        reading = _Reading(Frontier(begin, seams[begin]), mine, limit)
        for chunk in chunks(begin + 1, end + 1, cut.chunk):
            if not reading.chunk(chunk):
                break
            if progress is not None and number == 0:
                progress(min(size, reading.frontier.size * hands))
        return reading.part()

    with beside(read, range(1, hands)) as elsewhere:
        whole = _Reading(Frontier(), {}, limit)
        whole.join(read(0))
        for number in range(1, hands):
            if len(whole.faults) < limit:
                whole.join(elsewhere(number))
    if len(whole.faults) < limit:
        if progress is not None and hands > 1:
            progress(size)
        whole.finish({at: root for at, root in kept.items() if at > whole.frontier.size})
    return whole.report()


def _seams(size: int, cut: Cut) -> dict[int, tuple[bytes, ...]]:
    """Where parts begin, and the tree before each as it stands; one part where the tree has gaps."""
    found: dict[int, tuple[bytes, ...]] = {}
    with connection.cursor() as cursor:
        for begin in begins(size, cut):
            hashes = rows.hashes(cursor, peaks(begin))
            if len(hashes) < len(peaks(begin)):
                return {0: ()}
            found[begin] = tuple(hashes[node_id(level, index)] for level, index in peaks(begin))
    return found


@dataclass(frozen=True, slots=True)
class _Part:
    """What reading a part of the log came to."""

    before: tuple[int, tuple[bytes, ...]]  # the tree it took for granted
    after: tuple[int, tuple[bytes, ...]]
    faults: list[Fault]
    clock_back: list[int]
    times: tuple[str, str]  # of its first and last entry
    bent: bool


class _Reading:
    """The state of one pass over a part of the log."""

    def __init__(self, frontier: Frontier, outside: dict[int, bytes], limit: int) -> None:
        self.frontier = frontier
        self.faults: list[Fault] = []
        self.clock_back: list[int] = []
        self._before = (frontier.size, frontier.hashes)
        self._times = ("", "")
        self._log = _log()
        self._outside, self._limit = outside, limit
        self._bent = False  # once a leaf is wrong, so is all above it: not worth a line each

    def chunk(self, chunk: Chunk) -> bool:
        """False when so many faults are found that it is not worth going on."""
        swept = None if self._bent else sweep(chunk, self.frontier)
        if swept is not None:
            self._passed(chunk, swept)
            return len(self.faults) < self._limit
        for row in chunk.entries:
            self._entry(row, chunk)
            if len(self.faults) >= self._limit:
                return False
        self.surplus(chunk)
        return len(self.faults) < self._limit

    def _passed(self, chunk: Chunk, swept: Swept) -> None:
        """Nothing is wrong with its entries; there are still the heads."""
        first, last = chunk.entries[0], chunk.entries[-1]
        self.clock_back += clock_back(chunk.entries, self._times[1])
        self._times = (self._times[0] or first[1], last[1])
        self.frontier = swept.frontier
        for size in sorted({*chunk.heads, *self._outside}):
            if first[0] <= size <= last[0]:
                self._known(size, swept.root_at(size), chunk)

    def _known(self, size: int, root: bytes, chunk: Chunk) -> None:
        """Compare the root at a size with the signed head of it, and with one kept outside."""
        head, outside = chunk.heads.get(size), self._outside.get(size)
        if head is not None:
            self._head(head, root)
        if outside is not None and outside != root:
            self.fault(
                size, "outside-head", "与外部留存的账本头不符", "differs from a head kept outside"
            )

    def _entry(self, row: Row, chunk: Chunk) -> None:
        seq, at, body, leaf = row[0], row[1], _bytes(row[6]), _bytes(row[7])
        expected = self.frontier.size + 1
        if seq != expected:
            self._gap(expected, before=seq)
        if leaf_hash(body) != leaf:
            self.fault(seq, "leaf", "内容与其摘要不符", "body and leaf differ")
            self._bent = True
        self._compare((*row[:6], body, leaf), chunk.details.get(seq))
        if at < self._times[1]:
            self.clock_back.append(seq)
        self._times = (self._times[0] or at, at)
        self._grow(leaf, chunk.nodes)
        if not self._bent:
            self._known(seq, self.frontier.root(), chunk)

    def _gap(self, expected: int, *, before: int) -> None:
        self.fault(expected, "gap", "缺少这一条", "this entry is missing")
        self.frontier = Frontier(before - 1, [b""] * (before - 1).bit_count())
        self._bent = True

    def part(self) -> _Part:
        after = (self.frontier.size, self.frontier.hashes)
        return _Part(self._before, after, self.faults, self.clock_back, self._times, self._bent)

    def join(self, part: _Part) -> None:
        """Go on with what was found of the part that follows."""
        begin, assumed = part.before
        if self.frontier.size < begin:
            self._gap(self.frontier.size + 1, before=begin + 1)
        elif self.frontier.hashes != assumed and not self._bent:
            self.fault(begin, "node", "从这一条起与树不符", "from here the tree does not fit")
            self._bent = True
        self.faults += [one for one in part.faults if not self._bent or one.code in OF_ENTRIES]
        if part.times[0] and part.times[0] < self._times[1]:
            self.clock_back.append(begin + 1)
        self.clock_back += part.clock_back
        self._times = (self._times[0] or part.times[0], part.times[1] or self._times[1])
        self.frontier, self._bent = Frontier(*part.after), self._bent or part.bent

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
        try:
            written = body_of(
                seq=seq,
                at=at,
                event=event,
                actor=actor,
                subject_kind=kind,
                subject_id=key,
                detail=digest,
            )
        except TypeError:
            written = b""  # a column that holds no text
        if body == written:
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

    def _head(self, head: Head, root: bytes) -> None:
        if root != bytes(head.root):
            self.fault(head.size, "head", "与签名的账本头不符", "differs from the signed head")
        elif not head.signed(self._log).holds():
            self.fault(head.size, "signature", "账本头的签名不对", "the head's signature is wrong")
        elif not signed_by_us(head):
            self.fault(head.size, "stranger", "账本头不是本机签的", "the head is not signed by us")

    def finish(self, outside: Mapping[int, bytes]) -> None:
        """Heads and subtrees of sizes the log does not reach any more: its tail was cut."""
        size = self.frontier.size
        for beyond in sorted(outside):
            self.fault(size + 1, "cut", f"曾有 {beyond} 条", f"there were {beyond} entries once")
        # Heads and nodes first, entries after: an append meanwhile writes them the other way round.
        head = Head.objects.order_by("-size").values_list("size", flat=True).first() or 0
        node = Node.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
        last = last_seq()
        if head > last and head not in outside:
            self.fault(last + 1, "cut", f"曾有 {head} 条", f"there were {head} entries once")
        elif node // 64 > last:
            self.fault(last + 1, "cut", "末尾被截去", "the tail was cut")

    def fault(self, seq: int, code: str, zh: str, en: str) -> None:
        self.faults.append(Fault(seq, code, f"第 {seq} 条：{zh}", f"entry {seq}: {en}"))

    def report(self) -> Report:
        faults = tuple(sorted(self.faults, key=lambda fault: fault.seq)[: self._limit])
        whole = not any(fault.code == "gap" for fault in faults)
        root = self.frontier.root() if whole else b""
        return Report(
            self.frontier.size, root, Head.objects.count(), faults, tuple(self.clock_back)
        )


def signed_by_us(head: Head | SignedHead) -> bool:
    """By a key of this house's ring, whatever key the head brings along."""
    try:
        ours = settings.KEYRING.public_key(head.key_id, head.suite)
    except (KeyringError, DamagedError):  # no such key, no such suite
        return False
    return bool(ours == bytes(head.public_key))


def _log() -> str:
    """Which log this is: the hash of its first leaf; empty while it has none."""
    leaf = Entry.objects.order_by("seq").values_list("leaf", flat=True).first()
    return "" if leaf is None else _bytes(leaf).hex()


def _bytes(stored: Any) -> bytes:
    """What should be bytes, and in a forged row may be text."""
    return stored.encode() if isinstance(stored, str) else bytes(stored)


def _erased(seq: int) -> bool:
    erasures = Entry.objects.filter(event="ledger-detail:erase", subject_kind="ledger.entry")
    return erasures.filter(subject_id=str(seq)).exists()
