"""The kinds of value a cell may be, told from the text alone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from rongdang.base.vocab import codes, dates, fields, ids, masks
from rongdang.base.vocab.names import COMPOUND, normalise_name
from rongdang.base.vocab.tables import table
from rongdang.capture.sources.rules import words
from rongdang.capture.sources.values import BRACKETS, folded

ID, PHONE, ACCOUNT, DATE, NUMBER, MONEY = "id", "phone", "account", "date", "number", "money"
NAME, PLACE, TEXT, NOTHING, CODE = "name", "place", "text", "nothing", "code:"
BRACKETED = "bracketed"  # 张山（张三）
DAY_FIRST, MONTH_FIRST, EITHER_FIRST = "day-first", "month-first", "either-first"  # 12/7/1953
PERSONAL = frozenset({ID, PHONE, ACCOUNT, NAME, PLACE, BRACKETED})
LOOSE = frozenset({TEXT, NUMBER, MONEY, NOTHING, PLACE})  # other kinds among them say little
WORDS_ZH = {
    ID: "身份号码",
    PHONE: "电话",
    ACCOUNT: "账号",
    DATE: "日期",
    NUMBER: "数字",
    MONEY: "金额",
    NAME: "姓名",
    PLACE: "地名地址",
    TEXT: "文字",
    NOTHING: "没填的写法",
    BRACKETED: "带括号的姓名",
    DAY_FIRST: "日月年",
    MONTH_FIRST: "月日年",
    EITHER_FIRST: "日月年或月日年",
    "code": "代码",
}
WORDS_EN = {
    ID: "ID numbers",
    PHONE: "telephones",
    ACCOUNT: "accounts",
    DATE: "dates",
    NUMBER: "numbers",
    MONEY: "amounts",
    NAME: "names",
    PLACE: "places",
    TEXT: "text",
    NOTHING: "words for nothing",
    BRACKETED: "names with brackets",
    DAY_FIRST: "dates, the day first",
    MONTH_FIRST: "dates, the month first",
    EITHER_FIRST: "dates, day or month first",
    "code": "codes",
}
_ID = re.compile(r"(?:\d{15}|\d{17}[\dXx])$")
_PHONE = re.compile(r"(?:1[3-9]\d{9}|0\d{2,3}[-—]?\d{7,8}|\d{3,4}[-—]\d{7,8}|[2-8]\d{6,7})$")
_ACCOUNT = re.compile(r"\d{16,19}$")
_NUMBER = re.compile(r"[+-]?\d{1,19}(?:\.\d+)?$")
_MONEY = re.compile(r"[¥￥]?\d{1,3}(?:,\d{3})+(?:\.\d{1,2})?元?$|[¥￥]?\d+\.\d{1,2}元?$|\d+元$")
_DATE = re.compile(r"[\d零〇○一二三四五六七八九十廿卅元民]")
_PLACE = re.compile(r"[\u3400-\u9fff]{2,}?(?:省|市|县|(?<!军)区|州|盟|旗|乡|镇|村|街|路|里)")
_HAN = re.compile(r"[\u3400-\u9fff\U00020000-\U0003ffff]{2,4}$")
THREE = re.compile(r"(\d{1,2})[./\-](\d{1,2})[./\-](?:19|20)\d\d$")
LONGEST_DATE = 24
FIRST_DAY, LAST_DAY = "1880", "2049"


def of(text: str) -> tuple[str, ...]:
    """Every kind the text may be, the likeliest first; never empty."""
    found = tuple(dict.fromkeys(_kinds(text)))
    return found or (TEXT,)


def base(kind: str) -> str:
    """`code:sex` → `code`."""
    return "code" if kind.startswith(CODE) else kind


def shown(text: str, found: tuple[str, ...]) -> str:
    """A sample as it may be shown to whoever maps the table."""
    if ID in found or ACCOUNT in found:
        return ids.mask(text)
    if PHONE in found:
        return masks.mask_phone(text)
    if found[0] == NAME:
        return masks.mask_name(text)
    if found[0] == PLACE and len(text) > 6:
        return masks.mask_address(text)
    return masks.masked_text(text[:40])


def ordered(kind: str, text: str) -> str:
    """A form in which dates and numbers stand in their order; "" for other kinds."""
    if kind == DATE:
        found = dates.iso_partial(text) or getattr(dates.parse_date(text), "value", "")
        return found or ""
    if kind == NUMBER:
        whole, _, rest = text.lstrip("+-").partition(".")
        sign = "!" if text.startswith("-") else "0"  # "!" comes before every digit
        return f"{sign}{whole.zfill(18)}.{rest}"
    return ""


def unordered(text: str) -> str:
    """`ordered` as it is told."""
    if len(text) > 18 and text[0] in "!0":
        number = text[1:].lstrip("0").rstrip(".") or "0"
        return f"-{number}" if text[0] == "!" else number
    return text


def _kinds(text: str) -> Iterator[str]:
    word = folded(text)
    if word in _nothing():
        yield NOTHING
    tables = _tables(word)
    yield from (f"{CODE}{name}" for name in tables)
    figures = tuple(_figures(word)) if len(word) <= LONGEST_DATE and _DATE.search(word) else ()
    yield from figures
    if not figures and not tables and _is_name(normalise_name(text)):
        yield NAME
    outside = BRACKETS.sub("", text) if len(text) < 30 and text[-1:] in "）)]】" else ""
    if outside and _is_name(normalise_name(outside)):
        yield from (NAME, BRACKETED)
    if not tables and _PLACE.match(text):
        yield PLACE


def _figures(word: str) -> Iterator[str]:
    if _NUMBER.match(word):
        number = ids.parse_id(word) if len(word) >= 15 else None
        if number is not None and number.birth:
            yield ID
        elif _ACCOUNT.match(word):
            yield ACCOUNT
    elif _ID.match(word):
        yield ID
    turned = THREE.match(word)
    if turned:
        yield _order(int(turned[1]), int(turned[2]))
        return
    day = len(word) < 15 and _day(word)
    if not day and _PHONE.match(word):
        yield PHONE
    if day:
        yield DATE
    if _MONEY.match(word):
        yield MONEY
    if _NUMBER.match(word):
        yield NUMBER


def _order(first: int, second: int) -> str:
    if first > 12:
        return DAY_FIRST
    return MONTH_FIRST if second > 12 else EITHER_FIRST


def _day(word: str) -> bool:
    return bool(dates.iso_partial(word) or dates.parse_date(word))


def _is_name(name: str) -> bool:
    if "·" in name and 3 <= len(name) <= 20:
        return True
    if not _HAN.match(name):
        return False
    return name[:1] in _surnames() or (name[:2] in COMPOUND and len(name) > 2)


@cache
def _nothing() -> frozenset[str]:
    return frozenset(folded(word) for word in words("nothing"))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(name for row in table("surnames").rows for name in row["names"])


@cache
def _code_words() -> dict[str, tuple[str, ...]]:
    """Word of a code table → the tables that have it."""
    found: dict[str, list[str]] = {}
    names = {entry.table for entry in fields.dictionary().values() if entry.table}
    for name in sorted(names):
        for word, (_, how) in codes.writings(name).items():
            if how != "code":
                found.setdefault(word, []).append(name)
    return {word: tuple(tables) for word, tables in found.items()}


def _tables(word: str) -> tuple[str, ...]:
    return _code_words().get(word, ()) if len(word) <= 16 else ()
