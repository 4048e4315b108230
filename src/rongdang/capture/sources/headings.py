"""What the heading of a column says it is: labels of forms, pinyin, codes of GB/T 14946, English."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab import fields
from rongdang.capture.sources.rules import rows, words
from rongdang.capture.sources.values import folded

PARTS_OF_DATE = "年月日"
LATIN = re.compile(r"[A-Z0-9]+$")
DBF_LENGTH = 10  # FoxPro cuts names of columns there
NATIONAL = re.compile(r"[A-Z]\d{4}[A-Z]$")  # a programme's own variety of a code: A0111A
WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Za-z][a-z]*")  # of snake_case and CamelCase
SECOND = re.compile(r"\.\d+$")  # how a connector tells two columns of one heading apart


@dataclass(frozen=True, slots=True)
class Meaning:
    """A field the heading may mean; `sure` from 0 to 1, and why in both languages."""

    field: str
    sure: float
    zh: str
    en: str


def plain(name: str) -> str:
    """The heading as it is compared: brackets, marks, width, case and a connector's number aside."""
    core = fields.label_core(SECOND.sub("", name.strip()))
    return re.sub(r"[\W_]+", "", folded(core))


@cache
def meanings(name: str) -> tuple[Meaning, ...]:
    """Fields the heading may mean, the surest first."""
    word = plain(name)
    found = _labelled(word)
    if not found and LATIN.match(word):
        found = _latin(word) or _by_parts(name)
    elif not found:
        found = _contained(word)
    return tuple(sorted(found, key=lambda one: -one.sure))


def is_any(name: str, kind: str) -> bool:
    """Whether the whole heading is one of the words of that kind."""
    return plain(name) in _plain_words(kind)


def starts(name: str, kind: str) -> str:
    """The longest word of that kind the heading begins with and goes on after."""
    word = plain(name)
    return next((one for one in _longest(kind) if word.startswith(one) and word != one), "")


def is_none(name: str) -> bool:
    """A heading that says nothing: empty, 列3, F3, COLUMN3."""
    word = plain(name)
    bare = word.rstrip("0123456789")
    return not bare or bare in _plain_words("no-heading")


def stem_of_date_part(name: str) -> tuple[str, str]:
    """出生年 → (出生日期, 年): a field and the part of it; ("", "") for other headings."""
    word = plain(name)
    if word[-1:] not in PARTS_OF_DATE or len(word) < 3:
        return "", ""
    entry = _labels().get(word[:-1]) or _labels().get(f"{word[:-1]}日期")
    if entry and entry.type == "date" and word[-2:-1] not in PARTS_OF_DATE:
        return entry.name, word[-1]
    return "", ""


def _labelled(word: str) -> list[Meaning]:
    entry = _labels().get(word)
    if entry:
        return [Meaning(entry.name, 0.96, f"列名就是“{word}”", f"the heading is “{word}”")]
    return []


def _latin(word: str) -> list[Meaning]:
    national = _national().get(word) or (_national().get(word[:-1]) if NATIONAL.match(word) else "")
    if national:
        zh, en = (
            f"{word} 是 GB/T 14946 的{national}",
            f"{word} is {_english(national)} in GB/T 14946",
        )
        return [Meaning(national, 0.94, zh, en)]
    for kind, sure in (("sure", 0.94), ("doubtful", 0.75)):
        name = _codes(kind).get(word)
        if name:
            return [
                Meaning(
                    name, sure, f"列名“{word}”通常是{name}", f"“{word}” usually is {_english(name)}"
                )
            ]
    named = _spelled().get(word, ())
    sure = 0.9 if len(word) >= 6 else 0.7
    words = [
        (name, f"列名“{word}”是{name}的拼音", f"“{word}” is {_english(name)} in pinyin")
        for name in named
    ]
    return [Meaning(name, sure / len(named), zh, en) for name, zh, en in words]


