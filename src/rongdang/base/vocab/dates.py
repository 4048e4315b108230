"""Chinese dates in the ways old files write them: earliest, latest, precision, certainty, original.

What could be meant two ways is marked doubtful, never guessed silently.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal

from rongdang.base.vocab.datecells import NO_DATE, read_cell
from rongdang.base.vocab.dateparts import HALVES, MONTH_NAMES, SEASONS
from rongdang.base.vocab.lunar import LunarDay
from rongdang.base.vocab.numerals import TENS, number
from rongdang.base.vocab.partial import (
    Certainty,
    PartialDate,
    Precision,
    doubted,
    exact,
    last_day,
    lunar_day,
    lunar_month,
    lunar_year,
    span,
    within,
    worst,
)

__all__ = ["Certainty", "PartialDate", "Precision", "find_dates", "from_serial", "iso_partial"]
__all__ += ["number", "parse_date"]

FIRST_YEAR, LAST_YEAR = 1880, 2049  # in running text: what else has four figures is no year
CELL = 60  # characters; what is longer is running text
_KEPT = 65_536  # cells whose reading is remembered
# What databases and spreadsheets write where nothing was entered.
_DEFAULTS = frozenset(("1900-01-01", "1899-12-30", "1899-12-31"))
_PLAIN = re.compile(
    r"((?:19|20)\d\d)(?:([./\-])(\d{1,2})(?:\2(\d{1,2}))?|年(\d{1,2})月(?:(\d{1,2})日)?|(\d\d)(\d\d))",
    re.ASCII,
)
# Beside the date, words that may belong to it: what was found is then not all that was meant.
_MORE = re.compile(r"[至到~～—–\-年月日旬初底末春夏秋冬节历闰润前后迄今间半季或约阴阳收]")
_LABELS = re.compile(r"出生日期|出生年月|年月日|年月|生日|日期|年份|时间")
_EPOCH = re.compile(r"1970[-/.]0?1[-/.]0?1[ T]0?[08]:00")

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


def parse_date(text: str, year: int | None = None) -> PartialDate | None:
    """The one date a cell or a line holds; None when it holds none, or more than one.

    `year` is that of the line, for cells that only say 同年8月. What was read is remembered, since
    millions of cells hold a few ten thousand days.
    """
    return _remembered(text, year) if len(text) <= CELL else _only_one(text)


@lru_cache(_KEPT)
def _remembered(text: str, year: int | None) -> PartialDate | None:
    plain = _plain(text)
    if plain:
        return plain
    found = read_cell(text, year)
    if found == NO_DATE:
        return None
    if not isinstance(found, PartialDate):
        return _only_one(text)
    default = found.value in _DEFAULTS or bool(_EPOCH.match(text)) or text == "1900-01-00"
    return doubted(found, "doubtful") if default else found


def _plain(text: str) -> PartialDate | None:
    """The few forms that nearly all cells have; None for any other, and for what needs a doubt."""
    if len(text) == 10 and text[4] == "-" and text.isascii() and text not in _DEFAULTS:
        try:
            day = date.fromisoformat(text)
        except ValueError:
            return None
        known = FIRST_YEAR <= day.year <= LAST_YEAR
        return PartialDate(text, "day", day, day, "sure", "gregorian", text) if known else None
    match = _PLAIN.fullmatch(text)
    if not match:
        return None
    parts = match.groups()
    month, day_text = parts[2] or parts[4] or parts[6], parts[3] or parts[5] or parts[7]
    found = exact(int(parts[0]), int(month), int(day_text) if day_text else None, text)
    return found if found and found.certainty == "sure" and found.value not in _DEFAULTS else None


def _only_one(text: str) -> PartialDate | None:
    found = find_dates(text)
    if len(found) != 1:
        return None
    start, end, parsed = found[0]
    rest = (text[:start] + text[end:]).strip(" \t\u3000()（）。，,;；:：于在")
    if len(rest) > 2 and re.search(r"\d", rest):
        return None
    more = len(text) <= CELL and _MORE.search(_LABELS.sub("", rest))
    return doubted(parsed, "doubtful") if more else parsed


def from_serial(text: str, system: Literal[1900, 1904] = 1900) -> PartialDate | None:
    """The day a spreadsheet counts as `text`, by its workbook's system; None where it is no such.

    The 1900 system has a 29 February 1900 that never was, so that its first sixty days are doubtful.
    """
    match = re.fullmatch(r"\s*(\d{1,6})(?:\.\d{1,12})?\s*", text)
    count = int(match[1]) if match else 0
    if not match or (system == 1900 and count < 1):
        return None
    start = date(1904, 1, 1) if system == 1904 else date(1899, 12, 30 if count > 60 else 31)
    try:
        day = start + timedelta(days=count)
    except OverflowError:
        return None
    found = exact(day.year, day.month, day.day, text)
    return doubted(found, "doubtful") if found and system == 1900 and count <= 60 else found


def iso_partial(text: str) -> str | None:
    """`text` itself when it is an ISO partial date that exists (1953, 1953-07, 1953-07-12)."""
    match = re.fullmatch(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", text, re.ASCII)
    if not match:
        return None
    year, month, day = (int(part) if part else None for part in match.groups())
    return text if year and span(year, month, day) else None


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
    year, certainty, minguo = _year(parts.get("year") or "", parts.get("era") or "")
    if year is None:
        return None
    if match.re is _MARKED and certainty == "doubtful" and not parts.get("day"):
        return None  # 12.5 is a number before it is May 1912
    month_text = parts.get("month") or ""
    month = MONTH_NAMES.get(month_text) or number(month_text)
    if month_text and not (month and 1 <= month <= 12):
        return None
    if parts.get("ask"):
        certainty = "doubtful"
    if parts.get("about"):
        certainty = worst(certainty, "approximate")
    found = _lunar(year, month, match, original) or _solar(year, month, match, original)
    if found and minguo and found.calendar == "gregorian":
        found = replace(found, calendar="minguo")
    return doubted(found, certainty) if found else None


def _solar(year: int, month: int | None, match: re.Match[str], original: str) -> PartialDate | None:
    parts = match.groupdict()
    season = (parts.get("half") or "").removesuffix("年")
    if month is None and season:
        return _season(year, season, original)
    day = number(parts["day"]) if parts.get("day") else None
    if parts.get("day") and day is None:
        return exact(year, month, 0, original)
    found = exact(year, month, day, original)
    vague = parts.get("third") and day is None
    return doubted(found, "approximate") if found and vague else found


def _lunar(year: int, month: int | None, match: re.Match[str], original: str) -> PartialDate | None:
    parts = match.groupdict()
    day, early = parts.get("day") or "", parts.get("third") == "初"
    told, leap = bool(parts.get("lunar")), bool(parts.get("leap"))
    if not (told or leap or parts.get("month") in MONTH_NAMES or (early and day)):
        return None
    if month is None:
        return lunar_year(year, original)
    count = number(day)
    if not count:
        return lunar_month(year, month, original, leap=leap, told=told)
    return lunar_day(LunarDay(year, month, count, leap), original, told=told)


def _year(text: str, era: str) -> tuple[int | None, Certainty, bool]:
    """The year, how sure, and whether it is counted from 1912."""
    value = number(text)
    if value is None:
        return None, "sure", False
    if era.endswith("民国"):
        year = value + 1911
        return (year if 1912 <= year <= 1949 else None), "sure", True
    if value >= 1000:
        return (value if FIRST_YEAR <= value <= LAST_YEAR else None), "sure", False
    short = len(text) == 2 and not any(c in TENS for c in text)
    if not short:
        return None, "sure", False
    # Two digits: 25 to 99 can only be the last century in these files; below that it is doubtful.
    return 1900 + value, "sure" if 25 <= value <= 99 else "doubtful", False


def _season(year: int, season: str, original: str) -> PartialDate:
    first, last = SEASONS.get(season) or HALVES[season]
    end = last_day(year + (last > 12), last - 12 if last > 12 else last)
    return within(f"{year:04d}", "season", (date(year, first, 1), end), original)
