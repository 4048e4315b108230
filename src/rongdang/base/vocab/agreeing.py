"""Do two writings of a field say the same? Precision and writing are no disagreement.

1953 and 1953-07 agree, and so do 15 and 18 digits of one ID number, 林長河 and 林长河, 江苏省常熟县 and
江苏常熟; 1953-07 and 1953-08 do not.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date, timedelta
from functools import lru_cache

from rongdang.base.vocab import codes, ids, names
from rongdang.base.vocab.dates import iso_partial, parse_date
from rongdang.base.vocab.fields import dictionary

Span = tuple[date, date]
AROUND = timedelta(days=366)  # how far from the truth "about" may be
_KINDS_OF_PLACE = re.compile(r"(?:自治区|自治州|自治县|省|市|县|区|州|乡|镇|村|公社|专区|地区)")
_NO_WORD = re.compile(r"[\W_]+")
LEAST = 2  # characters of a place that may stand for a longer one


def agree(field: str, one: str, other: str) -> bool:
    """Can both values of `field` be true of one person at one time?"""
    if one == other:
        return True
    kind = _kind(field)
    if kind == "date":
        first, second = span_of(one), span_of(other)
        if first and second:
            return first[0] <= second[1] and second[0] <= first[1]
    return _folded_agree(folded(field, one), folded(field, other), kind)


def more_precise(field: str, one: str, other: str) -> bool:
    """Does `one` say more than `other`, which it agrees with?"""
    if one == other:
        return False
    kind = _kind(field)
    if kind == "date":
        first, second = span_of(one), span_of(other)
        if first and second:
            return first[1] - first[0] < second[1] - second[0]
    if kind == "id":
        return len(ids.normalise(one)) > len(ids.normalise(other))
    return kind == "place" and len(folded(field, one)) > len(folded(field, other))


@lru_cache(maxsize=16384)
def span_of(value: str, original: str = "", certainty: str = "sure") -> Span | None:
    """First and last day a date may mean; None when it is none. What is `original` decides where it
    tells more than the value kept of it (a lunar month, a season); "about" reaches a year farther.
    """
    parsed = parse_date(original) if original and certainty != "sure" else None
    if parsed is None or not parsed.value.startswith(value[:4]):
        parsed = parse_date(value) if value and (iso_partial(value) or len(value) > LEAST) else None
    if parsed is None:
        return None
    if certainty == "approximate" and parsed.calendar != "lunar" and parsed.precision != "season":
        return parsed.earliest - AROUND, parsed.latest + AROUND
    return parsed.earliest, parsed.latest


@lru_cache(maxsize=16384)
def folded(field: str, value: str) -> str:
    """The value without what is only a manner of writing."""
    kind = _kind(field)
    if kind == "id":
        return ids.comparable(value)
    if kind == "code":
        known = codes.lookup(dictionary()[field].table, value)
        if known:
            return known.code
    plain = _NO_WORD.sub("", unicodedata.normalize("NFKC", value)).upper()
    plain = names.simplified(plain)
    return _KINDS_OF_PLACE.sub("", plain) or plain if kind == "place" else plain


def _folded_agree(one: str, other: str, kind: str) -> bool:
    """Equal; of places also the one inside the other. 团长 inside 副团长 is another post."""
    if one == other:
        return True
    short, long = sorted((one, other), key=len)
    return kind == "place" and len(short) >= LEAST and short in long


def _kind(field: str) -> str:
    entry = dictionary().get(field)
    if entry is None:
        return "text"
    return "name" if entry.name in ("姓名", "配偶") else entry.type
