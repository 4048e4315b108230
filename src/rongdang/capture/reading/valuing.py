"""A value as written → as kept, by the type of its field, with what speaks against it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

from rongdang.base.vocab.choices import listed_choices
from rongdang.base.vocab.codes import lookup, words
from rongdang.base.vocab.dates import PartialDate, find_dates
from rongdang.base.vocab.fields import FieldEntry
from rongdang.base.vocab.ids import parse_id
from rongdang.base.vocab.names import normalise_name, surname
from rongdang.base.vocab.posts import parse_posts
from rongdang.base.vocab.tables import table
from rongdang.base.vocab.titles import distance
from rongdang.base.vocab.values import settled
from rongdang.capture.reading.reasons import (
    BAD_CHECK,
    CUT_BEGINNING,
    CUT_PART,
    DOUBTFUL_DATE,
    HALF_DATE,
    MISREAD_VALUE,
    NO_DATE,
    NO_SURNAME,
    NOT_IN_LIST,
    UNREAD_CHOICE,
    UNUSUAL_LENGTH,
    UNUSUAL_WORD,
    Reason,
)
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.words import bare, rows


@dataclass(frozen=True, slots=True)
class Worth:
    """`value` as kept; `trust` 0..1 from its form alone; `reason` where trust is not full.

    `borne`: it stands in a closed list, or its check digit fits.
    """

    value: str
    trust: float
    reason: Reason | None = None
    borne: bool = False


EMPTY = frozenset("无 没有 / — - 一 × 〇".split())
OF_POSTS = ("部职别", "职务")  # whose values name a post, or at least a unit
_UNIT = re.compile(r"[班排连营团旅师军部处科股室队所站院校系区厂库局]$")
NO_BEGINNING = frozenset("等级型号岁元)）月日")
_EDGES = " ：:；;,，。.、_—-·*|'\"“”‘’"


def value_of(entry: FieldEntry, text: str) -> Worth | None:
    """What the text says for this field; None where it says nothing."""
    written = "".join(text.split()).strip(_EDGES)
    if not written or (written[0] in "（(" and not re.search("[)）]", written)):
        return None  # nothing, or the rest of a label of two rows: 曾用名（别
    if entry.code in ("name", "spouse"):
        return _name(written)
    if entry.type == "date":
        return _date(entry, text.strip())
    known = entry.type == "code" and lookup(entry.table, written)  # 大学专科 is one of the list
    if entry.type in ("code", "text") and not known and _is_a_list(written):
        return Worth(written, threshold("choices_unmarked"), UNREAD_CHOICE)
    worth = _TYPES.get(entry.type, _text)(entry, written)
    if worth and entry.form:  # telephone numbers and sums: in the form every way in keeps them
        return replace(worth, value=settled(entry.name, worth.value).value)
    return worth


def _is_a_list(text: str) -> bool:
    """Whether the text is nothing but printed choices, so that what was chosen is not known."""
    for run in listed_choices(text):
        rest = text[: run[0].start] + text[run[-1].end :]
        if len(bare(rest)) <= 2 and len(bare(rest)) < run[-1].end - run[0].start:
            return True
    return False


def _date(_entry: FieldEntry, text: str) -> Worth | None:
    places = find_dates(mended(text))
    found = [one for _start, _end, one in places]
    if not found:
        figures = re.search(r"[\d一二三四五六七八九〇]", text)
        return Worth(text, threshold("date_unread"), NO_DATE) if figures else None
    first: PartialDate = found[0]
    if re.search(r"年月|月[日号]", text):
        return Worth(first.value, threshold("date_half"), HALF_DATE)
    if first.certainty == "doubtful":
        return Worth(first.value, threshold("date_doubtful"), DOUBTFUL_DATE)
    behind = mended(text)[places[0][1] :]
    if (
        first.precision != "day"
        and len(found) == 1
        and re.search(r"[\d一二三四五六七八九十月日]", behind)
    ):
        return Worth(first.value, threshold("date_half"), HALF_DATE)
    if first.precision != "day" and re.search(r"\d[.\-/—]\s*$", text):
        return Worth(first.value, threshold("date_cut"), HALF_DATE)
    told = first.precision if first.precision in ("day", "month", "year") else "vague"
    several = threshold("date_several") if len(found) > 1 else 0.0
    return Worth(first.value, threshold(f"date_{told}") - several)


def mended(text: str) -> str:
    """Signs that reading mistakes inside a date: 1953：7, 1953，7, 一九五C年."""
    text = re.sub(r"(?<=\d)[：:,，](?=\d)", ".", text)
    return re.sub(r"(?<=[一二三四五六七八九])[CcOoQ口○◯](?=[一二三四五六七八九]?年)", "〇", text)


def _code(entry: FieldEntry, text: str) -> Worth | None:
    code = lookup(entry.table, text) or lookup(entry.table, re.sub(r"[职级等]+$", "", text))
    if code:
        return Worth(shown(entry, code.name, text), threshold("code_listed"), borne=True)
    core = re.sub(r"[（(].*?[）)]", "", text).strip(_EDGES)
    if len(_named(entry.table, core)) > 1:  # printed choices, the mark on one of them unseen
        return Worth(text, threshold("choices_unmarked"), UNREAD_CHOICE)
    for word in words(entry.table):
        if len(word) >= 2 and word in core:
            known = lookup(entry.table, word)
            if known:
                most = "code_within" if len(core) <= len(word) + 4 else "code_within_long"
                return Worth(shown(entry, known.name, word), threshold(most))
    near = _nearest(entry.table, core)
    if near:
        return Worth(shown(entry, near, near), threshold("code_misread"), MISREAD_VALUE)
    if entry.table == "sex" and len(text) > 3:
        return None
    return Worth(text, threshold("code_unlisted"), NOT_IN_LIST)


def _named(name: str, text: str) -> set[str]:
    """Values of the table the text names, longer words first; 中共党员 does not name 党员 again."""
    left, found = text, set()
    for word in words(name):
        code = lookup(name, word) if len(word) >= 2 and word in left else None
        if code:
            left = left.replace(word, "|")
            found.add(code.name)
    return found


def shown(entry: FieldEntry, name: str, written: str) -> str:
    """Education stays in the form's own words: 大学 and 本科 are not the same claim."""
    return written if entry.table in ("education", "award", "discipline") else name


