"""From and until, as careers and memberships write it: 1953.7—1956.3, 1953年7月至今, 7月至次年3月."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from rongdang.base.vocab.dates import parse_date
from rongdang.base.vocab.partial import Certainty, PartialDate, worst

LONGEST = 80  # characters; what is longer is a sentence
_NOW = re.compile(r"[至到]?(?:今日?|现在|目前|迄今|如今)[.。]?")
_WORDS = re.compile(r"起?\s*(?:至|到|直到|[~～]|[—–－‒]{1,2}|--)\s*(?!今|现|目前|如今)")
_DASH = re.compile(r"\s*[-—–－‒]\s*")
_EDGE = re.compile(r"^(?:自|从|由|于)|(?:止|期间|间)$")
_N = "[0-9〇零一二三四五六七八九十廿卅元]"


@dataclass(frozen=True, slots=True)
class DateSpan:
    """A time from `start` to `end`; `open` where it lasts until now, an end of None is unknown."""

    start: PartialDate | None
    end: PartialDate | None
    certainty: Certainty
    original: str
    open: bool = False


def parse_span(text: str, year: int | None = None) -> DateSpan | None:
    """The one span a cell holds, a single date being one of itself; None where it holds none."""
    if len(text) > LONGEST:
        return None
    plain = _EDGE.sub("", "".join(unicodedata.normalize("NFKC", text).split("\u3000")).strip())
    found = _open(plain, text, year)
    if found is None and _WORDS.search(plain):
        found = _split(plain, text, year)
    single = parse_date(plain, year)
    if found is None and not (single and single.certainty == "sure"):
        found = _split(plain, text, year)
    if found is None and single:
        return DateSpan(single, single, single.certainty, text)
    return found


def _open(plain: str, original: str, year: int | None) -> DateSpan | None:
    since = re.fullmatch(r"(.+?)以来", plain)
    now = re.fullmatch(rf"(.+?)(?:起)?\s*(?:[~—–－-]{{0,2}}\s*)(?:{_NOW.pattern})", plain)
    bare = re.fullmatch(r"(.+?)\s*(?:[~—–－-]{1,2}|起|至|到)", plain)
    for match, certainty in ((since, "sure"), (now, "sure"), (bare, "doubtful")):
        start = parse_date(match[1], year) if match else None
        if start:
            mark: Certainty = worst(start.certainty, "doubtful" if certainty != "sure" else "sure")
            return DateSpan(start, None, mark, original, open=True)
    until = re.fullmatch(r"(?:[~—–－-]{1,2}|至|到|截至|截止)\s*(.+)", plain)
    end = parse_date(until[1], year) if until else None
    return DateSpan(None, end, "doubtful", original) if end else None


def _split(plain: str, original: str, year: int | None) -> DateSpan | None:
    for left, right in _halves(plain):
        start = parse_date(left, year)
        if start is None:
            continue
        written, guessed = _with_start(right, start, left)
        end = parse_date(written, int(start.value[:4]))
        if end is None:
            continue
        odd = guessed or end.latest < start.earliest
        mark = worst(start.certainty, end.certainty, "doubtful" if odd else "sure")
        return DateSpan(start, end, mark, original)
    return None


def _halves(plain: str) -> Iterator[tuple[str, str]]:
    for pattern in (_WORDS, _DASH):
        for match in pattern.finditer(plain):
            left, right = plain[: match.start()], plain[match.end() :]
            if left and right:
                yield left.removesuffix("起"), right


def _with_start(right: str, start: PartialDate, left: str) -> tuple[str, bool]:
    """What stands after the dash, with the year or month it takes from before it; whether guessed."""
    year = start.value[:4]
    if re.fullmatch(rf"{_N}{{1,3}}[日号]", right) and start.precision == "day":
        return f"{start.value[:7]}-{right}".replace("-", "年", 1).replace("-", "月", 1), False
    if re.match(rf"{_N}{{1,3}}月", right):
        return f"{year}年{right}", False
    if re.fullmatch(r"\d{1,2}", right) and start.precision == "month" and "年" not in left:
        return f"{year}年{right}月", True
    return right, False
