"""Printed labels on a page (姓名, 出生年月 …): where each stands, and how well it was read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.codes import lookup
from rongdang.base.vocab.fields import EDGES, FieldEntry, by_label, label_core, near_label
from rongdang.base.vocab.titles import distance
from rongdang.capture.reading.sheets import Glyph
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.valuing import known_surname, mended, value_of
from rongdang.capture.reading.words import words

SENTENCE = re.compile(r"[，。；！？,;!?]")
OF_A_TITLE = re.compile(r".{0,8}[表卡册书]")  # 奖励登记表 begins with a word forms ask for
NO_NAME = tuple("和与及的等是有在为都也已")
_DIGITS = "0-9零一二三四五六七八九十〇○廿卅"


@dataclass(frozen=True, slots=True)
class LabelHit:
    """A label at `start`..`end` of a run of glyphs; `wrong` = characters misread (0 or 1), `close`
    where neither gap nor sign parts it from what stands round it.
    """

    entry: FieldEntry
    start: int
    end: int
    wrong: int
    close: bool = False


@cache
def _by_first() -> dict[str, tuple[tuple[str, FieldEntry], ...]]:
    """Labels by their first character, longest first."""
    found: dict[str, list[tuple[str, FieldEntry]]] = defaultdict(list)
    for label, entry in by_label().items():
        found[label[0]].append((label, entry))
    return {
        first: tuple(sorted(listed, key=lambda one: -len(one[0])))
        for first, listed in found.items()
    }


def labels_in(glyphs: Sequence[Glyph], *, form: bool = False) -> list[LabelHit]:
    """Labels inside one row, left to right: each begins a word, and a colon, a gap or a fitting
    value follows it. A word of running text is no label.

    On a `form` whose rows begin with labels a label may also follow right behind a whole value.
    """
    text = "".join(glyph.text for glyph in glyphs)
    found: list[LabelHit] = []
    at = 0
    while at < len(text):
        hit = _label_at(text, at, glyphs)
        if hit is None and form and (at == 0 or (found and found[0].start == 0)):
            hit = _close_label(text, at, found[-1] if found else None)
        if hit:
            found.append(hit)
            at = hit.end
        else:
            at += 1
    return found


def starts_with_label(text: str) -> bool:
    """Whether a row begins with a label, whatever follows; never a sentence."""
    return not SENTENCE.search(text) and any(
        text.startswith(label) and len(label) >= 2 for label, _ in _by_first().get(text[:1], ())
    )


def _close_label(text: str, at: int, before: LabelHit | None) -> LabelHit | None:
    """A label with its value right behind it and, but for the first, a whole value before it."""
    if before and not is_whole(before.entry, text[before.end : at].strip(EDGES)):
        return None
    for label, entry in _by_first().get(text[at], ()):
        if text.startswith(label, at) and len(label) >= 2:
            end = at + len(label)
            rest = text[end:]
            if _begins_value(rest, entry):
                return LabelHit(entry, at, end, 0, close=True)
    return None


def is_whole(entry: FieldEntry, text: str) -> bool:
    """Whether a text is all of a value and nothing else."""
    worth = value_of(entry, text) if text else None
    if worth is None or worth.trust < threshold("form_whole"):
        return False
    if entry.type == "date":
        return bool(re.fullmatch(rf"[{_DIGITS}年月日号.\-/于]+", mended(text)))
    if entry.type == "code":
        return lookup(entry.table, text) is not None
    if entry.type == "place":
        return bool(re.search(r"[省市县区旗州乡镇村号]$", text))
    return not SENTENCE.search(text)


def _begins_value(rest: str, entry: FieldEntry) -> bool:
    """Whether a value of the entry may begin here; never the next words of a sentence."""
    if not rest or SENTENCE.search(rest) or OF_A_TITLE.fullmatch(rest):
        return False
    if entry.type in ("date", "code", "id"):
        return _fits(rest, entry)
    if entry.code in ("name", "spouse"):
        return known_surname(rest) and not rest.startswith(NO_NAME)
    if entry.type == "place":
        return bool(re.match(r".{2,6}[省市县州区]", rest))
    return not rest.startswith(NO_NAME)


def _label_at(text: str, at: int, glyphs: Sequence[Glyph]) -> LabelHit | None:
    begins = at == 0 or glyphs[at].gap or text[at - 1] in EDGES
    for label, entry in _by_first().get(text[at], ()):
        if not text.startswith(label, at):
            continue
        end = at + len(label)
        after = re.match(r"[（(][^（()）]{0,10}[）)]", text[end:])
        end += after.end() if after else 0
        if _ends_here(text, end, glyphs, entry, begins=begins, length=len(label)):
            return LabelHit(entry, at, end, 0)
    if begins:
        return _misread_at(text, at)
    return None


def _ends_here(
    text: str, end: int, glyphs: Sequence[Glyph], entry: FieldEntry, *, begins: bool, length: int
) -> bool:
    if end >= len(text):
        return begins and length >= 2
    if text[end] in ":：":
        return True
    if not begins:
        return False
    if glyphs[end].gap or text[end] in "_;；":
        return True
    return length >= 2 and _fits(text[end:], entry)


def _fits(rest: str, entry: FieldEntry) -> bool:
    """Whether what stands right behind a label is plainly a value of its type."""
    if entry.type == "date":
        return bool(re.match(rf"[{_DIGITS}]{{2,4}}[年.\-/]", mended(rest)))
    if entry.type == "code":
        return any(
            lookup(entry.table, rest[:size]) for size in (6, 5, 4, 3, 2, 1) if size <= len(rest)
        )
    if entry.type == "id":
        return bool(re.match(r"\d{15}", rest))
    return False


def _misread_at(text: str, at: int) -> LabelHit | None:
    """A label of three or more characters with one of them misread, and a colon behind it."""
    colon = text.find(":", at, at + 12)
    known = by_label()
    if colon - at < 3 or any(text[start:colon] in known for start in range(at + 1, colon - 1)):
        return None  # a label read well stands there, behind the value of another one
    near = near_label(text[at:colon])
    return LabelHit(near, at, colon, 1) if near else None


def guessed_label(text: str, value: str) -> FieldEntry | None:
    """The field of a badly read label: the one nearest to it whose type the value fits."""
    core = label_core(text)
    if not core or len(core) > 8 or core.endswith(words("no_label")):
        return None
    if len(core) == 1:
        return _half_label(core, value)
    close: dict[str, tuple[int, FieldEntry]] = {}
    for label, entry in by_label().items():
        wrong = distance(core, label) if abs(len(label) - len(core)) <= 1 else len(label)
        if wrong < close.get(entry.name, (9, entry))[0] and _bearable(wrong, label, entry, value):
            close[entry.name] = (wrong, entry)
    least = min((wrong for wrong, _entry in close.values()), default=9)
    best = [entry for wrong, entry in close.values() if wrong == least]
    borne = [entry for entry in best if entry.type in ("date", "code", "id")]
    best = borne or best  # a value that fits its type speaks for the label
    return best[0] if len(best) == 1 else None


def _bearable(wrong: int, label: str, entry: FieldEntry, value: str) -> bool:
    """Half the label may be wrong where the value bears it out, a third of it where it cannot."""
    if entry.type in ("date", "code", "id"):
        return wrong * 2 <= len(label) and _fits(value, entry)
    return wrong * 3 <= len(label)


def _half_label(character: str, value: str) -> FieldEntry | None:
    """The one field with a two-character label that has this character."""
    found = {
        entry.name: entry
        for label, entry in by_label().items()
        if len(label) == 2 and character in label
    }
    entry = next(iter(found.values())) if len(found) == 1 else None
    if entry is None:
        return None
    plain = entry.type == "place" or (entry.code == "name" and 2 <= len(value) <= 4)
    return entry if plain or _fits(value, entry) else None
