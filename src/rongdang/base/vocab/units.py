"""Names of units in one form for comparing. What could tell a military designation is never let through.

保守国家秘密法 and `base.gate` keep such names out of the house; this parser sees tables before the
gate has ruled, so nothing it returns, its repr and its errors included, holds the numbers of one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from rongdang.base.vocab.names import simplified
from rongdang.base.vocab.numerals import number
from rongdang.base.vocab.partial import Certainty
from rongdang.base.vocab.tables import table

Kind = Literal[
    "service", "hospital", "school", "government", "military", "company", "village", "community", ""
]
LONGEST = 120  # characters; what is longer is no name of a unit
SOME = "某部"  # in place of a designation
_NOTHING = re.compile(r"[无/\-—不详未知同上本人退休在家待业待查]*")
_FIGURE = "[0-9A-Z零〇○一二三四五六七八九十百两]"
_DESIGNATION = re.compile(
    rf"(?:代号|番号)[::]?{_FIGURE}+(?:部队|分队)?"
    rf"|第?{_FIGURE}{{2,8}}(?:部队|分队)"
    rf"|第?{_FIGURE}{{1,5}}(?:集团军|合成|摩步|摩托化|机械化|步兵|装甲|坦克|炮兵|高炮|高射炮兵|防空|导弹|通信|工兵|防化"
    rf"|陆航|航空|航空兵|舰艇|潜艇|汽车|运输|工程|守备|边防|海防|空降|特战|侦察|电子|雷达)*"
    rf"(?:军|师|旅|团|营|连|支队|基地|分部|仓库|大站)(?!区|委|分区|休|事|医|民|员|长|职|级|体|团|书|报|校|械|龄|籍|衔)"
    rf"|(?:步兵|炮兵|坦克|装甲|高炮|工兵|通信|航空兵|空降兵|守备|边防|导弹|雷达|汽车)第?{_FIGURE}{{1,5}}(?:军|师|旅|团|营|连|支队)?"
)
_HISTORIC = re.compile(r"第[一二三四]野战军|第[一二三四五]方面军|八路军|新四军")
_ORDINAL = re.compile(
    r"第?([0-9]{1,3}|[一二三四五六七八九十]{1,3})(?=军休|干休|休养|人民|中|小|医院|中学|小学|公司)"
)


@dataclass(frozen=True, slots=True)
class Unit:
    """`name` as written, a designation in it replaced by 某部; `key` the form for comparing.

    `key` is "" where nothing can be compared: no unit, or only a designation, which is never a sign
    that two units are one. The original is the caller's: it may be what must not be repeated.
    """

    name: str
    key: str
    kind: Kind
    designation: bool
    certainty: Certainty


def parse_unit(text: str) -> Unit:
    """The unit a cell names. It always answers; `name` is empty where the cell names none."""
    if len(text) > LONGEST:
        return Unit("", "", "", designation=_hides(text), certainty="doubtful")
    folded = _folded(text).strip("'\"“”‘’,.;。，；:")
    if _NOTHING.fullmatch(folded):
        return Unit("", "", "", designation=False, certainty="sure")
    shown = _masked(folded)
    hidden = shown != folded
    key = _key(shown)
    certainty: Certainty = "doubtful" if hidden else "sure"
    key = key if key.replace(SOME, "") else ""
    return Unit(shown, key, _kind(_key(shown)), designation=hidden, certainty=certainty)


def masked_unit(text: str) -> str:
    """The text with every designation in it replaced, for showing; half-width, without blanks."""
    return _masked(_folded(text))


def _folded(text: str) -> str:
    joined = "".join(unicodedata.normalize("NFKC", text).split())
    return unicodedata.normalize("NFKC", joined)  # what stood apart may have come together


def _hides(text: str) -> bool:
    return bool(_DESIGNATION.search(unicodedata.normalize("NFKC", text)))


def _masked(text: str) -> str:
    """Historic armies stay; every other number before a military word goes."""
    kept: list[str] = []
    end = 0
    for match in _HISTORIC.finditer(text):
        kept += [_all_masked(text[end : match.start()]), match[0]]
        end = match.end()
    return "".join([*kept, _all_masked(text[end:])])


def _all_masked(text: str) -> str:
    """Until nothing is left to mask: what stood apart may have come together."""
    before = ""
    while before != text:
        before, text = text, _DESIGNATION.sub(SOME, text)
        text = re.sub(rf"(?:{SOME})+(?:部队|部)?", SOME, text)
    return text


@cache
def _row(kind: str) -> dict[str, Any]:
    return next(row for row in table("unit_words").rows if row["kind"] == kind)


@cache
def _same() -> tuple[tuple[str, str], ...]:
    return tuple(sorted(_row("same")["pairs"].items(), key=lambda pair: -len(pair[0])))


def _key(shown: str) -> str:
    text = simplified(re.sub(r"[^\w一-鿿]|_", "", shown))
    for word in _row("dropped")["words"]:
        rest = text.removeprefix(word)
        text = rest or text
    for long, short in _same():
        text = text.replace(long, short)
    text = re.sub(
        r"(军休)(?:干部)?第?([0-9]{1,3}|[一二三四五六七八九十]{1,3})(所|站|中心)",
        r"第\2军休\3",
        text,
    )
    return _ORDINAL.sub(_figured, text)


def _figured(match: re.Match[str]) -> str:
    value = number(match[1])
    return f"第{value}" if value else match[0]


@cache
def _kinds() -> tuple[tuple[str, Kind], ...]:
    return tuple(sorted(_row("kinds")["pairs"].items(), key=lambda pair: -len(pair[0])))


def _kind(key: str) -> Kind:
    return next((kind for end, kind in _kinds() if key.endswith(end)), "")
