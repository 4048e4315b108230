"""Whose page it is: the name in the form's head, in the title, or under the text."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from rongdang.base.vocab.names import comparable, normalise_name, surname
from rongdang.capture.reading.fields import Found
from rongdang.capture.reading.sheets import Page
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.trust import taken_for
from rongdang.capture.reading.valuing import known_surname
from rongdang.capture.reading.words import words

_NAME = r"([\u4e00-\u9fff]{2,4}|[\u4e00-\u9fff]{1,6}·[\u4e00-\u9fff]{1,6})"
_IN_TITLE = re.compile(rf"(?:关于|授予|给予|任命|批准|吸收|同意|对|为|给)?{_NAME}同志")
_VERBS = re.compile(r"^(?:关于|授予|给予|任命|批准|吸收|同意|撤销|恢复|解除|追认|对|为|给|将)+")
_SIGNED = re.compile(
    rf"(?:报告人|申请人|汇报人|检查人|填表人|本人签名|本人签字|本人签章|签名|自传人|交代人|述职人|立传人|检讨人)[:：]?{_NAME}(?=$|\d|（|\(|[一二]九|二[〇○零])"
)
_COMRADE = re.compile(r"([\u4e00-\u9fff]{2,8})同志")
_NO_NAME = re.compile("[该各位等的我他她本全名男女党员你们]")
_SELF = re.compile(rf"^我(?:叫|名叫|名|的名字叫){_NAME}[,，。;；]")


@dataclass(frozen=True, slots=True)
class Named:
    """A name a page bears and how sure it is."""

    name: str
    confidence: float


def person_of(page: Page, title: str, found: Iterable[Found]) -> Named | None:
    """The name this page bears, None where it bears none."""
    for one in found:
        if one.entry.code == "name" and len(one.reading.value) >= 2:
            return Named(one.reading.value, one.reading.confidence)
    return _named(_IN_TITLE, title, threshold("person_title")) or _in_text(page)


def _in_text(page: Page) -> Named | None:
    for row in page.rows:
        named = _named(_SIGNED, row.text, threshold("person_signed"))
        named = named or _named(_SELF, row.text, threshold("person_self"))
        if named:
            return named
    return None


def mentioned(page: Page, known: Collection[str]) -> Named | None:
    """A name of the stack that running text speaks of, else whoever it calls 同志.

    Never sure enough to begin a new material: a witness speaks of many people.
    """
    text = page.text.replace("\n", "")
    heard = [name for name in known if name in text]
    if heard:
        return Named(max(heard, key=text.count), threshold("person_mentioned"))
    called = (_comrade(match[1]) for row in page.rows for match in _COMRADE.finditer(row.text))
    return next((named for named in called if named), None)


def _comrade(before: str) -> Named | None:
    """The name at the end of the words in front of 同志."""
    stripped = before
    for word in words("before_name"):
        if word in stripped[:-1]:
            stripped = stripped[stripped.rindex(word) + len(word) :]
            break
    for size in (3, 2, 4):
        name = stripped[-size:]
        if len(name) < size or _NO_NAME.search(name):
            continue
        if known_surname(name) and (size < 4 or len(surname(name)) == 2):
            return Named(name, threshold("person_comrade"))
    return None


def _named(pattern: re.Pattern[str], text: str, confidence: float) -> Named | None:
    match = pattern.search(text)
    if not match:
        return None
    name = normalise_name(_VERBS.sub("", match[1]).removesuffix("等"))
    if not len(name) >= 2 or not known_surname(name):
        return None
    return Named(name, confidence)


def settle(pages: Sequence[tuple[Named | None, str]]) -> dict[str, str]:
    """Spelling on a page → spelling of most pages, where the two differ only as reading may.

    `pages` are names with the birth their page gives ("" where it gives none): two names one
    character apart are one person when their pages tell the same birth, never by the name alone.
    """
    counts = Counter(named.name for named, _birth in pages if named)
    sure: dict[str, float] = {}
    births: dict[str, set[str]] = {}
    for named, birth in pages:
        if named:
            sure[named.name] = max(named.confidence, sure.get(named.name, 0.0))
            births.setdefault(named.name, set()).update({birth[:7]} - {""})
    chosen: dict[str, str] = {}
    for name in counts:
        better = [
            other
            for other in counts
            if other != name
            and (counts[other], sure[other]) > (counts[name], sure[name])
            and (likely_same(name, other, sure[name]) or _same_life(name, other, births))
        ]
        chosen[name] = max(better, key=lambda other: counts[other]) if better else name
    return chosen


def _same_life(first: str, second: str, births: Mapping[str, set[str]]) -> bool:
    apart = sum(a != b for a, b in zip(first, second, strict=False))
    if len(first) != len(second) or apart != 1:
        return False
    return bool(births[first]) and births[first] <= births[second]


def likely_same(first: str, second: str, confidence: float) -> bool:
    """The same but for old characters; or one apart that is easily misread or not surely read."""
    if comparable(first) == comparable(second):
        return True
    if len(first) != len(second):
        return False
    apart = [(a, b) for a, b in zip(first, second, strict=True) if a != b]
    if len(apart) != 1:
        return False
    a, b = apart[0]
    return confidence < 0.9 or taken_for(a, b)
