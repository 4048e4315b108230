"""Official names of forms and materials: the best match for a title as read from a page."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from opencc import OpenCC

from rongdang.base.vocab.tables import table

# What stands round a title without changing what it is: years, editions, "copy", brackets.
_EDGES = re.compile(
    r"^[\s（(【\[]*(?:附件?\d*[:：]?|\d{4}年(?:度)?|一九..年(?:度)?|第?[一二三四五六七八九十\d]+[号页卷]?[、.])?"
)
_TAIL = re.compile(
    r"(?:[（(][^（）()]{0,12}[）)]|复印件|抄件|草稿|[一二三四五六七八九十]|之[一二三])*$"
)
_NOISE = re.compile(r"[\s\u3000·.．。:：,，、\-_—*]+")


@dataclass(frozen=True, slots=True)
class FormTitle:
    """One form: official name, other names, class in the 2018 scheme, era, fields to expect."""

    name: str
    aliases: tuple[str, ...]
    category: str
    era: str
    retention: str
    fields: tuple[str, ...]


@cache
def all_titles() -> tuple[FormTitle, ...]:
    return tuple(
        FormTitle(**{**row, "aliases": tuple(row["aliases"]), "fields": tuple(row["fields"])})
        for row in table("titles").rows
    )


def fold(text: str) -> str:
    """A title without blanks, years, brackets and traditional characters."""
    plain = _NOISE.sub("", unicodedata.normalize("NFKC", _simplifier().convert(text)))
    bare = _TAIL.sub("", _EDGES.sub("", plain, count=1))
    return re.sub(r"[（）()\[\]【】“”《》\"]", "", bare)


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


class TitleList:
    """Official names that can be asked for the one a text is."""

    def __init__(self, titles: Iterable[FormTitle]) -> None:
        self._known = [(fold(n), title) for title in titles for n in (title.name, *title.aliases)]
        self._by_pair: dict[str, list[int]] = defaultdict(list)
        for number, (name, _title) in enumerate(self._known):
            for pair in _pairs(name):
                self._by_pair[pair].append(number)

    def best(self, text: str, *, most: int = 3) -> list[tuple[FormTitle, float]]:
        """Up to `most` forms whose name the text is or ends with, best first, score 0..1."""
        sought = fold(text)
        if len(sought) < 2 or len(sought) > 60:
            return []
        scored: dict[str, tuple[FormTitle, float]] = {}
        for number in self._likely(sought):
            name, title = self._known[number]
            score = _score(sought, name)
            if score > 0.5 and score > scored.get(title.name, (title, 0.0))[1]:
                scored[title.name] = (title, score)
        return sorted(scored.values(), key=lambda one: (-one[1], -len(one[0].name)))[:most]

    def _likely(self, sought: str) -> list[int]:
        """Names that share most pairs of characters with the text."""
        shared: dict[int, int] = defaultdict(int)
        for pair in _pairs(sought):
            for number in self._by_pair.get(pair, ()):
                shared[number] += 1

        def rank(number: int) -> tuple[float, int]:
            name = self._known[number][0]
            return -shared[number] / len(_pairs(name)), -len(name)

        return sorted(shared, key=rank)[:24]


@cache
def _listed() -> TitleList:
    return TitleList(all_titles())


def _pairs(text: str) -> set[str]:
    return {text[i : i + 2] for i in range(len(text) - 1)} or {text}


def best_title(text: str, *, most: int = 3) -> list[tuple[FormTitle, float]]:
    """Up to `most` forms whose name the text is or ends with, best first, score 0..1.

    A name may stand behind a unit ("某某军区干部履历表"); one wrong character in six is forgiven.
    """
    return _listed().best(text, most=most)


def _score(sought: str, name: str) -> float:
    """Similarity of the name to the end of the text; what stands before it costs a little."""
    whole = 1 - distance(sought, name) / max(len(sought), len(name))
    if len(sought) <= len(name):
        return whole
    tails = (sought[-length:] for length in (len(name) - 1, len(name), len(name) + 1) if length > 1)
    tail = max(1 - distance(part, name) / max(len(part), len(name)) for part in tails)
    before = len(sought) - len(name)
    return max(whole, tail - min(0.25, 0.012 * before) - (0.12 if len(name) < 4 else 0.0))


def distance(first: str, second: str) -> int:
    """Edit distance (Levenshtein)."""
    row = list(range(len(second) + 1))
    for i, a in enumerate(first, 1):
        above, row[0] = row[0], i
        for j, b in enumerate(second, 1):
            above, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, above + (a != b))
    return row[-1]
