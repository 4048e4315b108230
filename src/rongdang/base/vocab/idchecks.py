"""What speaks against an ID number: how it is typed, its check digit, its area, the facts on record.

A suggestion shows a clerk what may have been meant. It is never applied: the number belongs to a
person, and a number that merely fits may be another person's.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

from rongdang.base.vocab import areas
from rongdang.base.vocab.ids import IdNumber, check_digit, parse_id
from rongdang.base.vocab.partial import PartialDate
from rongdang.base.vocab.tables import table

FIRST_ISSUED = 1984  # the first numbers; whoever is older got his then
AGES = (0, 130)
LONGEST = 64  # characters; what is longer is no number
_LETTERS = str.maketrans("OILS", "0115")
_CROSSES = "×✕╳Х*χΧ"
_LABEL = re.compile(r"^(?:公民)?(?:身份证?(?:件)?(?:号码?)?|ID|证件号码?)[:.]?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class IdFinding:
    """One thing that speaks against a number; `suggestion` a number that would fit, never applied."""

    code: str
    zh: str
    en: str
    grave: bool
    suggestion: str = ""


@dataclass(frozen=True, slots=True)
class IdCheck:
    """A number as typed; `number` is None where it cannot be read as one of 15 or 18 signs."""

    number: IdNumber | None
    findings: tuple[IdFinding, ...]
    original: str

    @property
    def sound(self) -> bool:
        """Nothing grave speaks against it."""
        return self.number is not None and not any(finding.grave for finding in self.findings)


@dataclass(frozen=True, slots=True)
class OnRecord:
    """Facts the number is held against, as far as they are known; `on` is the day of the age."""

    birth: PartialDate | None = None
    sex: str = ""  # 男 or 女
    on: date | None = None
    ages: tuple[int, int] = AGES


NOTHING = OnRecord()


@cache
def _words() -> dict[str, tuple[str, str, bool]]:
    return {row["code"]: (row["zh"], row["en"], row["grave"]) for row in table("id_findings").rows}


def finding(code: str, suggestion: str = "") -> IdFinding:
    """The finding of that code in its words. KeyError for a code the data file lacks."""
    zh, en, grave = _words()[code]
    return IdFinding(code, zh, en, grave, suggestion)


def check_id(text: str, known: OnRecord = NOTHING) -> IdCheck:
    """Everything that speaks against the number, as typed, in itself, and against the record."""
    digits, typed = _typed(text)
    if any(one.grave for one in typed):
        hints = _of_wrong_length(digits, known) if re.fullmatch(r"\d{16,18}[\dX]?", digits) else ()
        return IdCheck(None, (*typed, *hints), text)
    number = parse_id(digits)
    if number is None:
        return IdCheck(None, (*typed, finding("signs")), text)
    found = [*typed, *_within(number, digits), *_on_record(number, known)]
    if len(digits) == 18 and not number.valid:
        found += _mended(digits, known)
    return IdCheck(number, tuple(found), text)


def _typed(text: str) -> tuple[str, list[IdFinding]]:
    """The number with usual mistypings undone, and which they were."""
    if len(text) > LONGEST:
        return "", [finding("long")]
    found: list[IdFinding] = []
    half = unicodedata.normalize("NFKC", text)
    if re.search(r"[０-９Ｘｘ]", text):
        found.append(finding("full_width"))
    plain = _LABEL.sub("", half.strip().strip("'\"`‘’“”")).strip()
    bare = re.sub(r"[\s\-_.·,]", "", plain).upper()
    special = _special(plain) if bare else "empty"
    if special:
        return re.sub(r"\D", "", plain), [*found, finding(special)]
    found += [finding("blanks")] if bare != plain.upper() else []
    crossed = bare[:-1] + ("X" if bare[-1] in _CROSSES else bare[-1])
    found += [finding("check_letter")] if crossed != bare else []
    digits = crossed.translate(_LETTERS)
    found += [finding("letters")] if digits != crossed else []
    return digits, found + [finding(code) for code in _length(digits)]


def _special(plain: str) -> str:
    if not plain or re.fullmatch(r"[无/\-—不详未知]+", plain):
        return "empty"
    if re.fullmatch(r"\d(?:\.\d+)?E\+?\d{2}", plain, re.IGNORECASE):
        return "exponent"
    if re.match(r"[军文士武海空政后学退]\w{0,3}字第?", plain):
        return "military"
    return "masked" if re.search(r"\*{2,}|[Xx×]{3,}", plain) else ""


def _length(digits: str) -> Iterator[str]:
    """What speaks against the signs themselves."""
    if not re.fullmatch(r"[0-9]+X?", digits):
        yield "signs"
    elif len(digits) not in (15, 18):
        yield "short" if len(digits) < 18 else "long"
    elif len(digits) == 15 and digits.endswith("X"):
        yield "short"
    elif len(set(digits[:17])) <= 2 or digits[:9] in ("123456789", "987654321"):
        yield "all_same"
    elif len(digits) == 18 and digits.endswith("000") and check_digit(digits[:17]) != "0":
        yield "rounded"


def _within(number: IdNumber, digits: str) -> Iterator[IdFinding]:
    """What the number says against itself."""
    if len(digits) == 15:
        yield finding("fifteen")
        if digits[12:] >= "996":
            yield finding("centenarian")
    elif check_digit(digits[:17]) != digits[17]:
        yield finding("checksum")
    if not number.birth:
        yield finding("no_such_day")
        return
    code = area_trouble(number)
    if code:
        yield finding(code)


def area_trouble(number: IdNumber) -> str:
    """area_unknown or area_not_then, where its area code speaks against it; else empty.

    Numbers were first issued in 1984, later ones soon after birth; a 15-digit one by 1999. Lists of
    areas are of counties only, so that a code that is not listed is unknown, not wrong.
    """
    held = areas.history(number.area)
    if not held and areas.at(number.area) is None:
        return "area_unknown"
    born = int(number.birth[:4]) if number.birth else FIRST_ISSUED
    first = max(born, FIRST_ISSUED)
    ended = [area.until for area in held]
    if held and None not in ended and max(end or 0 for end in ended) + areas.SLACK < first:
        return "area_not_then"
    return ""


def area_name(number: IdNumber) -> str:
    """The place as it was called when the number was first issued: 浙江省杭州市上城区."""
    born = int(number.birth[:4]) if number.birth else FIRST_ISSUED
    year = max(born, FIRST_ISSUED)
    return areas.full_name(number.area, year) or areas.full_name(number.area)


def _on_record(number: IdNumber, known: OnRecord) -> Iterator[IdFinding]:
    if not number.birth:
        return
    born = date.fromisoformat(number.birth)
    if known.birth and not known.birth.earliest <= born <= known.birth.latest:
        yield finding("birth_differs")
    if known.sex in ("男", "女") and known.sex != number.sex:
        yield finding("sex_differs")
    if known.on:
        age = known.on.year - born.year - ((known.on.month, known.on.day) < (born.month, born.day))
        if age < known.ages[0]:
            yield finding("too_young")
        if age > known.ages[1]:
            yield finding("too_old")


def _fits(digits: str, known: OnRecord) -> bool:
    """Whether the number would hold in itself, in its area, and against the record."""
    number = parse_id(digits)
    if number is None or len(digits) != 18 or not number.valid or not areas.at(number.area):
        return False
    if not "1850" <= number.birth[:4] <= "2100" or (known.on and number.birth > str(known.on)):
        return False
    return not any(one.code != "too_young" for one in _on_record(number, known))


def _mended(digits: str, known: OnRecord) -> Iterator[IdFinding]:
    """Hints for a number of 18 signs whose check digit fails."""
    swapped = {
        digits[:at] + digits[at + 1] + digits[at] + digits[at + 2 :]
        for at in range(16)
        if digits[at] != digits[at + 1]
    }
    fitting = sorted(one for one in swapped if _fits(one, known))
    if len(fitting) == 1:
        yield finding("swapped", fitting[0])
    if known.birth and known.birth.precision == "day":
        born = known.birth.earliest.strftime("%Y%m%d")
        other = digits[:6] + born + digits[14:]
        if sum(a != b for a, b in zip(other, digits, strict=True)) == 1 and _fits(other, known):
            yield finding("one_digit", other)


def _of_wrong_length(digits: str, known: OnRecord) -> Iterator[IdFinding]:
    """Hints for 17 or 19 signs, where only one number would fit."""
    if len(digits) == 17 and digits.isdecimal():
        longer = digits + check_digit(digits)
        if _fits(longer, known):
            yield finding("dropped", longer)
    if len(digits) == 19:
        shorter = {digits[:at] + digits[at + 1 :] for at in range(19)}
        fitting = sorted(one for one in shorter if _fits(one, known))
        if len(fitting) == 1:
            yield finding("doubled", fitting[0])
