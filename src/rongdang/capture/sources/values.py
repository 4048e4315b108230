"""What a cell says of one field: the same parsers and validators as every other way in."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial

from rongdang.base.vocab import dates, values
from rongdang.capture.sources.recipes import INSIDE, NAME, OUTSIDE, Take
from rongdang.capture.sources.rules import totals
from rongdang.describe.statements.said import Said

BRACKETS = re.compile(r"[（(\[【〔]([^（()）\[\]【】〔〕]*)[）)\]】〕]?")
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
BLANKS = " \t\r\n\u3000\ufeff\u00a0"
FORMULA = ("=", "+", "-", "@", "\t", "\r")
PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?$")
IN_NAME = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff\ue000-\uf8ff·〇]{2,25}$")
THREE = re.compile(r"(\d{1,2})\s*[./\-]\s*(\d{1,2})\s*[./\-]\s*(\d{4}|\d{2})$")
NAMES = (NAME, "曾用名")
YEARS = (1880, 2049)  # a number of four digits in a column of days is a year
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
Parsed = tuple[Said, tuple[str, str] | None]  # and what is wrong or doubtful about it


def _parser(take: Take) -> Callable[[str], Parsed]:
    """The house's own function for a value (`vocab.values.settled`), told how this source writes."""
    if take.read in EPOCHS:
        return partial(_serial, take.field, EPOCHS[take.read])
    if take.read in ORDERS:
        return partial(_ordered, take.field, ORDERS[take.read])
    if take.read == "text":
        return _text
    return partial(_name if take.field in NAMES else _settled, take.field)


def _settled(field: str, text: str) -> Parsed:
    kept = values.settled(field, text)
    return said_as(kept.value, text, kept.certainty), kept.wrong or kept.doubt


def _text(text: str) -> Parsed:
    if len(text) > values.MOST:
        wrong = (f"超过 {values.MOST} 字", f"more than {values.MOST} characters")
        return said_as(text[: values.MOST], text, "doubtful"), wrong
    return Said(text), None


def _name(field: str, text: str) -> Parsed:
    said, wrong = _settled(field, text)
    if said.value in totals():
        return TOTAL, ("像合计行，不是人", "looks like a total, not a person")
    if wrong or IN_NAME.match(said.value):
        return said, wrong
    return said_as(said.value, text, "doubtful"), ("不像姓名", "does not look like a name")


def _serial(field: str, epoch: date, text: str) -> Parsed:
    """A day counted by a spreadsheet; what is no such number may still be written out."""
    number = text.removesuffix(".0")
    days = int(number) if number.isascii() and number.isdigit() and len(number) < 6 else 0
    if FIRST_SERIAL <= days <= LAST_SERIAL and not YEARS[0] <= days <= YEARS[1]:
        return said_as((epoch + timedelta(days=days)).isoformat(), text), None
    return _settled(field, text)


def _ordered(field: str, order: str, text: str) -> Parsed:
    """12/7/1953 where the source writes the day first, or the month."""
    found = THREE.match(text)
    if not found:
        return _settled(field, text)
    said, wrong = _settled(field, found.expand(order))
    return Said(said.value, text, said.certainty), wrong
