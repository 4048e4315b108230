"""A chunk of the log looked at as a whole: is all of it as it was written?

Of a million entries nearly all are, so that is asked first, in few loops over plain tuples. Only
where the answer is no is each entry looked at by itself (`verifying`), to name what is wrong.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from json.encoder import encode_basestring as quoted

from rongdang.base.ledger.bodies import FORMAT
from rongdang.base.ledger.chunks import Chunk, Row
from rongdang.base.ledger.merkle import Frontier, peaks

Level = Sequence[bytes]


@dataclass(frozen=True, slots=True)
class Swept:
    """The tree after the chunk, and what roots inside it are made of."""

    frontier: Frontier
    _size: int  # before the chunk
    _edge: tuple[bytes, ...]  # before the chunk
    _levels: list[Level]

    def root_at(self, size: int) -> bytes:
        """The root when the log had so many entries, of which the last is in this chunk."""
        inside = [self._levels[level][index] for level, index in peaks(size - self._size)]
        return Frontier(size, [*self._edge, *inside]).root()


def sweep(chunk: Chunk, before: Frontier) -> Swept | None:
    """None unless every body, leaf, detail and subtree fits, and no entry is missing.

    `before` is the tree of all entries up to the chunk's begin, a multiple of `chunk.most`.
    """
    rows, size = chunk.entries, before.size
    # The database gives them by their unique number: if the ends are right, so is all between.
    if size % chunk.most or not rows or rows[0][0] != size + 1 or rows[-1][0] != size + len(rows):
        return None
    bodies = [row[6] for row in rows]
    leaves = [row[7] for row in rows]
    try:
        if [sha256(b"\x00" + body).digest() for body in bodies] != leaves:
            return None
        if bodies != _bodies(chunk):
            return None
    except TypeError:  # a column of another type than we write
        return None
    levels, nodes = _tree(leaves, size)
    edge = list(before.hashes)
    if len(leaves) == chunk.most:
        nodes |= _joined(edge, levels[-1][0], size, len(leaves))
    else:
        edge += [levels[level][index] for level, index in peaks(len(leaves))]
    if nodes != chunk.nodes:
        return None
    return Swept(Frontier(size + len(leaves), edge), size, before.hashes, levels)


def _bodies(chunk: Chunk) -> list[bytes]:
    """What the bodies must be, by the columns and the details: `bodies.body_of`, entry by entry."""
    digests = {
        seq: sha256(salt + content).hexdigest() for seq, (salt, content) in chunk.details.items()
    }
    digest, middle = digests.get, f',"format":{FORMAT},"seq":'
    return [
        f'{{"actor":{"null" if actor is None else quoted(actor)},"at":"{at}",'
        f'"detail":"{digest(seq, "")}","event":{quoted(event)}{middle}{seq},'
        f'"subject":[{quoted(kind)},{quoted(key)}]}}'.encode()
        for seq, at, event, actor, kind, key, _body, _leaf in chunk.entries
    ]


def _tree(leaves: Level, size: int) -> tuple[list[Level], dict[int, bytes]]:
    """All complete subtrees inside the chunk, by level, and those above the leaves by `node_id`."""
    levels, nodes = [leaves], dict[int, bytes]()
    while len(leaves) > 1:
        level = len(levels)
        leaves = [
            sha256(b"\x01" + left + right).digest()
            for left, right in zip(leaves[::2], leaves[1::2], strict=False)
        ]
        step = 64 << level
        first = size * 64 + step + level
        nodes.update(zip(range(first, first + step * len(leaves), step), leaves, strict=True))
        levels.append(leaves)
    return levels, nodes


def _joined(edge: list[bytes], top: bytes, size: int, count: int) -> dict[int, bytes]:
    """A full chunk joins the tree: the subtrees it completes above itself, by `node_id`."""
    level, index, last = count.bit_length() - 1, size // count, size + count
    nodes = {}
    while index & 1:
        top = sha256(b"\x01" + edge.pop() + top).digest()
        level, index = level + 1, index >> 1
        nodes[last * 64 + level] = top
    edge.append(top)
    return nodes


def clock_back(rows: Sequence[Row], last_at: str) -> list[int]:
    """Entries dated before the one they follow."""
    times = [row[1] for row in rows]
    if sorted(times) == times and times[0] >= last_at:
        return []
    return [row[0] for row, before in zip(rows, [last_at, *times], strict=False) if row[1] < before]
