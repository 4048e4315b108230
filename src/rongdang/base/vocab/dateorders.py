"""Dates with the day first or the month by its name: exports of databases, English, Soviet papers."""

from __future__ import annotations

import re
from dataclasses import replace

from rongdang.base.vocab.partial import PartialDate, exact

_MONTHS = "jan feb mar apr may jun jul aug sep oct nov dec".split()
_ROMAN = {r: i for i, r in enumerate("I II III IV V VI VII VIII IX X XI XII".split(), 1)}
_CLOCK = r"(?:\s+\d{1,2}[:.]\d{2}(?:[:.]\d{2}(?:[.:]\d+)?)?\s*(?:AM|PM|上午|下午)?)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_TURNED = re.compile(r"(?P<one>\d{1,2})[./\-](?P<two>\d{1,2})[./\-](?P<year>\d{4})" + _CLOCK)
_SPACED = re.compile(r"(?P<one>\d{1,2}) +(?P<two>\d{1,2}) +(?P<year>\d{4})" + _CLOCK)
_MONTH_YEAR = re.compile(r"(?P<month>\d{1,2})[./\-](?P<year>\d{4})")
_ORACLE = re.compile(r"(?P<day>\d{1,2})-(?P<month>\d{1,2})月\s*-(?P<year>\d{2}|\d{4})" + _CLOCK)
_ROMAN_LAST = re.compile(r"(?P<day>\d{1,2})[.\- ]\s*(?P<roman>[IVX]{1,4})[.\- ]\s*(?P<year>\d{4})")
_ROMAN_MID = re.compile(
    r"(?P<year>\d{4})[.\- ]\s*(?P<roman>[IVX]{1,4})(?:[.\- ]\s*(?P<day>\d{1,2}))?"
)
_NAMED = (
    re.compile(_NAME + r"[ \-]*(?P<day>\d{1,2})(?:st|nd|rd|th)?,? +(?P<year>\d{4})" + _CLOCK),
    re.compile(r"(?P<day>\d{1,2})[ \-]" + _NAME + r"[ \-](?P<year>\d{4}|\d{2})" + _CLOCK),
    re.compile(_NAME + r"[ \-](?P<year>\d{4}|\d{2})"),
)


def other_order(text: str, original: str) -> PartialDate | None:
    """The date where it is written so; None where it is not."""
    for pattern in (_TURNED, _SPACED):
        match = pattern.fullmatch(text)
        if match:
            one, two = int(match["one"]), int(match["two"])
            dotted = "." in match[0][:3]  # 12.7.1953 begins with the day, 7/12/1953 with the month
            pair = (two, one) if dotted else (one, two)
            return _turned(*pair, int(match["year"]), original)
    for pattern in (_MONTH_YEAR, _ORACLE):
        match = pattern.fullmatch(text)
        if match:
            parts = match.groupdict()
            return exact(
                _year(parts["year"]), int(parts["month"]), _int(parts.get("day")), original
            )
    for pattern in (_ROMAN_LAST, _ROMAN_MID):
        match = pattern.fullmatch(text)
        if match and match["roman"] in _ROMAN:
            return exact(int(match["year"]), _ROMAN[match["roman"]], _int(match["day"]), original)
    return _named(text, original)


def _named(text: str, original: str) -> PartialDate | None:
    for pattern in _NAMED:
        match = pattern.fullmatch(text)
        if match and match["name"][:3].lower() in _MONTHS:
            month = _MONTHS.index(match["name"][:3].lower()) + 1
            return exact(_year(match["year"]), month, _int(match.groupdict().get("day")), original)
    return None


def _turned(one: int, two: int, year: int, original: str) -> PartialDate | None:
    """7/25/1953 and 25.7.1953 can be read one way only; 7/12/1953 two ways, the American first."""
    if one > 12 or two > 12:
        month, day = (two, one) if one > 12 else (one, two)
        return exact(year, month, day, original) if month <= 12 else None
    american, other = exact(year, one, two, original), exact(year, two, one, original)
    if american is None or other is None or one == two:
        return american
    first, last = sorted((american.earliest, other.earliest))
    return replace(american, certainty="doubtful", earliest=first, latest=last)


def _year(text: str) -> int:
    return int(text) if len(text) == 4 else 1900 + int(text)


def _int(text: str | None) -> int | None:
    return int(text) if text else None
