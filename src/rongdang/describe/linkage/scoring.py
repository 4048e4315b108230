"""Two records: how probable it is that they are one person, and why. Gives what the batch gives."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from rongdang.describe.linkage.comparisons import COMPARISONS, Level, Pattern, pattern
from rongdang.describe.linkage.model import Guard, Model
from rongdang.describe.linkage.records import Features

# Share of the records that bear this value in that column ("name", "sound", "place"); None: not known.
Frequency = Callable[[str, str], float | None]


# What a small table says of a frequency is little: as if so many records more had been seen, of a
# population in which a value is borne by that share.
UNSEEN = 2000
USUAL_SHARES = {"name": 3e-5, "sound": 6e-5, "place": 7e-4}


def share(column: str, bearers: int, size: int) -> float:
    """The frequency of a value that so many of the records bear."""
    return (bearers + UNSEEN * USUAL_SHARES[column]) / (size + UNSEEN)


@dataclass(frozen=True, slots=True)
class Stock:
    """What scoring must know of all records together."""

    prior: float  # chance that two records taken blindly are one person
    frequency: Frequency


class Reason(NamedTuple):
    """One fact: the level that holds, and its weight in bits (below 0 it speaks against)."""

    fact: str
    code: str
    zh: str
    en: str
    weight: float


@dataclass(frozen=True, slots=True)
class Score:
    probability: float
    weight: float  # of the prior and all facts, in bits
    reasons: tuple[Reason, ...]  # the heaviest first; facts that are missing are not told
    guards: tuple[Guard, ...]  # what calls for caution


def score(a: Features, b: Features, model: Model, stock: Stock) -> Score:
    """Compare two records."""
    seen = pattern(a, b)
    reasons = [
        Reason(comparison.name, level.code, level.zh, level.en, weighed)
        for place, (comparison, index) in enumerate(zip(COMPARISONS, seen, strict=True))
        if index >= 0
        for level in (comparison.levels[index],)
        for weighed in (_weighed(model, place, index, _share(stock, level, a)),)
    ]
    weight = prior_weight(stock.prior) + sum(reason.weight for reason in reasons)
    probability, guards = model.judged(weight, seen)
    heaviest = tuple(sorted(reasons, key=lambda reason: -abs(reason.weight)))
    return Score(probability, weight, heaviest, guards)


def prior_weight(prior: float) -> float:
    """The odds of a blind pair, in bits."""
    return math.log2(prior / (1 - prior))


def reasons_of(seen: Pattern, weights: tuple[float, ...]) -> tuple[Reason, ...]:
    """The reasons of a pair of the batch, from its levels and weights."""
    told = (
        Reason(comparison.name, level.code, level.zh, level.en, weight)
        for comparison, index, weight in zip(COMPARISONS, seen, weights, strict=True)
        if index >= 0
        for level in (comparison.levels[index],)
    )
    return tuple(sorted(told, key=lambda reason: -abs(reason.weight)))


def in_words(
    reasons: tuple[Reason, ...], guards: tuple[Guard, ...] = (), language: str = "zh"
) -> str:
    """What speaks for it, then what against: 姓名同音不同字，出生年月一致，入伍年月一致."""
    zh = language == "zh"
    told = [one.zh if zh else one.en for one in sorted(reasons, key=_order)]
    told += [guard.zh if zh else guard.en for guard in guards]
    return ("，" if zh else "; ").join(told)


def _order(reason: Reason) -> tuple[bool, int]:
    names = [comparison.name for comparison in COMPARISONS]
    return reason.weight < 0, names.index(reason.fact)


def _share(stock: Stock, level: Level, a: Features) -> float | None:
    if not level.frequency:
        return None
    value: str = getattr(a, level.frequency)
    return stock.frequency(level.frequency, value)


def _weighed(model: Model, place: int, index: int, share: float | None) -> float:
    if share is None:
        return model.weight(place, index)
    m, _ = model.rates[COMPARISONS[place].name][index]
    return math.log2(m) - math.log2(share)
