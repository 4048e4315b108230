"""A year as it is written: 1953, 五三, 民国三十七, 光绪三十四, 癸巳, 一千九百五十三."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab import lunar
from rongdang.base.vocab.numerals import TENS, number
from rongdang.base.vocab.partial import FIRST_YEAR, LAST_YEAR, Calendar, Certainty
from rongdang.base.vocab.tables import table

MINGUO, LAST_MINGUO = 1911, 38
NEAR = (1880, 2049)  # years a file of a living or lately dead person can name by two signs
SURE_FROM = 25  # two digits from here on can only be of the last century in these files
STEM_BRANCH = f"[{lunar.STEMS}][{lunar.BRANCHES}]"
_THOUSAND = re.compile(r"(?P<t>[一二两])千(?:零|(?P<h>[一二三四五六七八九])百)?零?(?P<r>[^百千]*)")


@dataclass(frozen=True, slots=True)
class Year:
    """A year and how sure it is; `first` to `last` are the years the writer may have meant.

    `lunar`: its months are those of the lunar calendar unless something else is said.
    """

    value: int
    first: int
    last: int
    certainty: Certainty = "sure"
    calendar: Calendar = "gregorian"
    lunar: bool = False


@dataclass(frozen=True, slots=True)
class Era:
    """A reign or era of the table; `first` is the Gregorian year of its year one."""

    name: str
    first: int
    last: int
    lunar: bool


@cache
def eras() -> dict[str, Era]:
    """Every way an era is written → the era."""
    found: dict[str, Era] = {}
    for row in table("eras").rows:
        era = Era(row["name"], row["first"], row["last"], row["lunar"])
        for word in (row["name"], *row["also"]):
            found[word] = era
    return found


def read_year(text: str, era: str = "") -> Year | None:
    """The year `text` names, in `era` where one is given; None where it names none."""
    if re.fullmatch(STEM_BRANCH, text):
        return _sexagenary(text, eras().get(era))
    value = _thousands(text)
    if value is None:
        value = number(text)
    if value is None or era:
        return _of_era(value, eras()[era]) if value is not None else None
    if any(c in TENS for c in text) and value < 1000:
        return _bare_minguo(value)
    return _of_figures(value, len(text))


def _of_figures(value: int, signs: int) -> Year | None:
    if value >= 1000:
        return Year(value, value, value) if FIRST_YEAR <= value <= LAST_YEAR else None
    if signs != 2:
        return None
    if value >= SURE_FROM:
        return Year(1900 + value, 1900 + value, 1900 + value)
    return Year(1900 + value, 1900 + value, 2000 + value, "doubtful")


def _thousands(text: str) -> int | None:
    match = _THOUSAND.fullmatch(text)
    if not match:
        return None
    rest = number(match["r"]) if match["r"] else 0
    if rest is None or rest > 99:
        return None
    return (number(match["t"]) or 0) * 1000 + (number(match["h"] or "") or 0) * 100 + rest


def _of_era(count: int, era: Era) -> Year | None:
    value = era.first + count - 1
    if count < 1 or not max(era.first, FIRST_YEAR) <= value <= era.last:
        return None
    calendar: Calendar = "minguo" if era.name == "民国" else "gregorian"
    return Year(value, value, value, "sure", calendar, era.lunar)


def _bare_minguo(count: int) -> Year | None:
    """三十七年十月 without an era: so wrote the Republic; nobody counts centuries with 十."""
    value = MINGUO + count
    return Year(value, value, value, "doubtful", "minguo") if 1 <= count <= LAST_MINGUO else None


def _sexagenary(name: str, era: Era | None) -> Year | None:
    first, last = (era.first, era.last) if era else NEAR
    years = lunar.years_named(name, max(first, FIRST_YEAR), last)
    if not years:
        return None
    usual = next((year for year in years if year >= 1900), years[-1])
    only = len(years) == 1
    return Year(usual, years[0], years[-1], "sure" if only else "doubtful", "lunar", lunar=True)
