"""The class of a material whose title the list does not know: by rules, its title's pieces, its text.

The rules are read from `data/title_rules.json`, first fit first, and outweigh the model. That is
made at first use from the vocabulary alone (ridge regression on pieces of one to three characters
of every official name), so it follows the list when the list grows; no weights are kept.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
import numpy.typing as npt

from rongdang.base.vocab.titles import FormTitle, all_titles, fold
from rongdang.capture.reading.reasons import GUESSED_CLASS, UNKNOWN_TITLE, Reason
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.titles import PageTitle
from rongdang.capture.reading.words import rows, words

RIDGE = 0.35
STEPS = 7  # of the solver; more change no class
SHARPNESS = 7.0  # of the soft maximum over title scores; measured by bench/reading.py
STRONG, WEAK = 1.6, 0.35
RULED = 4.5  # a rule for words of the title
LONG = 4  # characters of an official name that says enough by itself
KNOWN_TAIL = 2.0  # an official name at the end of a longer title
Vector = npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class TitleModel:
    """Weights of pieces by class."""

    classes: tuple[str, ...]
    place: dict[str, int]
    weight_of: dict[str, float]
    weights: Vector

    def scores(self, title: str) -> Vector:
        """One figure a class; near 1 for the class the pieces speak for."""
        vector = _vector(pieces(title), self.weight_of)
        places = [self.place[piece] for piece in vector]
        values = np.array(list(vector.values()), np.float32)
        found: Vector = values @ self.weights[places]
        return found


def pieces(title: str) -> Counter[str]:
    """Runs of one to three characters, with marks for beginning and end."""
    text = f"^{fold(title)}$"
    return Counter(
        text[at : at + size]
        for size in (1, 2, 3)
        for at in range(len(text) - size + 1)
        if text[at : at + size] not in ("^", "$")
    )


def train(titles: Iterable[FormTitle]) -> TitleModel:
    """The model of these titles; the same titles always give the same model."""
    samples = [(name, title.category) for title in titles for name in (title.name, *title.aliases)]
    counted = [pieces(name) for name, _category in samples]
    spread = Counter(piece for counts in counted for piece in counts)
    weight_of = {piece: math.log(1 + len(samples) / count) for piece, count in spread.items()}
    place = {piece: number for number, piece in enumerate(sorted(weight_of))}
    classes = tuple(sorted({category for _name, category in samples}))
    matrix = _Sparse([_vector(counts, weight_of) for counts in counted], place)
    wanted = np.zeros((len(samples), len(classes)), np.float32)
    for number, (_name, category) in enumerate(samples):
        wanted[number, classes.index(category)] = 1.0
    return TitleModel(classes, place, weight_of, matrix.turned(_solve(matrix, wanted)))


class _Sparse:
    """Samples by pieces, nearly all zero: products with narrow matrices from both sides."""

    def __init__(self, vectors: Sequence[dict[str, float]], place: dict[str, int]) -> None:
        lengths = [len(vector) for vector in vectors]
        self._rows = np.repeat(np.arange(len(vectors)), lengths)
        self._columns = np.array([place[piece] for vector in vectors for piece in vector])
        values = np.array([v for vector in vectors for v in vector.values()], np.float32)
        self._values = values[:, None]
        self._starts = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        self._order = np.argsort(self._columns, kind="stable")
        self._heads = np.searchsorted(self._columns[self._order], np.arange(len(place)))

    def times(self, weights: Vector) -> Vector:
        """Samples × pieces times pieces × classes."""
        return np.add.reduceat(self._values * weights[self._columns], self._starts)

    def turned(self, shares: Vector) -> Vector:
        """Pieces × samples times samples × classes."""
        spread = (self._values * shares[self._rows])[self._order]
        return np.add.reduceat(spread, self._heads)


def _solve(matrix: _Sparse, wanted: Vector) -> Vector:
    """Ridge regression in its dual form by conjugate gradients, all classes at once."""
    found = np.zeros_like(wanted)
    left = wanted.copy()
    way = left.copy()
    rest = (left * left).sum(axis=0)
    for _ in range(STEPS):
        ahead = matrix.times(matrix.turned(way)) + RIDGE * way
        step = rest / np.maximum((way * ahead).sum(axis=0), 1e-12)
        found += step * way
        left -= step * ahead
        new = (left * left).sum(axis=0)
        way = left + (new / np.maximum(rest, 1e-12)) * way
        rest = new
    return found


def _vector(counts: Counter[str], weight_of: dict[str, float]) -> dict[str, float]:
    """Pieces by rarity, scaled to length one."""
    vector = {
        piece: (1 + math.log(count)) * weight_of[piece]
        for piece, count in counts.items()
        if piece in weight_of
    }
    length = math.sqrt(sum(value * value for value in vector.values())) or 1.0
    return {piece: value / length for piece, value in vector.items()}


@cache
def title_model() -> TitleModel:
    return train(all_titles())


def text_evidence(text: str, classes: Sequence[str]) -> Vector:
    """What the words of a material speak for; each word counts once."""
    found = np.zeros(len(classes), np.float32)
    for row in rows("cues"):
        if row["category"] in classes:
            strong = sum(word in text for word in row["strong"])
            weak = sum(word in text for word in row["weak"])
            at = classes.index(row["category"])
            found[at] = STRONG * min(3, strong) + WEAK * min(5, weak)
    return found


@dataclass(frozen=True, slots=True)
class Judged:
    """The class of a material in the 2018 scheme (None: nothing speaks for any), how sure, and
    why not surer.
    """

    category: str | None
    confidence: float
    reason: Reason | None = None


def judge(title: PageTitle | None, text: str, *, model: TitleModel | None = None) -> Judged:
    """By the list of official names where the title is one; else by pieces and text.

    `model` other than the vocabulary's own is for measuring with titles held out.
    """
    if title and title.known and _is_name(title.text, title.known):
        weight = threshold("class_match")
        sure = min(threshold("class_official"), 1 - weight + weight * title.match)
        return Judged(title.known.category, sure)
    model = model or title_model()
    if title and title.known and title.known.category in model.classes and _ends_as(title):
        return Judged(title.known.category, threshold("class_unlisted"), UNKNOWN_TITLE)
    total = 0.35 * text_evidence(text, model.classes)
    if title:
        total = total + SHARPNESS * model.scores(_without_issuer(title.text))
        rule = ruled(title.text)
        if rule in model.classes:
            total[model.classes.index(rule)] += RULED
        if title.known and title.match >= 0.8:
            share = min(1.0, len(fold(title.known.name)) / max(1, len(fold(title.text))))
            total[model.classes.index(title.known.category)] += KNOWN_TAIL * share**2
    else:
        total = total / 0.35
    if not total.any():
        return Judged(None, 0.0, GUESSED_CLASS)
    odds = np.exp(total - total.max())
    best = int(np.argmax(odds))
    share = float(odds[best] / odds.sum())
    reason = UNKNOWN_TITLE if title and share > 0.8 else GUESSED_CLASS
    most = threshold("class_unlisted" if title else "class_untitled")
    return Judged(model.classes[best], min(most, share), reason)


def _is_name(text: str, known: FormTitle) -> bool:
    """The whole title is an official name; misread characters were put right before."""
    said = fold(text)
    return any(said == fold(name) for name in (known.name, *known.aliases))


def _ends_as(title: PageTitle) -> bool:
    """An official name stands at its end, and what stands before it changes no rule: a unit, a year."""
    said = fold(title.text)
    assert title.known
    names = [fold(name) for name in (title.known.name, *title.known.aliases)]
    return any(
        len(name) >= LONG and said.endswith(name) and ruled(said) == ruled(name) for name in names
    )


def _without_issuer(title: str) -> str:
    """A title without the unit it begins with, where enough is left."""
    unit = "|".join(words("organisation"))
    return re.sub(rf"^(?:中国人民.*军|.*(?:{unit}))(?=.{{{LONG + 1},}}$)", "", title)


def ruled(title: str) -> str | None:
    """The class the first fitting rule of `data/title_rules.json` gives; None where none fits."""
    for row in rows("title_rules"):
        named = all(any(word in title for word in group) for group in row["words"])
        if named and not any(word in title for word in row["without"]):
            return str(row["category"])
    return None


def made_title(category: str | None) -> str:
    """A name for a material that bears none; shown as 拟."""
    return str(next((row["made"] for row in rows("cues") if row["category"] == category), "材料"))
