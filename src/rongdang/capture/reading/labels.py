"""Printed labels on a page (姓名, 出生年月 …): where each stands, and how well it was read."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from rongdang.base.vocab.codes import lookup
from rongdang.base.vocab.fields import FieldEntry, by_label
from rongdang.capture.reading.sheets import Glyph

_BRACKETS = re.compile(r"[（(【\[][^（()）】\]]{0,14}[）)】\]]")
_EDGE = "：:；;,，。.、_—-·*|()（）[]【】"
_DIGITS = "0-9零一二三四五六七八九十〇○廿卅"


@dataclass(frozen=True, slots=True)
class LabelHit:
    """A label at `start`..`end` of a run of glyphs; `wrong` = characters misread (0 or 1)."""

    entry: FieldEntry
    start: int
    end: int
    wrong: int


@lru_cache(maxsize=4096)
def whole_label(text: str) -> tuple[FieldEntry, int] | None:
    """The field whose label the whole text is, brackets and edge marks aside; one misread forgiven."""
    core = _BRACKETS.sub("", text).strip(_EDGE)
    core = re.sub(r"^[一二三四五六七八九十\d]{1,2}[、.．]", "", core).strip(_EDGE)
    if not core or len(core) > 16:
        return None
    entry = by_label().get(core)
    if entry:
        return entry, 0
    near = _near(core)
    return (near, 1) if near else None


def _near(core: str) -> FieldEntry | None:
    """The one field a label with one other, missing or extra character belongs to."""
    if len(core) < 3:
        return None
    known = _masked()
    found = {entry.name: entry for mask in _masks(core) for entry in known.get(mask, ())}
    return next(iter(found.values())) if len(found) == 1 else None


def _masks(text: str) -> Iterator[str]:
    """The text with each character in turn blotted out; longer ones also with it missing."""
    for at in range(len(text)):
        yield f"{text[:at]}?{text[at + 1 :]}"
        if len(text) > 4:
            yield f"{text[:at]}{text[at + 1 :]}"
    if len(text) >= 4:
        yield text


@cache
def _masked() -> dict[str, tuple[FieldEntry, ...]]:
    found: dict[str, set[FieldEntry]] = defaultdict(set)
    for label, entry in by_label().items():
        if len(label) >= 3:
            for mask in _masks(label):
                found[mask].add(entry)
    return {mask: tuple(entries) for mask, entries in found.items()}


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


def labels_in(glyphs: Sequence[Glyph]) -> list[LabelHit]:
    """Labels inside one row, left to right: each begins a word, and a colon, a gap or a fitting
    value follows it. A word of running text is no label.
    """
    text = "".join(glyph.text for glyph in glyphs)
    found: list[LabelHit] = []
    at = 0
    while at < len(text):
        hit = _label_at(text, at, glyphs, first=not found and at == 0)
        if hit:
            found.append(hit)
            at = hit.end
        else:
            at += 1
    return found


def _label_at(text: str, at: int, glyphs: Sequence[Glyph], *, first: bool) -> LabelHit | None:
    begins = at == 0 or glyphs[at].gap or text[at - 1] in _EDGE
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
        return bool(re.match(rf"[{_DIGITS}]{{2,4}}[年.\-/]", rest))
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
    if colon - at < 3:
        return None
    near = _near(text[at:colon])
    return LabelHit(near, at, colon, 1) if near else None
