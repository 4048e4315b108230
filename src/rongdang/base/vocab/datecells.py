"""The date in a cell, whole: what marks, brackets and calendar words say of it, then its parts."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, replace

from rongdang.base.vocab import lunar
from rongdang.base.vocab.dateorders import other_order
from rongdang.base.vocab.dateparts import month_and_day, parts_of
from rongdang.base.vocab.eras import STEM_BRANCH
from rongdang.base.vocab.partial import (
    BEGINNING,
    END,
    Certainty,
    PartialDate,
    doubted,
    within,
    worst,
)

NO_DATE = "no date"  # a cell that is understood, and holds none
_FOLD = str.maketrans(
    "○◯Ο。，、·•・‧∙_＿\\|﹒：:—–－‒―念緒統憲國曆舊陽陰農閏臘號節润",
    "〇〇〇...............-----廿绪统宪国历旧阳阴农闰腊号节闰",
)
_LETTERS = str.maketrans("OoIl", "0011")
_TIME = re.compile(
    r"(?:(?<=[日号\s])|[T\s])\s*(?P<half>上午|下午|AM|PM)?\s*(?P<clock>\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?)"
    r"\s*(?:AM|PM|Z|[+-]\d\d(?::?\d\d)?)?$",
    re.IGNORECASE,
)
_HOUR = re.compile(
    r"(?<=[日号])(?:凌晨|清晨|早晨|早上|早|晨|上午|中午|午|下午|傍晚|晚上|晚|夜间|夜|\d{1,2}[时点]"
    r"(?:\d{1,2}分?|半|许)?)+$"
)
_WEEKDAY = re.compile(r"[(.]?(?:星期|礼拜|周)[一二三四五六日天][).]?$")
_DECADE = re.compile(
    r"^(?:公元)?(?P<tens>[12]\d{2}|[一二]?[一二三四五六七八九〇]{3})[×xX✕*?](?:年代?)?$"
)
_CENTURY = re.compile(r"(?<!\d)(?:\d{2}|一九|二〇)[×xX✕*?]{2}")
_FIFTIES = re.compile(
    r"^(?:20世纪|二十世纪|上世纪|上个世纪|1?9?)?(?P<tens>[2-9]0|[二三四五六七八九][十〇零])(?:年代|'?s)(?P<part>初期?|末期?|后期|中期?|前期)?$"
)
_ASKED = re.compile(r"\(?(?:存疑|待核实?|待查实?|待考|可能是?|似为|似|疑为|疑|或许|据说)\)?")
_ABOUT = re.compile(
    r"\(?(?:大约|约摸|约在|约于|约为|约|大概|估计|左右|前后|上下|(?<=[年月日])许$)\)?|^(?:ca?\.?|~)(?=\d)"
)
_UNKNOWN = re.compile(
    r"[(.,;]?(?:具体|准确|确切)?(?:出生)?(?:年?月日|日期|月份|日子|月|日|时间)?(?:不详|不清楚?|不明|未知|无考|失记|记不清|待查)\)?"
)
_BLANKS = re.compile(r"(?<=[年月.\-/])[×xX✕*]+(?=[年月日.\-/]|$)")
_BEFORE = re.compile(r"(?:以前|之前|前)$")
_AFTER = re.compile(r"(?:以后|之后|后)$")
_LUNAR = re.compile(r"农历|阴历?|旧历|古历|夏历|废历|农(?=$|[)\d一二三四五六七八九十正冬腊])")
_SOLAR = re.compile(r"公历|(?<![端重])阳历?|新历|国历|西历|公元(?!前)|西元")
_LEAD = re.compile(
    r"^(?:生于|出生于|出生日期|出生时间|出生年月|日期|时间|截至|截止|于|在|自|从|至|到)[.:]?"
)
_TAIL = re.compile(
    r"(?:日?出生|日?生(?!于)|入伍|入党|入团|参军|转正|参加工作|参加革命|任职?|填表?|制表?|起|止|度|间|整|\.)+$"
)
_QUOTES = "'\"“”‘’`[]【】〔〕{}《》<>"


@dataclass(frozen=True, slots=True)
class _Cell:
    """What is left of a cell to be read, and what was said beside the date."""

    text: str
    original: str
    certainty: Certainty = "sure"
    told: str = ""  # lunar, gregorian, or nothing said
    beside: tuple[str, ...] = ()  # brackets that hold figures


def read_cell(text: str, year: int | None = None) -> PartialDate | str | None:
    """The date; NO_DATE where the cell surely holds none; None where it is not of these forms."""
    folded = unicodedata.normalize("NFKC", text).strip().strip(_QUOTES).strip()
    early = _other_orders(folded, text)
    if early is not None:
        return early
    cell = _marks(_Cell(_flat(folded), text))
    if cell is None:
        return NO_DATE
    return _read(_brackets(cell), year)


def _other_orders(folded: str, original: str) -> PartialDate | str | None:
    """Forms whose blanks and colons have to be seen: exports of databases, English and Soviet ones."""
    turned = other_order(folded, original)
    if turned is not None:
        return turned
    decade = _DECADE.fullmatch(folded.translate(_FOLD)) or _FIFTIES.fullmatch(folded)
    if decade:
        return _decade(decade, original)
    empty = _CENTURY.search(folded) or "公元前" in folded or re.match(r"\s*(?:19|20)\s+年", folded)
    return NO_DATE if empty else None


def _decade(match: re.Match[str], original: str) -> PartialDate | None:
    tens = match["tens"]
    asked: Certainty = "doubtful" if "?" in match.string else "approximate"
    figures = "".join(
        str("〇一二三四五六七八九".find(c)) if c in "〇一二三四五六七八九" else c for c in tens
    )
    figures = re.sub("[十零]", "0", figures)
    first = int(figures) * 10 if len(figures) == 3 else 1900 + int(figures)
    part = (match.groupdict().get("part") or "")[:1]
    low, high = {"初": (0, 3), "前": (0, 3), "中": (3, 7), "末": (6, 9), "后": (6, 9)}.get(
        part, (0, 9)
    )
    if not BEGINNING.year <= first <= END.year - 9:
        return None
    days = BEGINNING.replace(year=first + low), END.replace(year=first + high)
    return doubted(within(f"{first:04d}", "decade", days, original), asked)


def _flat(folded: str) -> str:
    """Without time of day, weekday and blanks; every divider a full stop, letters for digits digits."""
    text = re.sub(r"_{2,}", "", _TIME.sub("", folded))  # __ is a place that was left empty
    if re.fullmatch(r"\d{2,4}(?:\s+\d{1,2}){1,2}", text):
        text = re.sub(r"\s+", ".", text)
    text = "".join(text.split()).translate(_FOLD)
    text = re.sub(r"国历(?=[一二三四五六七八九十廿卅]{1,3}年)", "民国", _WEEKDAY.sub("", text))
    if not re.search(r"[A-HJ-NP-WYZa-kmnp-wyz]", text):
        text = text.translate(_LETTERS)
    return _HOUR.sub("", text)


def _marks(cell: _Cell) -> _Cell | None:
    """The doubt and the calendar a cell speaks of; None where it says it does not know."""
    text, certainty = cell.text, cell.certainty
    marks: tuple[tuple[re.Pattern[str], Certainty], ...] = (
        (_ASKED, "doubtful"),
        (_ABOUT, "approximate"),
    )
    for pattern, mark in marks:
        said = pattern.sub("", text)
        if said != text:
            text, certainty = said, worst(certainty, mark)
    if text.endswith("-"):  # 1953.7—: something was to follow
        certainty = "doubtful"
    if "?" in text:
        text, certainty = re.sub(r"\(\?+\)|\?", "", text), "doubtful"
    text = _BLANKS.sub("", _UNKNOWN.sub("", text))
    if not re.search(
        r"[\d一二三四五六七八九十元正冬腊廿卅癸甲乙丙丁戊己庚辛壬壹贰叁肆伍陆柒捌玖]", text
    ):
        return None
    return replace(cell, text=text, certainty=certainty)


def _brackets(cell: _Cell) -> _Cell:
    """Brackets taken out: those that only name the calendar, those that say the date again."""
    text, told, beside = cell.text, cell.told, []
    text = re.sub(r"(?<=[日号])[.,;](?=(?:农历|阴历|旧历|古历|夏历)[^()]*$)(.*)$", r"(\1)", text)
    text = re.sub(r"^\(([^()]*)\)$", r"\1", text)
    for match in re.finditer(r"\(([^()]*)\)", text):
        inner = match[1]
        rest = _LUNAR.sub("", _SOLAR.sub("", inner))
        if not rest:
            told = "lunar" if _LUNAR.search(inner) else "gregorian" if inner else told
            text = text.replace(match[0], "", 1)
        elif re.search(r"\d|[初廿卅]|[一二三四五六七八九十正冬腊]+月|" + STEM_BRANCH, rest):
            beside.append(inner)
            text = text.replace(match[0], "\0", 1)
        else:
            text = text.replace(match[0], "", 1)
    return replace(cell, text=text, told=told, beside=tuple(beside))


def _read(cell: _Cell, year: int | None) -> PartialDate | str | None:
    text = cell.text
    if len(cell.beside) == 1 and text.endswith("年\0") and "月" in cell.beside[0]:
        inner = cell.beside[0]  # 民国三十七年(十月): no second date, the rest of the first
        return _read(replace(cell, text=text.replace("\0", inner), beside=()), year)
    if len(cell.beside) > 1:
        return None
    text = text.replace("\0", "")
    told = cell.told
    if _LUNAR.search(text):
        text, told = _LUNAR.sub("", text), "lunar"
    elif _SOLAR.search(text):
        text, told = _SOLAR.sub("", text), "gregorian"
    found = _open_ended(text, told, year, cell.original)
    if not isinstance(found, PartialDate):
        return found
    found = doubted(found, cell.certainty)
    return _compared(found, cell.beside[0]) if cell.beside else found


def _open_ended(text: str, told: str, year: int | None, original: str) -> PartialDate | str | None:
    text = _LEAD.sub("", text)
    whole = parts_of(text, told, year, original)
    if whole:
        return whole
    for pattern, before in ((_BEFORE, True), (_AFTER, False)):
        cut = pattern.sub("", text)
        if cut != text:
            found = parts_of(cut, told, year, original)
            if not isinstance(found, PartialDate):
                return found
            edge = {"earliest": BEGINNING} if before else {"latest": END}
            return replace(found, certainty="doubtful", **edge)  # type: ignore[arg-type]
    return parts_of(_TAIL.sub("", text), told, year, original)


def _compared(found: PartialDate, inner: str) -> PartialDate | str | None:
    """A date that is said twice: in agreement sure, otherwise doubtful; the Gregorian one is kept."""
    name = re.search(STEM_BRANCH, inner)
    if name and len(re.sub(r"[年.]", "", inner)) == 2:
        years = {lunar.sexagenary(day.year) for day in (found.earliest, found.latest)}
        mixed = found.calendar != "lunar" and found.precision in ("month", "day")
        return found if name[0] in years and not mixed else doubted(found, "doubtful")
    told = "lunar" if _LUNAR.search(inner) else "gregorian"
    bare = _LUNAR.sub("", _SOLAR.sub("", inner))
    if found.precision not in ("day", "month", "year") or not (
        _LUNAR.search(inner) or _SOLAR.search(inner)
    ):
        return None  # a second date of its own: 1953.7（1952.8）
    for year in (found.earliest.year, found.earliest.year - 1):
        other = month_and_day(bare, year, told, found.original) or parts_of(
            bare, told, None, found.original
        )
        if isinstance(other, PartialDate) and _touch(found, other):
            kept = other if told == "gregorian" else found
            return replace(kept, certainty=worst("sure", found.certainty))
    return doubted(found, "doubtful")


def _touch(one: PartialDate, other: PartialDate) -> bool:
    return one.earliest <= other.latest and other.earliest <= one.latest
