"""Administrative divisions (GB/T 2260) with the years in which each code stood for which name.

Read only when first asked for. A year is one of a list published at its end: "since 1983" means
changed in the course of 1983, or before where the list begins (1980).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from rongdang.base.vocab.tables import tsv

BEGIN = 1980  # the first list; the first ID numbers are of 1984
SLACK = 1  # years a list may lag behind the ground, and an ID number behind the list
SUFFIXES = (
    "特别行政区 壮族自治区 回族自治区 维吾尔自治区 自治区 自治州 自治县 自治旗 地区 矿区 林区 特区 "
    "新区 省 市 县 区 盟 旗 州"
).split()


@dataclass(frozen=True, slots=True)
class Area:
    """A name a code has stood for; `until` is None while it still does."""

    code: str
    name: str
    since: int
    until: int | None

    @property
    def level(self) -> str:
        """province, city or county."""
        if self.code.endswith("0000"):
            return "province"
        return "city" if self.code.endswith("00") else "county"

    def stood(self, year: int, *, slack: int = 0) -> bool:
        """Whether the code stood for this name in the year, or so many years beside it."""
        first = 0 if self.since <= BEGIN else self.since - slack
        return first <= year <= (self.until or 9999) + slack


@cache
def head() -> Mapping[str, str]:
    """Title, version, standard, source of the table."""
    return tsv("areas").head


def version() -> str:
    return head()["version"]


@cache
def _areas() -> dict[str, tuple[Area, ...]]:
    found: dict[str, list[Area]] = defaultdict(list)
    for row in tsv("areas").rows:
        until = int(row["until"]) if row["until"] else None
        found[row["code"]].append(Area(row["code"], row["name"], int(row["since"]), until))
    return {code: tuple(held) for code, held in found.items()}


def history(code: str) -> tuple[Area, ...]:
    """Every name the code has stood for, the earliest first; () for a code never given."""
    return _areas().get(code, ())


def at(code: str, year: int | None = None) -> Area | None:
    """What the code stood for in that year, a year's lag forgiven; without one, what it last stood for.

    `…01` is 市辖区, the districts of a city together, where the list does not give it a name.
    """
    held = history(code)
    if not held and code[4:] == "01":
        city = at(f"{code[:4]}00", year) or at(f"{code[:2]}0000", year)
        return Area(code, "市辖区", city.since, city.until) if city else None
    if year is None:
        return held[-1] if held else None
    exact = [area for area in held if area.stood(year)]
    near = [area for area in held if area.stood(year, slack=SLACK)]
    return next(iter(exact or near), None)


def path(code: str, year: int | None = None) -> tuple[Area, ...]:
    """Province, city and county of the code as they were called in that year."""
    area = at(code, year)
    if area is None:
        return ()
    if year is None:
        year = area.until
    above = (at(upper, year) for upper in (f"{code[:2]}0000", f"{code[:4]}00") if upper != code)
    return (*(one for one in above if one), area)


def full_name(code: str, year: int | None = None) -> str:
    """浙江省杭州市上城区; "" for a code that stood for nothing then."""
    return "".join(area.name for area in path(code, year))


def stem(name: str) -> str:
    """A name without what kind of division it is: 杭州市 → 杭州; two characters stay at least."""
    for suffix in SUFFIXES:
        if name.endswith(suffix) and len(name) - len(suffix) >= 2:
            return name.removesuffix(suffix)
    return name


@cache
def _named() -> dict[str, tuple[Area, ...]]:
    found: dict[str, list[Area]] = defaultdict(list)
    for area in everything():
        for word in {area.name, stem(area.name)}:
            found[word].append(area)
    return {word: tuple(areas) for word, areas in found.items()}


def named(name: str, year: int | None = None) -> tuple[Area, ...]:
    """Divisions of this name, with or without 省市县区; in that year, or at any time."""
    found = _named().get("".join(name.split()), ())
    return tuple(area for area in found if year is None or area.stood(year, slack=SLACK))


def everything() -> Iterator[Area]:
    """All names of all codes, by code and year."""
    for held in _areas().values():
        yield from held


def heirs(code: str) -> tuple[Area, ...]:
    """Where a code that ended lives on: divisions of the same province and stem begun as it ended."""
    held = history(code)
    if not held or held[-1].until is None:
        return ()
    last = held[-1]
    assert last.until is not None
    same = named(stem(last.name), last.until + 1)
    return tuple(_begun(same, last))


def became(area: Area) -> tuple[Area, ...]:
    """What the division was called or coded next; () while it still stands."""
    held = history(area.code)
    later = held[held.index(area) + 1 :] if area in held else ()
    return later[:1] or heirs(area.code)


def _begun(areas: Iterable[Area], last: Area) -> Iterator[Area]:
    for area in areas:
        near = last.until is not None and abs(area.since - last.until) <= SLACK + 1
        if area.code != last.code and area.code[:2] == last.code[:2] and near:
            yield area
