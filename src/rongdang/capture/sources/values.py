"""What a cell says of one field: the same parsers and validators as every other way in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from rongdang.base.vocab import codes, dates, fields, ids, names, values
from rongdang.capture.sources.recipes import INSIDE, NAME, NUMBER, OUTSIDE, Take
from rongdang.capture.sources.rules import totals
from rongdang.describe.statements.said import Said

BRACKETS = re.compile(r"[（(\[【〔]([^（()）\[\]【】〔〕]*)[）)\]】〕]?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BLANKS = " \t\r\n\u3000\ufeff\u00a0"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?$")
IN_NAME = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff·〇]{2,25}$")
THREE = re.compile(r"(\d{1,2})\s*[./\-]\s*(\d{1,2})\s*[./\-]\s*(\d{4}|\d{2})$")
FEWEST_DIGITS = 12  # of a number with digits lost: it may still be recognised
NAMES = (NAME, "曾用名")
FIRST_SERIAL, LAST_SERIAL = 1, 73_050  # 1900 to 2099
ORDERS = {"day-first": r"\3.\2.\1", "month-first": r"\3.\1.\2"}
EPOCHS = {"serial-1900": date(1899, 12, 30), "serial-1904": date(1904, 1, 1)}


@dataclass(frozen=True, slots=True)
class Problem:
    """A text that cannot be read as its field, where the recipe refuses such rows."""

    code: str
    text: str
    zh: str
    en: str


Reader = Callable[[tuple[str, ...]], Said | Problem | None]


def clean(text: str) -> str:
    """Without control signs and outer blanks; the shield of a formula taken off."""
    if CONTROL.search(text):
        text = CONTROL.sub("", text)
    text = text.strip(BLANKS)
    return text[1:].strip(BLANKS) if text[:1] == "'" and text[1:2] in FORMULA else text


def shielded(text: str) -> str:
    """A cell that no spreadsheet takes for a formula; `clean` takes the shield off again."""
    return f"'{text}" if text.startswith(FORMULA) and not PLAIN_NUMBER.match(text) else text


def folded(text: str) -> str:
    """The form in which a word of a source is looked up: width, case and blanks aside."""
    return "".join(unicodedata.normalize("NFKC", text).upper().split())


def is_heading(columns: Sequence[str], cells: Sequence[str]) -> bool:
    """The head of the table printed once more: nothing but names of its columns, each in its place."""
    if not any(map(str.__eq__, columns, cells)):
        return False
    filled = [
        (name, text) for name, cell in zip(columns, cells, strict=True) if (text := cell.strip())
    ]
    return len(filled) > 1 and all(name == text for name, text in filled)


def reader(take: Take, *, nothing: Iterable[str], unreadable: str) -> Reader:
    """A function from the texts of the take's columns to what they say; None: they say nothing."""
    meant = {folded(word): value for word, value in take.values.items()}
    empty = {folded(word) for word in nothing} - meant.keys()
    parse = _parser(take)

    def read(texts: tuple[str, ...]) -> Said | Problem | None:
        whole = _together(take, texts, empty)
        text = _part(take, whole)
        if not text:
            return None
        if meant or empty:
            word = folded(text)
            if word in empty or meant.get(word) == "":
                return None
            if word in meant:
                return said_as(meant[word], text)
        said, wrong = parse(text)
        if wrong and (said is TOTAL or unreadable == "refuse"):
            return Problem("total" if said is TOTAL else "unreadable", text, *wrong)
        return said

    return read


def said_as(value: str, text: str, certainty: dates.Certainty = "sure") -> Said:
    return Said(value, "" if value == text else text, certainty)


def _together(take: Take, texts: tuple[str, ...], empty: set[str]) -> str:
    if len(texts) == 1:
        return clean(texts[0])
    filled = [clean(text) for text in texts]
    filled = [text for text in filled if text and folded(text) not in empty]
    return take.join.join(filled) if take.join is not None else (filled or [""])[0]


