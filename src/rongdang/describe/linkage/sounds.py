"""How a name sounds and looks: what a listening and what a copying clerk may have mistaken."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import NamedTuple

from rongdang.base.vocab.names import READINGS, comparable, surname

DATA = Path(__file__).parent / "data"
# What many speakers do not tell apart: first the beginning of a syllable, then its end.
BEGINNINGS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("l", "n"))
# Characters read otherwise in a given name than most often elsewhere.
IN_NAMES = {
    "长": "chang",
    "朝": "chao",
    "乐": "le",
    "重": "zhong",
    "行": "xing",
    "传": "chuan",
    "盛": "sheng",
}
ENDINGS = (("ang", "an"), ("eng", "en"), ("ing", "in"), ("ong", "on"))


class Spelling(NamedTuple):
    """One name in the four forms in which it is compared; `name` has no blanks and no dots."""

    name: str
    surname: str
    sound: str
    loose: str
    shape: str


def spelling(text: str) -> Spelling:
    """The forms of a name; a name in Latin letters sounds and looks as it is written."""
    folded = "".join([_folded(character) for character in text])
    family = surname(folded)
    syllables = [READINGS.get(family) or " ".join(map(syllable, family))] if family else []
    syllables += [syllable(c) for c in folded[len(family) :]]
    sound = " ".join(syllables)
    loose = " ".join(_loose(one) for one in sound.split(" "))
    alike = look_alikes()
    shape = "".join([alike.get(c, c) for c in folded])
    return Spelling(folded, family, sound, loose, shape)


@cache
def _folded(character: str) -> str:
    """Simplified and in its usual form; nothing for what is no letter."""
    plain = comparable(character)
    letters = "".join(c for c in plain if c.isalpha()).upper()
    return variants().get(letters, letters)


@cache
def syllable(character: str) -> str:
    """The reading in a given name, without its tone.

    pypinyin's own judgement of a whole name would cost a hundred times more.
    """
    from pypinyin import lazy_pinyin

    return IN_NAMES.get(character) or str(lazy_pinyin(character)[0]).lower()


@cache
def _loose(syllable: str) -> str:
    for full, short in BEGINNINGS:
        if syllable.startswith(full):
            syllable = short + syllable[len(full) :]
            break
    for full, short in ENDINGS:
        if syllable.endswith(full):
            return syllable[: -len(full)] + short
    return syllable


@cache
def look_alikes() -> dict[str, str]:
    """Character → the first of the group of those that are mistaken for it in handwriting."""
    groups = json.loads((DATA / "look_alikes.json").read_text("utf-8"))["groups"]
    return {character: group[0] for group in groups for character in group}


@cache
def variants() -> dict[str, str]:
    """Character → its usual form, where both are one character in a name."""
    pairs: list[str] = json.loads((DATA / "look_alikes.json").read_text("utf-8"))["variants"]
    return {written: group[0] for group in pairs for written in group[1:]}
