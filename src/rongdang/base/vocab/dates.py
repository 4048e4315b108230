"""Chinese dates in the ways old files write them: earliest, latest, precision, certainty, original.

What could be meant two ways is marked doubtful, never guessed silently.
"""

from __future__ import annotations

import calendar
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Literal

Certainty = Literal["sure", "doubtful", "approximate"]
Precision = Literal["day", "month", "season", "year", "decade"]

DIGITS = {c: i for i, c in enumerate("零一二三四五六七八九")} | {
    "〇": 0,
    "○": 0,
    "Ｏ": 0,
    "O": 0,
    "o": 0,
    "Ο": 0,
    "◯": 0,
    "两": 2,
    "元": 1,
    "壹": 1,
    "贰": 2,
    "叁": 3,
    "肆": 4,
    "伍": 5,
    "陆": 6,
    "柒": 7,
    "捌": 8,
    "玖": 9,
    "弍": 2,
    "弌": 1,
    "l": 1,
    "I": 1,
}
TENS = {"十": 10, "拾": 10, "廿": 20, "卄": 20, "卅": 30, "丗": 30}
SEASONS = {"春": (1, 5), "夏": (4, 8), "秋": (7, 11), "冬": (10, 12)}
MONTH_NAMES = {"正": 1, "冬": 11, "腊": 12}
FIRST_YEAR, LAST_YEAR = 1880, 2049

_D = "0-9零〇○◯OoΟlI一二三四五六七八九两壹贰叁肆伍陆柒捌玖弌弍"
_N = f"[{_D}十拾廿卄卅丗元]"
_WORDS = re.compile(
    rf"(?P<about>约|大约|约在|大概)?(?P<era>民国|中华民国|公元|公历|西元)?\s*"
    rf"(?P<year>{_N}{{1,5}})\s*年\s*(?P<half>上半年|下半年|初|末|底|春|夏|秋|冬)?(?:天|季)?"
    rf"(?:\s*(?P<lunar>农历|阴历|旧历|古历)?\s*(?P<leap>闰)?(?P<month>{_N}{{1,3}}|正|冬|腊)\s*月"
    rf"(?:\s*(?P<third>上旬|中旬|下旬|初|底|末)?(?P<day>{_N}{{1,3}})?\s*(?P<mark>日|号|\b|$)?)?)?\s*(?P<ask>[?？])?"
)
_MARKED = re.compile(
    r"(?P<about>约)?(?P<year>\d{4}|\d{2})\s*[.\-/、·，,]\s*(?P<month>\d{1,2})"
    r"(?:\s*[.\-/、·，,]\s*(?P<day>\d{1,2}))?\s*(?P<ask>[?？])?(?!\d)"
)
_COMPACT = re.compile(
    r"(?<!\d)(?P<year>(?:18|19|20)\d{2})(?P<month>0[1-9]|1[0-2])(?P<day>0[1-9]|[12]\d|3[01])?(?!\d)"
)
_YEAR_ONLY = re.compile(r"(?<!\d)(?P<year>(?:18|19|20)\d{2})(?!\d)")


@dataclass(frozen=True, slots=True)
class PartialDate:
    """A date as far as it is known. `value` is ISO 8601 cut to its precision (GB/T 7408.1-2023)."""

    value: str
    precision: Precision
    earliest: date
    latest: date
    certainty: Certainty
    calendar: Literal["gregorian", "lunar", "minguo"]
    original: str


def number(text: str) -> int | None:
    """A Chinese or Arabic number up to 9999: 五三, 1953, 廿三, 卅一, 三十二, 十; None if it is none."""
    if not text:
        return None
    if all(c in DIGITS or c.isdigit() for c in text):
        return int("".join(str(DIGITS.get(c, c)) for c in text))
    total, last = 0, 0
    for c in text:
        if c in TENS:
            tens = TENS[c]
            total += tens if tens > 10 else (last or 1) * 10
            last = 0
        elif c in DIGITS or c.isdigit():
            if last:
                return None
            last = int(DIGITS.get(c, c))
        else:
            return None
    return total + last


def parse_date(text: str) -> PartialDate | None:
    """The one date a cell or a line holds; None when it holds none, or more than one."""
    found = find_dates(text)
    if len(found) != 1:
        return None
    start, end, parsed = found[0]
    rest = (text[:start] + text[end:]).strip(" \t\u3000()（）。，,;；:：于在")
    return parsed if len(rest) <= 2 or not re.search(r"\d", rest) else None


