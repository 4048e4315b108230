"""The weights of a comparison, as data: learnt without labels, calibrated, kept in a readable file."""

from __future__ import annotations

import json
import math
from bisect import bisect_right
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from rongdang.describe.linkage.comparisons import COMPARISONS, Pattern

DATA = Path(__file__).parent / "data"
Knots = tuple[tuple[float, float], ...]
CURVES = ("plain", "single", "cautious")  # the last of those that apply holds


@dataclass(frozen=True, slots=True)
class Guard:
    """Where every named fact stands at one of the levels listed, caution is called for.

    Such pairs are read from a calibration curve of their own, and have a probability of at most `most`.
    """

    code: str
    levels: Mapping[str, tuple[str, ...]]  # comparison → codes of levels; "missing" is one
    most: float
    curve: str
    zh: str
    en: str

    def holds(self, pattern: Pattern) -> bool:
        return all(pattern[place] in wanted for place, wanted in self.places())

    def places(self) -> list[tuple[int, frozenset[int]]]:
        """(which comparison, indexes of levels)."""
        return [
            (place, frozenset(_index(place, code) for code in self.levels[comparison.name]))
            for place, comparison in enumerate(COMPARISONS)
            if comparison.name in self.levels
        ]


@dataclass(frozen=True, slots=True)
class Model:
    """`rates[comparison]` holds (m, u) of each level: how often it is seen among records of one
    person, and among records of two.
    """

    version: str
    rates: Mapping[str, tuple[tuple[float, float], ...]]
    curves: Mapping[str, Knots]  # of CURVES: weight → probability, rising, straight between knots
    certain: float  # from here on a rule may merge without a clerk
    doubtful: float  # from here on a clerk is asked
    guards: tuple[Guard, ...]

    def weight(self, place: int, level: int) -> float:
        """log2(m/u) of a level; 0 where either side says nothing."""
        if level < 0:
            return 0.0
        m, u = self.rates[COMPARISONS[place].name][level]
        return math.log2(m / u)

    def calibrated(self, weight: float, curve: str) -> float:
        """The probability that goes with a weight."""
        knots = self.curves[curve]
        at = bisect_right(knots, (weight, math.inf))
        if at == 0:
            return knots[0][1]
        if at == len(knots):
            return knots[-1][1]
        (left, low), (right, high) = knots[at - 1], knots[at]
        return low + (high - low) * ((weight - left) / (right - left))

    def judged(self, weight: float, pattern: Pattern) -> tuple[float, tuple[Guard, ...]]:
        """The probability of a pair, and the guards that speak of it."""
        held = tuple(guard for guard in self.guards if guard.holds(pattern))
        curve = max((guard.curve for guard in held), key=CURVES.index, default=CURVES[0])
        chance = self.calibrated(weight, curve)
        return min((chance, *(guard.most for guard in held))), held


def _index(place: int, code: str) -> int:
    if code == "missing":
        return -1
    return [level.code for level in COMPARISONS[place].levels].index(code)


@cache
def usual_model() -> Model:
    """The model that comes with the product."""
    return read_model(DATA / "model.json")


def read_model(path: Path) -> Model:
    """A model from its file, with the guards of this edition."""
    kept: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return model_of(kept)


def model_of(kept: Mapping[str, Any]) -> Model:
    """A model as `kept` tells it."""
    rates = {
        comparison.name: tuple(
            (
                kept["rates"][comparison.name][level.code]["m"],
                kept["rates"][comparison.name][level.code]["u"],
            )
            for level in comparison.levels
        )
        for comparison in COMPARISONS
    }
    curves = {
        name: tuple((float(weight), float(chance)) for weight, chance in kept["curves"][name])
        for name in CURVES
    }
    return Model(kept["version"], rates, curves, kept["certain"], kept["doubtful"], guards())


def as_data(model: Model) -> dict[str, Any]:
    """The inverse of `model_of`, as it is written to a file."""
    return {
        "version": model.version,
        "rates": {
            comparison.name: {
                level.code: {"m": m, "u": u}
                for level, (m, u) in zip(
                    comparison.levels, model.rates[comparison.name], strict=True
                )
            }
            for comparison in COMPARISONS
        },
        "curves": {name: [list(knot) for knot in model.curves[name]] for name in CURVES},
        "certain": model.certain,
        "doubtful": model.doubtful,
    }


@cache
def guards() -> tuple[Guard, ...]:
    """The guards, from their file; a fact said with "!" may stand at any level but those."""
    rows = json.loads((DATA / "guards.json").read_text("utf-8"))["rows"]
    return tuple(
        Guard(
            row["code"],
            {name: _codes(name, said) for name, said in row["where"].items()},
            row["most"],
            row["curve"],
            row["name"],
            row["english"],
        )
        for row in rows
    )


def _codes(name: str, said: str) -> tuple[str, ...]:
    listed = said.removeprefix("!").split()
    if not said.startswith("!"):
        return tuple(listed)
    comparison = next(one for one in COMPARISONS if one.name == name)
    codes = ("missing", *(level.code for level in comparison.levels))
    return tuple(code for code in codes if code not in listed)
