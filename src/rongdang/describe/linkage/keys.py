"""Under which keys a record is found: two records are compared only if they share one.

A key is a text; its first letter names the rule. The product keeps them keyed-hashed in an indexed
column; the batch joins on them. A key borne by too many records leads nowhere: what is rare about
those records stands in their narrower keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from rongdang.describe.linkage.records import Features


class Rule(NamedTuple):
    """`sql` gives the key of a row of features, or null, as `keys_of` does; a test compares them."""

    letter: str
    means: str
    most: int  # records under one key before it is passed over
    sql: str


_MONTH = "birth_year || '-' || birth_month"
_DAY = f"case when birth_day is not null then {_MONTH} || '-' || birth_day end"
_ENLISTED = "enlisted_year || '-' || enlisted_month"
_WHERE = "coalesce(county, place)"
_LONG = "case when length(number) = 15 then"
RULES = (
    Rule("i", "身份证号（十五位）", 60, "number"),
    Rule("j", "身份证号的出生与顺序部分", 30, f"{_LONG} substr(number, 7) end"),
    Rule("k", "身份证号的地区与出生部分", 30, f"{_LONG} substr(number, 1, 12) end"),
    Rule(
        "l",
        "身份证号的地区与顺序部分",
        12,
        f"{_LONG} substr(number, 1, 6) || substr(number, 13) end",
    ),
    Rule("n", "姓名（含曾用名）", 12, "one"),
    Rule("y", "姓名（含曾用名）与出生年", 80, "one || birth_year"),
    Rule("d", "姓名（含曾用名）与出生月日", 40, "one || birth_month || '-' || birth_day"),
    Rule("e", "姓名（含曾用名）与入伍年月", 60, f"one || {_ENLISTED}"),
    Rule("m", "读音与出生年月", 80, f"loose || {_MONTH}"),
    Rule("s", "读音与入伍年月", 60, f"loose || {_ENLISTED}"),
    Rule("h", "形近字归一后的姓名与出生年", 60, "shape || birth_year"),
    Rule("p", "姓、出生年月日与籍贯", 30, f"surname || {_DAY} || {_WHERE}"),
    Rule("b", "出生年月日、入伍年月与省份", 30, f"{_DAY} || {_ENLISTED} || province"),
    Rule("q", "姓、出生年月与入伍年月", 20, f"surname || {_MONTH} || '-' || {_ENLISTED}"),
    Rule(
        "w",
        "姓、出生年、入伍年与籍贯",
        20,
        f"surname || birth_year || '-' || enlisted_year || {_WHERE}",
    ),
    Rule("x", "亲属姓名与出生年", 20, "relative || birth_year"),
    Rule("u", "读音与单位", 20, "loose || unit"),
)
MOST = {rule.letter: rule.most for rule in RULES}


def keys_of(one: Features) -> list[str]:
    """All keys of a record, each once."""
    return list(dict.fromkeys((*_of_number(one), *_of_names(one), *_of_facts(one))))


def _of_number(one: Features) -> Iterator[str]:
    if one.number:
        yield f"i{one.number}"
        if len(one.number) == 15:
            yield f"j{one.number[6:]}"
            yield f"k{one.number[:12]}"
            yield f"l{one.number[:6]}{one.number[12:]}"


def _of_names(one: Features) -> Iterator[str]:
    year, month, day = one.birth_year, one.birth_month, one.birth_day
    for name in one.names:
        yield f"n{name}"
        if year:
            yield f"y{name}{year}"
        if day:
            yield f"d{name}{month}-{day}"
        if one.enlisted_month:
            yield f"e{name}{one.enlisted_year}-{one.enlisted_month}"
    if one.loose and month:
        yield f"m{one.loose}{year}-{month}"
    if one.loose and one.enlisted_month:
        yield f"s{one.loose}{one.enlisted_year}-{one.enlisted_month}"
    if year and one.shape:
        yield f"h{one.shape}{year}"
    if one.loose and one.unit:
        yield f"u{one.loose}{one.unit}"


def _of_facts(one: Features) -> Iterator[str]:
    year, month, day = one.birth_year, one.birth_month, one.birth_day
    if not year:
        return
    for name in one.kin:
        yield f"x{name}{year}"
    if one.surname and one.enlisted_year:
        if month and one.enlisted_month:
            yield f"q{one.surname}{year}-{month}-{one.enlisted_year}-{one.enlisted_month}"
        if one.county or one.place:
            yield f"w{one.surname}{year}-{one.enlisted_year}{one.county or one.place}"
    if not day:
        return
    if one.surname and (one.county or one.place):
        yield f"p{one.surname}{year}-{month}-{day}{one.county or one.place}"
    if one.enlisted_month and one.province:
        yield f"b{year}-{month}-{day}{one.enlisted_year}-{one.enlisted_month}{one.province}"
