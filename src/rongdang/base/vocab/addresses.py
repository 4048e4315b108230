"""An address or native place in its parts, held against the table of divisions, then and today."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace
from functools import cache

from rongdang.base.vocab import areas
from rongdang.base.vocab.areas import Area
from rongdang.base.vocab.codes import entries
from rongdang.base.vocab.partial import Certainty, worst
from rongdang.base.vocab.tables import table

LONGEST = 200  # characters; what is longer is no address
LONGEST_NAME, SHORTEST_NAME = 15, 2
CENTRAL = ("11", "12", "31", "50")  # cities that are provinces
_NOTHING = re.compile(r"[无/\-—不详未知同上本人待查]*")
_TOWN = re.compile(
    r"^(?P<town>[^\d]{1,10}?(?:人民公社|公社|街道办事处|街道办|街道|镇|乡|苏木)|第?[一二三四五六七八九十\d]{1,2}区)"
)
_STREET = re.compile(
    r"^(?P<street>.{1,12}?(?:大街|大道|胡同|路|街|巷|弄|道|里弄|村|屯|庄|堡|寨|生产大队|大队|社区|居委会))"
)
_COUNT = "0-9一二三四五六七八九十百"
_HOUSE = re.compile(  # every sign has one place in it: nothing to go back to, however long the text
    rf"(?P<house>[甲乙丙丁]?[{_COUNT}](?:[{_COUNT}甲乙丙丁之、,\-号院楼栋幢座室组队门层户弄]|单元)*)$"
)
_LEAD = re.compile(
    r"^(?:中国|中华人民共和国|(?:现)?(?:家庭)?(?:住址|地址|籍贯|出生地|住在|住)[::]?)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """`code`: the division as written (GB/T 2260); `today`: what it is called now, whole.

    `findings` say what is odd: "old name", "abbreviated", "nesting", "several", "unknown place",
    "former province". Parts that were not written are "", except where a code tells them.
    """

    province: str
    city: str
    county: str
    town: str
    street: str
    house: str
    rest: str
    code: str
    today: str
    today_code: str
    findings: tuple[str, ...]
    certainty: Certainty
    original: str

    @property
    def parts(self) -> tuple[str, ...]:
        """From the largest to the smallest, as they are."""
        return (
            *(self.province, self.city, self.county),
            *(self.town, self.street, self.house, self.rest),
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """Divisions read so far and what is left of the text."""

    rest: str
    places: tuple[Area, ...] = ()
    findings: tuple[str, ...] = ()
    certainty: Certainty = "sure"
    former: str = ""  # a province that is no more
    today: str = ""  # code of where an old name lives today


def parse_address(text: str, year: int | None = None) -> Address:
    """The parts of an address; `year` is that of the paper, for names that moved. Always answers."""
    folded = "".join(unicodedata.normalize("NFKC", text).split())
    plain = _LEAD.sub("", folded.strip("'\"“”‘’,.;。，；:"))
    if len(text) > LONGEST or _NOTHING.fullmatch(plain):
        doubt: Certainty = "doubtful" if len(text) > LONGEST else "sure"
        return Address(*("",) * 6, plain[:LONGEST], "", "", "", (), doubt, text)
    found = _province(plain)
    for _level in range(3):
        deeper = _deeper(found, year)
        if deeper is None:
            break
        found = deeper
    if not found.places and not found.former:
        found = replace(found, findings=("unknown place",), certainty="doubtful")
    elif _elsewhere(found.rest):
        findings = (*found.findings, "nesting")
        found = replace(found, findings=findings, certainty="doubtful")
    return _told(found, text)


def _elsewhere(rest: str) -> bool:
    """What follows is a division by its whole name, but of another place: 江苏省南京市莱阳市."""
    best = _best(rest, "", None)
    if best is None:
        return False
    return any(area.name == rest[: best[0]] and area.name[-1] in "市县" for area in best[1])


def _told(found: _Found, original: str) -> Address:
    rest = found.rest.lstrip(",、.;")
    town, rest = _cut(_TOWN, "town", rest) if found.places or found.former else ("", rest)
    street, rest = _cut(_STREET, "street", rest)
    house = match["house"] if (match := _HOUSE.search(rest)) else ""
    rest = rest[: len(rest) - len(house)] if house else rest
    names = {area.level: area.name for area in found.places}
    code = found.places[-1].code if found.places else ""
    today = found.today or (_today(found.places[-1]) if found.places else "")
    return Address(
        found.former or names.get("province") or _above(code, 2),
        names.get("city") or _above(code, 4),
        names.get("county", ""),
        town,
        street,
        house,
        rest,
        code,
        areas.full_name(today) if today else "",
        today,
        tuple(dict.fromkeys(found.findings)),
        found.certainty,
        original,
    )


def _cut(pattern: re.Pattern[str], name: str, text: str) -> tuple[str, str]:
    match = pattern.match(text)
    return (match[name], text[match.end() :]) if match else ("", text)


def _above(code: str, digits: int) -> str:
    """The province or city a code belongs to; "" where it is one itself or stands under none."""
    upper = code[:digits].ljust(6, "0")
    bare = digits == 4 and (code[:2] in CENTRAL or code[2:4] in ("00", "90"))
    area = areas.at(upper) if code and upper != code and not bare else None
    return area.name if area else ""


@cache
def _provinces() -> dict[str, Area]:
    """Every writing of a province but its one-character names."""
    found: dict[str, Area] = {}
    for area in areas.everything():
        if area.level == "province" and area.until is None:
            for word in (area.name, areas.stem(area.name)):
                found[word] = area
    return found


@cache
def _short() -> dict[str, str]:
    row = next(row for row in table("old_places").rows if row["kind"] == "short")
    return {str(name): str(code) for name, code in row["names"].items()}


@cache
def _former() -> dict[str, str]:
    """Former provinces → what they belong to today, as words."""
    return {
        word: str(code.more.get("now", ""))
        for code in entries("former_province")
        for word in code.words
    }


@cache
def _old() -> dict[str, tuple[str, str]]:
    """An old name → digits of its province and the code of today, "" where only that is certain."""
    return {
        row["name"]: (row["province"], row["now"])
        for row in table("old_places").rows
        if row["kind"] == "old"
    }


def _province(text: str) -> _Found:
    for size in range(min(len(text), 8), 1, -1):
        head = text[:size]
        if head in _provinces():
            rest = text[size:]
            rest = rest.removeprefix("省") if not head.endswith(("省", "市", "区")) else rest
            if rest.startswith("市") and _provinces()[head].name == f"{head}市":
                rest = rest[1:]
            return _Found(rest, (_provinces()[head],))
        if head in _former() and head != "旅大市" and (size < len(text) or size > 2):
            return _Found(text[size:], (), ("former province",), "approximate", head)
    for size in (2, 1):
        code = _short().get(text[:size])
        inner = _best(text[size:], code or "", None) if code else None
        area = areas.at(f"{code}0000") if code else None
        if area and inner:
            return _Found(text[size:], (area,), ("abbreviated",), "approximate")
    return _Found(text)


def _deeper(found: _Found, year: int | None) -> _Found | None:
    """One division more, inside those read; None where the text goes on with something else."""
    under = found.places[-1].code if found.places else ""
    found = replace(found, rest=found.rest.lstrip(",、.·/-"))
    if under and not under.endswith("00"):
        return None
    digits = under.rstrip("0") if under else ""
    digits = digits if len(digits) % 2 == 0 else digits + "0"
    best = _best(found.rest, digits, year)
    if best is None and len(digits) > 2:
        best = _best(found.rest, digits[:2], year)
        if best and any(area.code[2:4] == "00" for area in best[1]):
            best = None
    if best is None:
        return _old_name(found, digits[:2])
    size, held = best
    area, doubt, several = _chosen(held, year)
    if under and not area.code.endswith("0000") and len(under.rstrip("0")) > 2:
        nested = area.code[:4] == under[:4] or _ever_under(held, under)
        several = [*several, *([] if nested else ["nesting"])]
    whole = found.rest[:size]
    if not under and whole == areas.stem(area.name) and len(whole) < len(area.name):
        several, doubt = [*several, "abbreviated"], worst(doubt, "approximate")
    lost = ["old name"] if area.until is not None and year is None else []
    return replace(
        found,
        rest=found.rest[size:],
        places=(*found.places, area),
        findings=(*found.findings, *dict.fromkeys([*several, *lost])),
        certainty=worst(found.certainty, doubt, "doubtful" if "nesting" in several else "sure"),
    )


def _ever_under(held: tuple[Area, ...], city: str) -> bool:
    """Whether the county ever belonged to the city, or the city's code has no counties of its own."""
    stems = {areas.stem(area.name) for area in held}
    return any(area.code[:4] == city[:4] for stem in stems for area in areas.named(stem))