def _nearest(name: str, text: str) -> str:
    """The one value of the table that differs in one character, for words of three or more."""
    if len(text) < 2:
        return ""
    close = {
        code.name
        for word in words(name)
        if len(word) == len(text) >= 2 and distance(word, text) == 1
        for code in [lookup(name, word)]
        if code
    }
    return next(iter(close)) if len(close) == 1 else ""


def _id(_entry: FieldEntry, text: str) -> Worth | None:
    found = parse_id(text)
    if found is None:
        digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", text))
        long = len(digits) > 9
        return Worth(digits, threshold("id_length"), UNUSUAL_LENGTH) if long else None
    if not found.valid:
        return Worth(found.value, threshold("id_bad_check"), BAD_CHECK)
    short = len(re.sub(r"\W", "", text)) < 18
    return Worth(found.value, threshold("id_short" if short else "id_whole"), borne=not short)


def _name(text: str) -> Worth | None:
    folded = normalise_name(re.sub(r"[（(].*?[）)]|[^\w·•・]", "", text))
    if not folded or folded in EMPTY or re.search(r"\d", folded):
        return None
    if "·" not in folded and len(folded) > 6:
        return None
    if not known_surname(folded) and "·" not in folded:
        return Worth(folded, threshold("name_surname"), NO_SURNAME)
    if "·" not in folded and not 2 <= len(folded) <= 4:
        return Worth(folded, threshold("name_length"), UNUSUAL_LENGTH)
    plain = len(folded) in (2, 3) or "·" in folded
    return Worth(folded, threshold("name_usual" if plain else "name_long"))


@cache
def _surnames() -> frozenset[str]:
    return frozenset(name for row in table("surnames").rows for name in row["names"])


def known_surname(name: str) -> bool:
    """Whether the name begins with a surname of the list."""
    return name[:1] in _surnames() or surname(name) in _surnames() or len(surname(name)) == 2


def _place(entry: FieldEntry, text: str) -> Worth | None:
    if len(text) < 2:
        return None
    if lacks_part(entry.name, text):
        return Worth(text, threshold("words_unusual"), CUT_PART)
    return Worth(text, threshold("words_whole"))


@cache
def _wholes() -> dict[str, tuple[re.Pattern[str], re.Pattern[str] | None]]:
    """Field → what a whole value of it shows, and what shows that a part is missing."""
    return {
        row["field"]: (
            re.compile(row["whole"]),
            re.compile(row["broken"]) if row["broken"] else None,
        )
        for row in rows("parts")
    }


def lacks_part(name: str, text: str) -> bool:
    """Whether a value of this field, as `data/parts.json` has it, seems to have lost a part."""
    if name not in _wholes():
        return False
    whole, broken = _wholes()[name]
    return not whole.search(text) or bool(broken and broken.search(text))


def _text(entry: FieldEntry, text: str) -> Worth | None:
    if entry.code == "former_name" and text in EMPTY:
        return Worth("无", threshold("words_whole")) if text in ("无", "没有") else None
    if entry.code == "blood":
        return _blood(text)
    if len(text) == 1 and text not in EMPTY:
        return Worth(text, threshold("words_cut"), UNUSUAL_LENGTH)
    if text[0] in NO_BEGINNING:  # 等功: the numeral before it was not read
        return Worth(text, threshold("words_cut"), CUT_BEGINNING)
    cut = lacks_part(entry.name, text)
    if (
        cut
        or _is_no_post(entry.name, text)
        or (usual(entry.name) and text not in usual(entry.name))
    ):
        return Worth(text, threshold("words_unusual"), CUT_PART if cut else UNUSUAL_WORD)
    listed = bool(usual(entry.name)) and len(text) > 1
    return Worth(text, threshold("words_whole"), borne=listed)


def _is_no_post(name: str, text: str) -> bool:
    """Whether a value that should name a post or a unit ends with neither (某教导队文)."""
    return name in OF_POSTS and not _UNIT.search(text) and not parse_posts(text).posts


@cache
def usual(name: str) -> frozenset[str]:
    """What is usually written into this field, where few words are; empty for any other field."""
    return frozenset(word for row in rows("usual") if row["field"] == name for word in row["words"])


def _blood(text: str) -> Worth:
    match = re.fullmatch(r"(AB|A|B|O|0|甲|乙)(型)?", text.upper())
    if not match:
        return Worth(text, threshold("blood_other"), NOT_IN_LIST)
    group = match[1].replace("0", "O")
    if group in ("A", "B"):  # half of AB looks the same
        return Worth(group + "型", threshold("blood_half"))
    return Worth(group + "型", threshold("blood_whole" if match[2] else "blood_bare"))


_TYPES: dict[str, Callable[[FieldEntry, str], Worth | None]] = {
    "date": _date,
    "code": _code,
    "id": _id,
    "place": _place,
    "text": _text,
}