def iso_partial(text: str) -> str | None:
    """`text` itself when it is an ISO partial date that exists (1953, 1953-07, 1953-07-12)."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    return text if year and _span(year, month, day) else None


def find_dates(text: str) -> list[tuple[int, int, PartialDate]]:
    """(start, end, date) of every date in a text, left to right, without overlap.

    Offsets refer to `text`; characters are folded one by one, so they stay true.
    """
    folded = "".join(_fold(c) for c in text)
    found: list[tuple[int, int, PartialDate]] = []
    for pattern in (_WORDS, _MARKED, _COMPACT, _YEAR_ONLY):
        for match in pattern.finditer(folded):
            if any(match.start() < end and start < match.end() for start, end, _ in found):
                continue
            parsed = _of_match(match, text[match.start() : match.end()])
            if parsed:
                found.append((match.start(), match.end(), parsed))
    return sorted(found, key=lambda one: one[0])


def _fold(character: str) -> str:
    folded = unicodedata.normalize("NFKC", character)
    return folded if len(folded) == 1 else character


def _of_match(match: re.Match[str], original: str) -> PartialDate | None:
    parts = match.groupdict()
    year, certainty, name = _year(parts.get("year") or "", parts.get("era") or "")
    if year is None:
        return None
    if match.re is _MARKED and certainty == "doubtful" and not parts.get("day"):
        return None  # 12.5 is a number before it is May 1912
    month_text = parts.get("month") or ""
    month = MONTH_NAMES.get(month_text) or number(month_text)
    day = number(parts.get("day") or "")
    if month_text and not (month and 1 <= month <= 12):
        return None
    lunar = bool(parts.get("lunar") or parts.get("leap")) or month_text in ("正", "冬", "腊")
    if parts.get("ask"):
        certainty = "doubtful"
    if parts.get("about") and certainty == "sure":
        certainty = "approximate"
    if parts.get("day") and (day is None or not _span(year, month, day)):
        day, certainty = None, "doubtful"  # 1953年2月31日: the month is all that can be meant
    if lunar:
        return _lunar(year, month, original, certainty)
    season = parts.get("half") or ""
    if month is None and season:
        return _season(year, season, original, certainty)
    return _exact(
        year,
        month,
        day,
        third=parts.get("third") or "",
        original=original,
        certainty=certainty,
        name=name,
    )


def _year(text: str, era: str) -> tuple[int | None, Certainty, Literal["gregorian", "minguo"]]:
    value = number(text)
    if value is None:
        return None, "sure", "gregorian"
    if era.endswith("民国"):
        year = value + 1911
        return (year, "sure", "minguo") if 1912 <= year <= 1949 else (None, "sure", "minguo")
    if value >= 1000:
        return (value if FIRST_YEAR <= value <= LAST_YEAR else None), "sure", "gregorian"
    short = len(text) == 2 and not any(c in TENS for c in text)
    if not short:
        return None, "sure", "gregorian"
    # Two digits: 20 to 99 can only be the last century in these files; below that it is doubtful.
    return 1900 + value, "sure" if 25 <= value <= 99 else "doubtful", "gregorian"


def _exact(
    year: int,
    month: int | None,
    day: int | None,
    *,
    third: str,
    original: str,
    certainty: Certainty,
    name: Literal["gregorian", "minguo"],
) -> PartialDate | None:
    span = _span(year, month, day)
    if span is None:
        return None
    if month is None:
        return PartialDate(f"{year:04d}", "year", *span, certainty, name, original)
    if day is None:
        earliest, latest = span
        if third and certainty == "sure":
            certainty = "approximate"
        return PartialDate(
            f"{year:04d}-{month:02d}", "month", earliest, latest, certainty, name, original
        )
    return PartialDate(f"{year:04d}-{month:02d}-{day:02d}", "day", *span, certainty, name, original)


def _season(year: int, season: str, original: str, certainty: Certainty) -> PartialDate:
    months = (
        SEASONS.get(season)
        or {"上半年": (1, 6), "下半年": (7, 12), "初": (1, 4), "末": (9, 12), "底": (9, 12)}[season]
    )
    earliest, latest = date(year, months[0], 1), _last_day(year, months[1])
    shown: Certainty = "approximate" if certainty == "sure" else certainty
    return PartialDate(f"{year:04d}", "season", earliest, latest, shown, "gregorian", original)


def _lunar(year: int, month: int | None, original: str, certainty: Certainty) -> PartialDate:
    """A lunar month begins two to seven weeks after the same solar one: only the span is certain."""
    shown: Certainty = "doubtful" if certainty == "doubtful" else "approximate"
    if month is None:
        return PartialDate(
            f"{year:04d}",
            "year",
            date(year, 1, 20),
            date(year + 1, 2, 20),
            shown,
            "lunar",
            original,
        )
    earliest = date(year, month, 18)
    later = month + 2
    latest = _last_day(year + (later > 12), later - 12 if later > 12 else later)
    return PartialDate(f"{year:04d}", "year", earliest, latest, shown, "lunar", original)


def _span(year: int, month: int | None, day: int | None) -> tuple[date, date] | None:
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if month is None:
        return date(year, 1, 1), date(year, 12, 31)
    if not 1 <= month <= 12:
        return None
    if day is None:
        return date(year, month, 1), _last_day(year, month)
    if not 1 <= day <= calendar.monthrange(year, month)[1]:
        return None
    return date(year, month, day), date(year, month, day)


def _last_day(year: int, month: int) -> date:
    return date(year, month, calendar.monthrange(year, month)[1])
