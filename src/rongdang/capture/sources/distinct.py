"""How many different texts went by: counted to a few thousand, beyond that estimated in fixed memory."""

from __future__ import annotations

import heapq
from hashlib import blake2b

EXACT, SMALLEST = 4_096, 1_024
RANGE = 2.0**64


class Distinct:
    """Exact up to `EXACT`; then from the `SMALLEST` least digests (k minimum values, error about 3 %)."""

    def __init__(self) -> None:
        self._all: set[int] | None = set()
        self._least: list[int] = []  # a heap of negatives: the largest kept on top
        self._kept: set[int] = set()

    def add(self, text: str) -> None:
        digest = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
        if self._all is not None:
            self._all.add(digest)
            if len(self._all) > EXACT:
                self._kept = set(heapq.nsmallest(SMALLEST, self._all))
                self._least = [-one for one in self._kept]
                heapq.heapify(self._least)
                self._all = None
        elif digest < -self._least[0] and digest not in self._kept:
            self._kept.add(digest)
            self._kept.remove(-heapq.heapreplace(self._least, -digest))

    def count(self) -> tuple[int, bool]:
        """The number, and whether it is exact."""
        if self._all is not None:
            return len(self._all), True
        return round((SMALLEST - 1) * RANGE / -self._least[0]), False
