"""A value as somebody writes it, in the form in which it is kept: one function for every way in.

The desk, the API, registers, deliveries, old systems and the reading of pages all end here, so that
one text is kept as one value wherever it came from. Nothing is guessed: what is not surely one of
the standard's values stays as it was written and is marked as doubtful.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache

from rongdang.base.vocab import areas, codes, dates, fields, ids, names
from rongdang.base.vocab.codes import Certainty
from rongdang.base.vocab.fields import FieldEntry

MOST = 2000  # characters
NAMES = ("name", "spouse")  # codes of fields that hold one name
BETWEEN_CHINESE = re.compile(r"(?<=[^\x00-\x7f])[ \t\u3000]+(?=[^\x00-\x7f])")
MEASURE = re.compile(r"(?:[卷册本份个件元]|人民币|¥|￥|,)")
PHONES = re.compile(r"[、，,;；/]+")
FEWEST_DIGITS, ACCOUNT = 5, range(8, 31)

Words = tuple[str, str]  # Chinese, English


@dataclass(frozen=True, slots=True)
class Settled:
    """`value` as kept; `wrong`: it cannot stand; `doubt`: it can, and somebody should look."""

    value: str
    original: str
    certainty: Certainty = "sure"
    wrong: Words | None = None
    doubt: Words | None = None


def canonical(name: str, text: str) -> tuple[str, Words | None]:
    """The value as it is kept, and what is wrong with it in (Chinese, English), if anything.

    `name` is a field of the dictionary; partial dates keep their precision.
    """
    kept = settled(name, text)
    return kept.value, kept.wrong


@lru_cache(maxsize=16384)
def settled(name: str, text: str) -> Settled:
    """The text as a value of the field `name`, with how sure that is. KeyError for no field."""
    entry, written = fields.dictionary()[name], text.strip()
    if not written:
        return Settled("", text)
    kept = (_FORMS.get(entry.form) or _TYPES[entry.type])(entry, written)
    if len(kept.value) > entry.length and not (kept.wrong or kept.doubt):
        most = entry.length
        return replace(kept, doubt=(f"比规定的 {most} 字长", f"longer than {most} characters"))
    return kept


def _date(_entry: FieldEntry, text: str) -> Settled:
    if dates.iso_partial(text) is not None:
        return Settled(text, text)
    found = dates.parse_date(text)
    if found is None:
        return Settled(text, text, "doubtful", wrong=("看不出是哪一天", "not a date"))
    if found.certainty == "doubtful":
        doubt = ("这个日期有两种看法", "this date may be read in two ways")
        return Settled(found.value, text, found.certainty, doubt=doubt)
    return Settled(found.value, text, found.certainty)


def _number_of_id(_entry: FieldEntry, text: str) -> Settled:
    found = ids.parse_id(text)
    if found is None:
        doubt = ("不是 15 或 18 位身份号码", "not an ID number of 15 or 18 digits")
        return Settled(ids.normalise(text) or text[:MOST], text, "doubtful", doubt=doubt)
    if not found.valid:
        doubt = ("校验码或出生日期不对", "its check digit or birth date is wrong")
        return Settled(found.value, text, "doubtful", doubt=doubt)
    return Settled(found.value, text)


def _code(entry: FieldEntry, text: str) -> Settled:
    """The name of the value; in the words of the form where the table says so."""
    found = codes.find(entry.table, text)
    head = codes.about(entry.table).head
    if found and found.certainty == "sure":
        as_written = head.get("kept") == "as written" and found.how != "code"
        return Settled("".join(text.split()) if as_written else found.code.name, text)
    if head.get("closed"):
        allowed = "、".join(code.name for code in codes.entries(entry.table))
        wrong = (f"只能是：{allowed}", f"must be one of: {allowed}")
        return Settled(text[:MOST], text, "doubtful", wrong=wrong)
    doubt = ("不在代码表里，照写", "not in the code table; kept as written")
    return Settled("".join(text.split())[:MOST], text, "doubtful", doubt=doubt)


def _place(_entry: FieldEntry, text: str) -> Settled:
    return Settled("".join(text.split())[:MOST], text)


def _text(entry: FieldEntry, text: str) -> Settled:
    if entry.code in NAMES:
        return Settled(names.normalise_name(text)[:MOST], text)
    value = BETWEEN_CHINESE.sub("", text)
    if len(value) > MOST:
        wrong = (f"超过 {MOST} 字", f"more than {MOST} characters")
        return Settled(value[:MOST], text, "doubtful", wrong=wrong)
    return Settled(value, text)


def _phone(_entry: FieldEntry, text: str) -> Settled:
    """Numbers without brackets and blanks: (0535) 6000123 → 0535-6000123; several with 、 between."""
    plain = unicodedata.normalize("NFKC", text)
    plain = re.sub(r"\((0\d{2,3})\)\s*-?\s*(?=\d)", r"\1-", plain)
    parts = [re.sub(r"(?<=\d)\s+(?=\d)", "", part).strip() for part in PHONES.split(plain)]
    value = "、".join(part for part in parts if part)
    if all(sum(map(str.isdecimal, part)) >= FEWEST_DIGITS for part in parts if part):
        return Settled(value, text)
    return Settled(value, text, "doubtful", doubt=("不像电话号码", "not like a telephone number"))


def _card(_entry: FieldEntry, text: str) -> Settled:
    """The number of a card as printed: 军字第2001988号."""
    return Settled("".join(unicodedata.normalize("NFKC", text).split())[:MOST], text)


def _number(_entry: FieldEntry, text: str) -> Settled:
    found = dates.number(MEASURE.sub("", unicodedata.normalize("NFKC", text)).strip())
    if found is None:
        return Settled(text[:MOST], text, "doubtful", wrong=("不是数目", "not a number"))
    return Settled(str(found), text)


def _money(_entry: FieldEntry, text: str) -> Settled:
    value = BETWEEN_CHINESE.sub("", text)
    if any(character.isnumeric() for character in value):
        return Settled(value[:MOST], text)
    return Settled(value[:MOST], text, "doubtful", doubt=("没有数目", "no figure in it"))


def _account(_entry: FieldEntry, text: str) -> Settled:
    value = re.sub(r"[\s-]", "", unicodedata.normalize("NFKC", text))
    if value.isdecimal() and len(value) in ACCOUNT:
        return Settled(value, text)
    wrong = ("账号应是 8 至 30 位数字", "an account has 8 to 30 digits")
    return Settled(value[:MOST], text, "doubtful", wrong=wrong)


def _area(_entry: FieldEntry, text: str) -> Settled:
    """Six digits of GB/T 2260, given as such or as the one name they stand for."""
    value = "".join(unicodedata.normalize("NFKC", text).split())
    if value.isdecimal():
        if areas.history(value):
            return Settled(value, text)
        wrong = (
            f"不在行政区划代码表（{areas.version()}）里",
            f"not in GB/T 2260 ({areas.version()})",
        )
        return Settled(value[:MOST], text, "doubtful", wrong=wrong)
    now = {area.code for area in areas.named(value) if area.until is None}
    if len(now) == 1:
        return Settled(now.pop(), text)
    wrong = ("要写六位代码，或全国只有一处的地名", "six digits, or a name only one place has")
    return Settled(value[:MOST], text, "doubtful", wrong=wrong)


Reader = Callable[[FieldEntry, str], Settled]
_TYPES: dict[str, Reader] = {
    "date": _date,
    "id": _number_of_id,
    "code": _code,
    "place": _place,
    "text": _text,
}
_FORMS: dict[str, Reader] = {
    "phone": _phone,
    "card": _card,
    "number": _number,
    "money": _money,
    "account": _account,
    "area": _area,
}
