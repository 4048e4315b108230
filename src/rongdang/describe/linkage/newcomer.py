"""One new record against all that are there: look its keys up, score what they lead to."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import NamedTuple

from rongdang.describe.linkage.keys import MOST, keys_of
from rongdang.describe.linkage.model import Model
from rongdang.describe.linkage.records import Features
from rongdang.describe.linkage.scoring import Score, Stock, score


class Match(NamedTuple):
    """A record that may be the same person."""

    id: str
    score: Score


def candidates(new: Features, bearers: Callable[[str, int], Iterable[str]]) -> set[str]:
    """Who shares a key with it; `bearers(key, most)` gives at most so many, for a key's rule.

    A key that more than `most` records bear, this one among them, leads nowhere, as in the batch.
    """
    found: set[str] = set()
    for key in keys_of(new):
        most = MOST[key[0]]
        under = set(bearers(key, most + 1)) - {new.id}
        if len(under) < most:
            found |= under
    return found


def matches(
    new: Features, others: Iterable[Features], model: Model, stock: Stock
) -> Iterator[Match]:
    """Those that a clerk should look at, or that are certain, the surest first."""
    scored = (Match(other.id, score(new, other, model, stock)) for other in others)
    worth = [match for match in scored if match.score.probability >= model.doubtful]
    yield from sorted(worth, key=lambda match: (-match.score.probability, -match.score.weight))
