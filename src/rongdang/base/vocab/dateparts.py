"""Year, month and day out of a cell that holds nothing else: words, dividers, figures without any."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from functools import cache

from rongdang.base.vocab import lunar
from rongdang.base.vocab.eras import STEM_BRANCH, Year, eras, read_year
from rongdang.base.vocab.lunar import LunarDay
from rongdang.base.vocab.numerals import number
from rongdang.base.vocab.partial import (
    FIRST_YEAR,
    LAST_YEAR,
    PartialDate,
    doubted,
    exact,
    last_day,
    last_of_month,
    lunar_day,
    lunar_month,
    lunar_year,
    span,
    within,
    worst,
)
from rongdang.base.vocab.tables import table

_N = "[0-9零〇一二三四五六七八九两元壹贰叁肆伍陆柒捌玖弍弌十拾廿卄卅丗]"
_SEP = r"[.\-/,;]"
MONTH_NAMES = {"正": 1, "冬": 11, "腊": 12}
SEASONS = {"春": (1, 5), "夏": (4, 8), "秋": (7, 11), "冬": (10, 14)}  # 13, 14: of the next year
HALVES = {"上半": (1, 6), "下半": (7, 12), "初": (1, 4), "中": (5, 8), "末": (9, 12), "底": (9, 12)}
_THIRDS = {"上": (1, 10), "初": (1, 10), "头": (1, 10), "中": (11, 20), "下": (21, 31)}
_THIRDS |= {"底": (21, 31), "末": (21, 31), "尾": (21, 31)}
_SAME = {"同": 0, "当": 0, "本": 0, "是": 0, "该": 0, "次": 1, "翌": 1, "来": 1, "转": 1, "第二": 1}

_RELATIVE = re.compile(rf"(?P<which>{'|'.join(_SAME)})年(?P<rest>.*)")
_HALF = re.compile(r"年?(?P<half>上半|下半|初|中|末|底)(?:年|期|尾)?")
_SEASON = re.compile(
    r"(?:初|早|仲|晚|暮|深|末|隆|孟|季)?(?P<one>[春夏秋冬])(?P<two>[春夏秋冬])?(?:天|季节?|日|之交|之间|间|交|初|末|里)*(?P<past>后)?"
)
_QUARTER = re.compile(r"第?(?P<q>[1-4一二三四])季度?|Q(?P<n>[1-4])")
_MONTH_SPAN = re.compile(
    rf"(?P<a>{_N}{{1,2}})(?P<link>月?[.\-,~至到或]?)(?P<b>{_N}{{1,2}})月(?:份|间|份间)?"
)
_MONTH = re.compile(
    rf"(?P<leap>闰)?(?P<month>[正冬腊]|{_N}{{1,3}})(?P<mark>月份?|{_SEP}{{1,2}}|$|(?=[上中下初底末]))(?P<day>.*)"
)
_DAY = re.compile(rf"(?P<early>初)?(?P<day>{_N}{{1,3}})(?:日|号)?{_SEP}?")
_THIRD = re.compile(r"(?P<third>上|中|下)旬|(?P<edge>初|底|末|中|头|尾)")
_TWO_DAYS = re.compile(rf"(?P<a>{_N}{{1,3}})[日号]?[.\-,~至到或](?P<b>{_N}{{1,3}})[日号]?")
_TWO_YEARS = re.compile(
    rf"(?P<a>{_N}{{2}}|{_N}{{4}})年?(?P<link>或|/|\.|,)(?P<b>{_N}{{2}}|{_N}{{4}})年"
)


@cache
def _head() -> re.Pattern[str]:
    names = "|".join(sorted(eras(), key=len, reverse=True))
    return re.compile(
        rf"(?P<era>{names})?(?P<year>{STEM_BRANCH}|(?:[一二两]千(?:{_N}百)?)?{_N}{{1,4}})"
        rf"(?P<mark>年度|学年度?|年{_SEP}?|{_SEP}{{1,2}}|(?=[春夏秋冬Q])|$)(?P<rest>.*)"
    )


def parts_of(text: str, told: str, year: int | None, original: str) -> PartialDate | None:
    """The date `text` names; `told` its calendar where something said it, `year` that of the line."""
    if text.isdecimal():
        return _figures(text, original)
    relative = _RELATIVE.fullmatch(text)
    if relative:
        that = year + _SAME[relative["which"]] if year else None
        return _rest(Year(that, that, that), relative["rest"], told, original) if that else None
    two = _TWO_YEARS.fullmatch(text)
    if two and (found := _two_years(two, original)):
        return found
    match = _head().fullmatch(text)
    said = read_year(match["year"], match["era"] or "") if match else None
    if match and said:
        return _with_year(match, said, told, original)
    named = month_and_day(text, year, told, original) if year else None
    return doubted(named, "doubtful") if named else None


def _with_year(match: re.Match[str], year: Year, told: str, original: str) -> PartialDate | None:
    mark, rest = match["mark"], match["rest"]
    divided = bool(mark) and "年" not in mark
    if divided and year.certainty == "doubtful" and not re.search(rf"{_SEP}{_N}|月", rest):
        return None  # 12.5 is a number before it is May 1912
    if not divided and year.calendar == "minguo" and not match["era"] and "月" not in rest:
        return None  # 三十七年 alone is a time that passed
    if not (mark or match["era"] or rest) and year.value < 1000:
        return None
    found = _rest(year, rest, told, original)
    until = _until(rest) if divided and "-" not in mark else 0
    if not found or found.precision != "day" or found.earliest.month >= until:
        return found
    latest = last_day(year.value, until)  # 1953.7-9: the 9th, or July to September
    first = found.earliest.replace(day=1)
    return replace(found, earliest=first, latest=latest, certainty="doubtful")


def _until(rest: str) -> int:
    """The month behind a dash, where what stands there can be one: 9 of 7-9."""
    match = re.fullmatch(rf"{_N}{{1,2}}-({_N}{{1,2}})", rest)
    month = number(match[1]) or 0 if match else 0
    return month if month <= 12 else 0


def _rest(year: Year, rest: str, told: str, original: str) -> PartialDate | None:
    """What follows the year, for every year that may be meant."""
    found = _in_year(year.value, year, rest, told, original)
    if found is None:
        return None
    calendar = found.calendar if found.calendar == "lunar" else year.calendar
    if calendar == "lunar" and found.calendar != "lunar":
        calendar = "gregorian"
    found = replace(found, calendar=calendar, certainty=worst(found.certainty, year.certainty))
    if year.first == year.last:
        return found
    ends = [_in_year(one, year, rest, told, original) for one in (year.first, year.last)]
    known = [one for one in (*ends, found) if one]
    return replace(
        found,
        earliest=min(one.earliest for one in known),
        latest=max(one.latest for one in known),
        certainty="doubtful",
    )


def _in_year(value: int, year: Year, rest: str, told: str, original: str) -> PartialDate | None:
    moon = told == "lunar" or (year.lunar and told != "gregorian")
    if re.fullmatch(rf"(?:0{{1,2}}月?)?(?:{_SEP}?0{{1,2}}日?)?|月?日?|月份", rest):
        return lunar_year(value, original) if moon else exact(value, None, None, original)
    return (
        _vague(value, rest, original)
        or _festival(value, rest, told, original)
        or month_and_day(rest, value, "lunar" if moon else told, original)
    )


def _vague(year: int, rest: str, original: str) -> PartialDate | None:
    if match := _HALF.fullmatch(rest):
        months = HALVES[match["half"]]
    elif match := _SEASON.fullmatch(rest):
        months = SEASONS[match["one"]][0], SEASONS[match["two"] or match["one"]][1]
        months = (months[0], months[1] + 1) if match["past"] else months
    elif match := _QUARTER.fullmatch(rest):
        quarter = number(match["q"] or match["n"]) or 1
        months = 3 * quarter - 2, 3 * quarter
    else:
        return None
    return _months(year, *months, original)


def _months(year: int, first: int, last: int, original: str) -> PartialDate | None:
    start, end = span(year, first), span(year + (last > 12), last - 12 if last > 12 else last)
    if not start or not end:
        return None
    return within(f"{year:04d}", "season", (start[0], end[1]), original)


@cache
def _festivals() -> tuple[tuple[str, str, int, tuple[int, ...]], ...]:
    rows = table("festivals").rows
    named = [
        (name, str(row["calendar"]), int(row["month"]), tuple(row["days"]))
        for row in rows
        for name in row["names"]
    ]
    return tuple(sorted(named, key=lambda one: -len(one[0])))


def _festival(year: int, rest: str, told: str, original: str) -> PartialDate | None:
    for name, kind, month, days in _festivals():
        if not rest.endswith(name):
            continue
        before = rest[: -len(name)]
        if before:  # 八月十五中秋节
            named = month_and_day(before, year, "lunar" if kind == "lunar" else told, original)
            own = _festival(year, name, told, original)
            agree = named and own and named.earliest <= own.earliest <= named.latest
            return own if agree else None
        if kind == "gregorian":
            return exact(year, month, days[0], original)
        if kind == "term":
            bounds = date(year, month, days[0]), date(year, month, days[1])
            return within(f"{year:04d}-{month:02d}", "month", bounds, original)
        found = [
            lunar_day(LunarDay(year, month, day), original, told=told == "lunar")
            if day
            else last_of_month(year, month, original, told=told == "lunar")
            for day in days
        ]
        return _spread([one for one in found if one])
    return None


def _spread(found: list[PartialDate]) -> PartialDate | None:
    """Several days that are all possible, as one date."""
    if len(found) < 2:
        return found[0] if found else None
    latest = max(one.latest for one in found)
    return replace(found[0], latest=latest, certainty="doubtful")


def month_and_day(text: str, year: int, told: str, original: str) -> PartialDate | None:
    """A month, with or without its day, in a year that is known."""
    if text == "十冬腊月":
        first, last = lunar.month_of(year, 10), lunar.month_of(year, 12)
        days = (first.first, last.last) if first and last else None
        return within(f"{year:04d}", "season", days, original, "lunar") if days else None
    two = _MONTH_SPAN.fullmatch(text)
    if two and (found := _two_months(two, year, told, original)):
        return found
    match = _MONTH.fullmatch(text)
    if not match:
        return None
    month = MONTH_NAMES.get(match["month"]) or number(match["month"])
    if not month or month > 12:
        return None
    day = match["day"]
    early = bool(re.match(rf"初{_N}", day))
    named = match["month"] in MONTH_NAMES or bool(match["leap"])
    if told == "lunar" or (told != "gregorian" and (named or early)):
        return _lunar(LunarDay(year, month, 0, bool(match["leap"])), day, told, original)
    return _solar(year, month, day, original)


def _two_months(two: re.Match[str], year: int, told: str, original: str) -> PartialDate | None:
    first, last, link = number(two["a"]) or 0, number(two["b"]) or 0, two["link"]
    together = number(two["a"] + two["b"]) or 0
    if not 1 <= first < last <= 12:
        return None
    if not link and (together <= 12 or last != first + 1 or two["a"].isdecimal()):
        return None  # 十一月, 二十月; but 七八月
    if told == "lunar":
        start, end = lunar.month_of(year, first), lunar.month_of(year, last)
        days = (start.first, end.last) if start and end else None
        return within(f"{year:04d}", "season", days, original, "lunar") if days else None
    found = _months(year, first, last, original)
    return doubted(found, "doubtful") if found and "或" in link else found


def _solar(year: int, month: int, day: str, original: str) -> PartialDate | None:
    whole = exact(year, month, None, original)
    if (
        whole is None
        or day in ("", "日", "间", "内", "份", "里")
        or re.fullmatch(r"0{1,2}日?", day)
    ):
        return whole
    if match := _DAY.fullmatch(day):
        return exact(year, month, number(match["day"]), original)
    if match := _THIRD.fullmatch(day):
        first, last = _THIRDS[match["third"] or match["edge"]]
        end = last_day(year, month)
        bounds = date(year, month, first), min(end, end.replace(day=min(last, end.day)))
        return within(whole.value, "month", bounds, original)
    if match := _TWO_DAYS.fullmatch(day):
        one, two = (span(year, month, number(match[key])) for key in ("a", "b"))
        if one and two and one < two:
            return replace(whole, earliest=one[0], latest=two[1], certainty="doubtful")
    return None


def _lunar(month: LunarDay, day: str, told: str, original: str) -> PartialDate | None:
    said = told == "lunar"
    whole = lunar_month(month.year, month.month, original, leap=month.leap, told=said)
    if day in ("", "日", "间", "份", "里") or _THIRD.fullmatch(day):
        return whole
    match = _DAY.fullmatch(day)
    if not match or (count := number(match["day"])) is None:
        return None
    if not 1 <= count <= 30 or (match["early"] and count > 10):
        return doubted(whole, "doubtful") if whole else None
    return lunar_day(replace(month, day=count), original, told=said)


def _two_years(two: re.Match[str], original: str) -> PartialDate | None:
    first, second = read_year(two["a"]), read_year(two["b"])
    if not first or not second or not 0 < second.value - first.value <= 3:
        return None
    days = span(first.value), span(second.value)
    if not days[0] or not days[1]:
        return None
    whole = exact(first.value, None, None, original)
    return replace(whole, latest=days[1][1], certainty="doubtful") if whole else None


def _figures(text: str, original: str) -> PartialDate | None:
    """Figures without dividers: 19530712, 195307, 530712, 1953712, 5307, 1953, 19530712000000."""
    if len(text) == 14 and text.endswith("000000"):
        text = text[:8]
    if len(text) == 8:
        return exact(int(text[:4]), int(text[4:6]) or None, int(text[6:]) or None, original)
    if len(text) == 7:
        return _split_anywhere(text, original)
    if len(text) == 6:
        return _six(text, original)
    if len(text) != 4:
        return None
    year = int(text)
    if FIRST_YEAR <= year <= LAST_YEAR:
        return exact(year, None, None, original)
    short = exact(1900 + int(text[:2]), int(text[2:]), None, original) if int(text[2:]) else None
    return doubted(short, "doubtful") if short and int(text[:2]) >= 25 else None


def _six(text: str, original: str) -> PartialDate | None:
    long = exact(int(text[:4]), int(text[4:]), None, original) if int(text[4:]) else None
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    short = [
        one
        for century in (1900, 2000)
        if year < 25 or century == 1900
        for one in (exact(century + year, month, day, original) if month and day else None,)
        if one and one.precision == "day"
    ]
    every = [one for one in (long, *short) if one]
    if not short or not every:
        return long
    return replace(
        every[0],
        earliest=min(one.earliest for one in every),
        latest=max(one.latest for one in every),
        certainty="doubtful",
    )


def _split_anywhere(text: str, original: str) -> PartialDate | None:
    """Seven figures: month or day lacks its nought; 1953112 is 1-12 or 11-2."""
    year = int(text[:4])
    ways = [
        exact(year, int(text[4:cut]), int(text[cut:]), original)
        for cut in (5, 6)
        if int(text[4:cut]) and int(text[cut:]) and text[cut] != "0"
    ]
    days = [one for one in ways if one and one.precision == "day"]
    if len(days) == 2:
        whole = exact(year, None, None, original)
        first, last = sorted(one.earliest for one in days)
        return replace(whole, earliest=first, latest=last, certainty="doubtful") if whole else None
    return doubted(days[0], "doubtful") if days else None
