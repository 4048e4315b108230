"""The Merkle tree of RFC 9162, section 2.1, with SHA-256. Pure: knows hashes, not rows.

A complete subtree is named by (level, index): it covers leaves index·2^level up to the next one's
first. `Node` below is a function that gives such a subtree's hash.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterator, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]
EMPTY = sha256(b"").digest()
HASH_SIZE = 32


def leaf_hash(data: bytes) -> bytes:
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees a tree of `size` leaves consists of, left to right."""
    found, start = [], 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


class Frontier:
    """The right edge of a growing tree: enough to append to it and to know its root."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        """`hashes` are those of `peaks(size)`."""
        self.size = size
        self._hashes = list(hashes)

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """Those of `peaks(size)`: enough to make it anew."""
        return tuple(self._hashes)

    def append(self, leaf: bytes) -> Iterator[tuple[int, int, bytes]]:
        """Add one leaf; gives the subtrees it completes above itself as (level, index, hash)."""
        completed, level, index = leaf, 0, self.size
        self.size += 1
        while index & 1:
            completed = node_hash(self._hashes.pop(), completed)
            level, index = level + 1, index >> 1
            yield level, index, completed
        self._hashes.append(completed)

    def root(self) -> bytes:
        if not self._hashes:
            return EMPTY
        root = self._hashes[-1]
        for left in reversed(self._hashes[:-1]):
            root = node_hash(left, root)
        return root


def range_root(start: int, end: int, node: Node) -> bytes:
    """MTH(D[start:end]) where `start` is a multiple of the largest power of two below the width."""
    width = end - start
    if width & (width - 1) == 0:
        level = width.bit_length() - 1
        return node(level, start >> level)
    middle = start + _split(width)
    return node_hash(range_root(start, middle, node), range_root(middle, end, node))


def root(size: int, node: Node) -> bytes:
    return range_root(0, size, node) if size else EMPTY


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """PATH(index, D[0:size]) of 2.1.3.1, from the leaf upward."""
    if not 0 <= index < size:
        raise ValueError(f"leaf {index} is not in a tree of {size}")
    proof: list[bytes] = []
    start, end = 0, size
    while end - start > 1:
        middle = start + _split(end - start)
        if index < middle:
            proof.append(range_root(middle, end, node))
            end = middle
        else:
            proof.append(range_root(start, middle, node))
            start = middle
    return proof[::-1]


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """PROOF(first, D[0:second]) of 2.1.4.1."""
    if not 0 < first <= second:
        raise ValueError(f"no consistency between sizes {first} and {second}")
    proof: list[bytes] = []
    start, end, whole = 0, second, True
    while first != end:
        middle = start + _split(end - start)
        if first <= middle:
            proof.append(range_root(middle, end, node))
            end = middle
        else:
            proof.append(range_root(start, middle, node))
            start, whole = middle, False
    if not whole:
        proof.append(range_root(start, end, node))
    return proof[::-1]


def inclusion_holds(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], expected: bytes
) -> bool:
    """2.1.3.2: does the proof lead from this leaf to this root?"""
    if not 0 <= index < size or not _hashes((leaf, expected, *proof)):
        return False
    number, last, reached = index, size - 1, leaf
    for step in proof:
        if last == 0:
            return False
        if number & 1 or number == last:
            reached = node_hash(step, reached)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            reached = node_hash(reached, step)
        number, last = number >> 1, last >> 1
    return last == 0 and hmac.compare_digest(reached, expected)


def consistency_holds(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> bool:
    """2.1.4.2: is the tree of `first` leaves the beginning of the tree of `second`?"""
    if not 0 < first <= second or not _hashes((first_root, second_root, *proof)):
        return False
    if first == second:
        return not proof and hmac.compare_digest(first_root, second_root)
    steps = [first_root, *proof] if first & (first - 1) == 0 else list(proof)
    if not steps:
        return False
    number, last = first - 1, second - 1
    while number & 1:
        number, last = number >> 1, last >> 1
    old = new = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if number & 1 or number == last:
            old, new = node_hash(step, old), node_hash(step, new)
            while not number & 1 and number:
                number, last = number >> 1, last >> 1
        else:
            new = node_hash(new, step)
        number, last = number >> 1, last >> 1
    return (
        last == 0 and hmac.compare_digest(old, first_root) and hmac.compare_digest(new, second_root)
    )


def _split(width: int) -> int:
    """The largest power of two smaller than `width`."""
    return 1 << (width - 1).bit_length() - 1


def _hashes(values: Sequence[bytes]) -> bool:
    return all(len(value) == HASH_SIZE for value in values)