def _old_name(found: _Found, province: str) -> _Found | None:
    for size in range(min(len(found.rest), 9), 1, -1):
        known = _old().get(found.rest[:size])
        if not known or (province and known[0] != province):
            continue
        area = areas.at(known[1]) if known[1] else areas.at(f"{known[0]}0000")
        above = areas.at(f"{known[0]}0000")
        if not area or not above:
            return None
        places = found.places or (above,)
        named = replace(area, name=found.rest[:size], until=area.until)
        deeper = (*places, named) if known[1] else places
        findings = (*found.findings, "old name")
        mark = worst(found.certainty, "approximate")
        return replace(
            found,
            rest=found.rest[size:],
            places=deeper,
            findings=findings,
            certainty=mark,
            today=known[1],
        )
    return None


def _best(text: str, digits: str, year: int | None) -> tuple[int, tuple[Area, ...]] | None:
    """The longest beginning of the text that names divisions under `digits`, and those."""
    longest = min(len(text), LONGEST_NAME)
    for size in range(longest, SHORTEST_NAME - 1, -1):
        named = areas.named(text[:size])
        inside = tuple(a for a in named if a.code.startswith(digits) and a.code[:6] != digits)
        inside = tuple(a for a in inside if not a.code.endswith("0000")) if digits else inside
        if inside and not _goes_on(text, size, inside):
            then = tuple(a for a in inside if year and a.stood(year, slack=areas.SLACK))
            return size, then or inside
    return None