def _part(take: Take, text: str) -> str:
    if not take.part:
        return text
    if take.part == OUTSIDE:
        return clean(BRACKETS.sub("", text))
    if take.part == INSIDE:
        found = BRACKETS.search(text)
        return clean(found[1]) if found else ""
    pieces = [clean(piece) for piece in re.split(f"[{re.escape(take.at)}]+", text)]
    pieces = [piece for piece in pieces if piece]
    return pieces[int(take.part) - 1] if int(take.part) <= len(pieces) else ""


TOTAL = Said("", "", "doubtful")  # a name that is no name: the row is refused by any recipe
Parsed = tuple[Said, tuple[str, str] | None]  # and what is wrong with it


def _parser(take: Take) -> Callable[[str], Parsed]:
    entry = fields.dictionary()[take.field]
    if take.read in EPOCHS:
        return partial(_serial, EPOCHS[take.read])
    if take.read in ORDERS:
        return partial(_ordered, ORDERS[take.read])
    if take.field in (*NAMES, NUMBER):
        return _number if take.field == NUMBER else _name
    if entry.type == "date":
        return _date
    if entry.type == "code" and take.read != "text":
        return partial(_code, entry.table)
    return partial(_plain, take.field)


def _doubtful(text: str, zh: str, en: str) -> Parsed:
    """Not in a form of the standard: the words are kept, the value is not known."""
    return Said("", text, "doubtful"), (zh, en)


def _date(text: str) -> Parsed:
    if dates.iso_partial(text):
        return Said(text), None
    found = dates.parse_date(text)
    if found is None:
        return _doubtful(text, "看不出是哪一天", "not a date")
    return said_as(found.value, text, found.certainty), None


def _serial(epoch: date, text: str) -> Parsed:
    """A day counted by a spreadsheet; what is no such number may still be written out."""
    number = text.removesuffix(".0")
    if number.isascii() and number.isdigit() and FIRST_SERIAL <= int(number) <= LAST_SERIAL:
        if len(number) == 4 and 1880 <= int(number) <= 2049:
            return _date(number)
        return said_as((epoch + timedelta(days=int(number))).isoformat(), text), None
    return _date(text)


def _ordered(order: str, text: str) -> Parsed:
    """12/7/1953 where the source writes the day first, or the month."""
    found = THREE.match(text)
    if not found:
        return _date(text)
    said, wrong = _date(found.expand(order))
    return Said(said.value, text, said.certainty), wrong


def _name(text: str) -> Parsed:
    value = names.normalise_name(text)
    if value in totals():
        return TOTAL, ("像合计行，不是人", "looks like a total, not a person")
    if IN_NAME.match(value):
        return said_as(value, text), None
    return said_as(value, text, "doubtful"), ("不像姓名", "does not look like a name")


def _number(text: str) -> Parsed:
    value, _ = values.canonical(NUMBER, text)
    number = ids.parse_id(text)
    if number is None:
        wrong = ("不是 15 或 18 位身份号码", "not an ID number of 15 or 18 digits")
        value = ids.normalise(text)
        return Said(value if len(value) >= FEWEST_DIGITS else "", text, "doubtful"), wrong
    if not number.valid:
        wrong = ("校验码或出生日期不对", "its check digit or birth date is wrong")
        return said_as(value, text, "doubtful"), wrong
    return said_as(value, text), None


def _code(name: str, text: str) -> Parsed:
    """By the words of the table; a bare code is doubtful, for nobody said which list it is of."""
    found = codes.find(name, text)
    if found is None:
        return _doubtful(text, "不在代码表里", "not in the code table")
    certainty = "doubtful" if found.how == "code" else found.certainty
    return said_as(found.code.name, text, certainty), None


def _plain(field: str, text: str) -> Parsed:
    value, wrong = values.canonical(field, text)
    if wrong is None and len(text) > values.MOST:
        wrong = (f"超过 {values.MOST} 字", f"more than {values.MOST} characters")
    return said_as(value, text, "doubtful" if wrong else "sure"), wrong