def _by_parts(name: str) -> list[Meaning]:
    """join_army, PartyJoinDate: the field most of whose words the heading has, as beginnings."""
    words = [word.upper() for word in WORD.findall(SECOND.sub("", name))]
    held = [
        (len(parts), field)
        for parts, field in _parts()
        if all(any(word.startswith(part) for word in words) for part in parts)
    ]
    if not held:
        return []
    most, field = max(held)
    if any(count == most and other != field for count, other in held):
        return []
    zh, en = f"列名里的词通常指{field}", f"its words usually mean {_english(field)}"
    return [Meaning(field, 0.78, zh, en)]


@cache
def _parts() -> tuple[tuple[tuple[str, ...], str], ...]:
    return tuple(
        (tuple(words.split()), row["field"])
        for row in rows("headings")
        for words in row.get("parts", ())
    )


def _english(name: str) -> str:
    return fields.dictionary()[name].english


def _contained(word: str) -> list[Meaning]:
    near = fields.near_label(word)
    if near:
        zh, en = (
            f"列名和“{near.name}”的叫法只差一个字",
            f"one character from a label of {near.english}",
        )
        return [Meaning(near.name, 0.75, zh, en)]
    held = [label for label in _labels() if len(label) >= 2 and label in word]
    if not held:
        return _scattered(word)
    label = max(held, key=lambda one: (word.endswith(one), len(one)))
    sure = 0.7 if word.endswith(label) and len(label) > 2 else 0.6 if word.endswith(label) else 0.4
    name = _labels()[label].name
    return [Meaning(name, sure, f"列名里有“{label}”", f"the heading holds “{label}”")]


def _scattered(word: str) -> list[Meaning]:
    """安置所在地: every character of one label in its order, with few between."""
    fits = {
        entry.name
        for label, entry in _labels().items()
        if 3 <= len(label) < len(word) <= len(label) + 3 and _in_order(label, word)
    }
    if len(fits) != 1:
        return []
    name = fits.pop()
    return [Meaning(name, 0.65, f"列名像{name}", f"the heading looks like {_english(name)}")]


def _in_order(label: str, word: str) -> bool:
    rest = iter(word)
    return all(character in rest for character in label)


@cache
def _labels() -> dict[str, fields.FieldEntry]:
    """Label, name or code of a field as headings are compared → its entry."""
    found: dict[str, fields.FieldEntry] = {}
    for entry in fields.dictionary().values():
        for label in (entry.name, entry.code, entry.english, *entry.labels, *entry.also):
            found.setdefault(plain(label), entry)
    return found


@cache
def _codes(kind: str) -> dict[str, str]:
    return {
        word: row["field"]
        for row in rows("headings")
        for word in row.get(kind, ())
        if fields.is_known(row["field"])
    }


@cache
def _national() -> dict[str, str]:
    """Code of GB/T 14946 → the one field it stands for."""
    found: dict[str, list[str]] = {}
    for entry in fields.dictionary().values():
        if entry.gbt14946:
            found.setdefault(entry.gbt14946, []).append(entry.name)
    return {code: names[0] for code, names in found.items() if len(names) == 1}


@cache
def _spelled() -> dict[str, tuple[str, ...]]:
    """Pinyin of every label, whole, cut to ten letters and as initials → the fields meant."""
    # 55 MiB of words: only where a heading is in Latin letters and no list has it.
    from pypinyin import lazy_pinyin

    found: dict[str, set[str]] = {}
    for label, entry in _labels().items():
        if LATIN.match(label) or len(label) < 2:
            continue
        syllables = lazy_pinyin(label)
        whole = "".join(syllables).upper()
        for word in (whole, whole[:DBF_LENGTH], "".join(one[0] for one in syllables).upper()):
            if len(word) > 2:
                found.setdefault(word, set()).add(entry.name)
    return {word: tuple(sorted(names)) for word, names in found.items()}


@cache
def _plain_words(kind: str) -> frozenset[str]:
    return frozenset(plain(word) for word in words(kind))


@cache
def _longest(kind: str) -> tuple[str, ...]:
    return tuple(sorted(_plain_words(kind), key=lambda word: (-len(word), word)))