def _goes_on(text: str, size: int, held: tuple[Area, ...]) -> bool:
    """新华路 and 朝阳村 only begin like a division: what follows a bare stem must not go on so."""
    whole = any(area.name == text[:size] for area in held)
    return not whole and bool(re.match(r"[路街巷里村屯庄镇乡]", text[size:]))


def _chosen(held: tuple[Area, ...], year: int | None) -> tuple[Area, Certainty, list[str]]:
    """One of several: those that stand today go first, a city before its county of the same name."""
    now = [area for area in held if area.until is None]
    pool = now if now and year is None else list(held)
    if year is None and not now:
        last = max(area.until or 0 for area in held)
        pool = [area for area in held if area.until == last]
    provinces = {area.code[:2] for area in pool}
    cities = {area.code[:4] for area in pool}
    pool.sort(key=lambda area: (area.level != "city", area.code))
    if len(provinces) > 1:
        return pool[0], "doubtful", ["several"]
    if len(cities) > 1:
        return pool[0], "doubtful", ["several"]
    return pool[0], "sure" if len(pool) == 1 else "approximate", []


def _today(area: Area) -> str:
    """The code of today for a division that may have ended; "" where it is not certain."""
    for _step in range(6):
        if area.until is None:
            return area.code
        known = _renamed(area)
        if known:
            return known
        later = {one for one in areas.heirs(area.code) if (one.until or 9999) > (area.until or 0)}
        if len(later) != 1:
            return _namesake(area)
        area = later.pop()
    return ""


def _renamed(area: Area) -> str:
    """By the list of renamed places, or because the code itself lives on under another name."""
    province, today = _old().get(area.name, ("", ""))
    if province == area.code[:2] or (province, area.code[:2]) == ("50", "51"):
        return today
    last = areas.history(area.code)[-1]
    return area.code if last.until is None else ""


def _namesake(area: Area) -> str:
    """The one division of today of that level, stem and province, if there is only one."""
    now = [
        one.code
        for one in areas.named(areas.stem(area.name))
        if one.until is None and one.code[:2] == area.code[:2] and one.level == area.level
    ]
    return now[0] if len(now) == 1 else ""
