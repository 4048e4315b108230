"""What is compared: a record as a source says it, and its features, made once for each record.

Pure: no database, no server. The same features are compared by the batch engine (SQL) and by
`scoring.score` (Python), so both give the same numbers.
"""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from operator import mul
from typing import NamedTuple

from rongdang.base.vocab.ids import CHECKS, WEIGHTS, normalise
from rongdang.describe.linkage.places import Place, place_of
from rongdang.describe.linkage.sounds import Spelling, spelling

EPOCH = date(1970, 1, 1).toordinal()
SEXES = {"男": "1", "1": "1", "女": "2", "2": "2"}
CHECK_OF = {digit: position for position, digit in enumerate(CHECKS)}


class Record(NamedTuple):
    """One row of a source in the forms of the data standard; what it does not say is ""."""

    id: str
    name: str
    former_names: tuple[str, ...] = ()
    sex: str = ""  # 男, 女 or the code 1, 2
    id_number: str = ""
    birth: str = ""  # ISO, cut to its precision
    enlistment: str = ""
    native_place: str = ""
    kin: tuple[str, ...] = ()  # names of spouse, parents, children
    unit: str = ""


class Features(NamedTuple):
    """A record ready for comparing; None is missing, and missing never counts as agreement."""

    id: str
    name: str | None  # simplified, variants folded
    names: tuple[str, ...]  # with former and childhood names
    surname: str | None
    sound: str | None  # "wang jian guo"
    loose: str | None  # n/l, zh/z, ang/an … made one
    shape: str | None  # each character as the first of its look-alikes
    number: str | None  # the ID number in its 15-digit form
    verified: bool  # 18 digits, the day exists, the check digit fits
    refuted: bool  # mistyped for sure: 18 digits that do not fit, or a wrong count
    birth_year: int | None
    birth_month: int | None
    birth_day: int | None
    birth_at: int | None  # days since 1970 when the day is known
    enlisted_year: int | None
    enlisted_month: int | None
    province: str | None
    county: str | None
    place: str | None  # both, without the words for their kind
    sex: str | None  # "1" or "2"
    kin: tuple[str, ...]
    unit: str | None


class Day(NamedTuple):
    year: int | None
    month: int | None
    day: int | None
    at: int | None


UNKNOWN = Day(None, None, None, None)


def prepare(record: Record) -> Features:
    """The features of a record."""
    spelt = _spelling(record.name)
    number, verified, written = id_form(record.id_number)
    born = _day(record.birth)
    if born.year is None and verified:
        born = _day(written)  # a payroll without birthdays still says them in its numbers
    enlisted = _day(record.enlistment)
    native = _place(record.native_place)
    former = tuple([_spelling(name).name for name in record.former_names if name])
    kin = tuple(sorted({_spelling(name).name for name in record.kin if name})) if record.kin else ()
    return Features(
        record.id,
        spelt.name or None,
        tuple(dict.fromkeys((spelt.name, *former) if spelt.name else former)),
        spelt.surname or None,
        spelt.sound or None,
        spelt.loose or None,
        spelt.shape or None,
        number,
        verified,
        number is not None and not verified and not _open(record.id_number),
        *born,
        enlisted.year,
        enlisted.month,
        native.province or None,
        native.county or None,
        native.core or None,
        SEXES.get(record.sex),
        kin,
        record.unit or None,
    )


def id_form(text: str) -> tuple[str | None, bool, str]:
    """(15-digit form, whether its check digit vouches for it, the birth it says as ISO).

    A digit too few or too many keeps its place in the form, so that the rest still compares.
    """
    digits = text if text.isascii() and text.isalnum() else normalise(text)
    if len(digits) == 18 and digits[:17].isdigit():
        birth = f"{digits[6:10]}-{digits[10:12]}-{digits[12:14]}"
        good = (
            sum(map(mul, WEIGHTS, map(int, digits[:17]))) % 11
            == CHECK_OF.get(digits[17].upper(), -1)
        ) and _day(birth).at is not None
        return digits[:6] + digits[8:17], good, birth
    if len(digits) < 13 or len(set(digits)) < 4:
        return None, False, ""
    if len(digits) > 15 and digits[6:8] == "19":
        return digits[:6] + digits[8:-1], False, ""
    return digits, False, ""


def _open(text: str) -> bool:
    """Fifteen digits: no check digit tells whether they are right."""
    return len(text) == 15 or len(normalise(text)) == 15


@lru_cache(maxsize=400_000)
def _spelling(name: str) -> Spelling:
    return spelling(name)


@lru_cache(maxsize=100_000)
def _place(text: str) -> Place:
    return place_of(text)


@lru_cache(maxsize=100_000)
def _day(iso: str) -> Day:
    """Parts of an ISO partial date; what does not exist is unknown."""
    parts = [int(part) for part in iso.split("-") if part.isdigit()]
    if not parts or not 1800 <= parts[0] <= 2199:
        return UNKNOWN
    year = parts[0]
    month = parts[1] if len(parts) > 1 and 1 <= parts[1] <= 12 else None
    if month is None or len(parts) < 3:
        return Day(year, month, None, None)
    try:
        return Day(year, month, parts[2], date(year, month, parts[2]).toordinal() - EPOCH)
    except ValueError:
        return Day(year, month, None, None)
