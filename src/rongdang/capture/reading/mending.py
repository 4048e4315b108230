"""Cells of a table of career or family, mended where what was read cannot be and one thing alone can."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rongdang.base.vocab.titles import distance
from rongdang.capture.reading.sheets import Glyph
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.valuing import known_surname
from rongdang.capture.reading.words import words

NAMES = ("姓名", "证明人", "名字")
POSTS = ("职务", "任何职", "工作")
_MONTH = r"(?:1[89]|20)\d\d[.年]\d{1,2}月?"
_RUN_TOGETHER = re.compile(rf"({_MONTH})(?={_MONTH}$)")


def mended_cell(kind: str, head: str, glyphs: Sequence[Glyph]) -> str:
    """The text of one cell below `head`: the sign between two dates that were run together, a
    surname taken for a character like it, a post one doubtful character away from one of the list.
    """
    text = "".join(glyph.text for glyph in glyphs)
    if any(word in head for word in NAMES):
        return with_surname(text)
    if kind == "简历" and any(word in head for word in POSTS):
        return _with_post(text, glyphs)
    return _RUN_TOGETHER.sub(r"\1—", text)


def with_surname(name: str) -> str:
    """A name whose first character is no surname, but looks like one alone: that one in its place."""
    if len(name) < 2 or known_surname(name):
        return name
    alike = {pair[1] for pair in words("surname_alike") if pair[0] == name[0]}
    return alike.pop() + name[1:] if len(alike) == 1 else name


def _with_post(text: str, glyphs: Sequence[Glyph]) -> str:
    """Each doubtful character beside which one word of the list alone fits, put as in that word."""
    letters = list(text)
    for at, glyph in enumerate(glyphs):
        if glyph.confidence < threshold("free_character"):
            fitting = _fitting(text, at)
            if len(fitting) == 1:
                letters[at] = fitting.pop()
    return "".join(letters)


def _fitting(text: str, at: int) -> set[str]:
    """Characters that would make a word of the list out of the one at `at` and its neighbours."""
    found: set[str] = set()
    for word in words("post"):
        for start in range(max(0, at - len(word) + 1), at + 1):
            part = text[start : start + len(word)]
            if part == word:
                return set()  # it is a word of the list as it was read
            if len(part) == len(word) and distance(part, word) == 1:
                found |= {word[at - start]} if part[at - start] != word[at - start] else set()
    return found
