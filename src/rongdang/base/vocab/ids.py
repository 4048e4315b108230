"""Citizens' ID numbers (GB 11643-1999): 15 and 18 digits, checksum, birth, sex, mask."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from operator import mul

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
CHECKS = "10X98765432"


@dataclass(frozen=True, slots=True)
class IdNumber:
    """A number as understood; `value` is its 18-digit form."""

    value: str
    area: str
    birth: str  # ISO date
    sex: str  # 男 or 女
    valid: bool  # birth exists and the check digit fits
    original: str


def normalise(text: str) -> str:
    """Half-width, upper case, nothing but digits and X."""
    return re.sub(r"[^0-9X]", "", unicodedata.normalize("NFKC", text).upper())


def check_digit(first17: str) -> str:
    """ISO 7064 MOD 11-2."""
    total = sum(map(mul, map(int, first17), WEIGHTS))
    return CHECKS[total % 11]


def lengthen(short: str) -> str:
    """15 digits to 18: the century 19, then the check digit."""
    first17 = f"{short[:6]}19{short[6:]}"
    return first17 + check_digit(first17)


@lru_cache(maxsize=16384)  # whoever takes in a table asks for each number a dozen times
def parse_id(text: str) -> IdNumber | None:
    """The number, or None when the text has neither form. An invalid one is returned as such."""
    digits = normalise(text)
    if re.fullmatch(r"\d{15}", digits):
        value, checked = lengthen(digits), True
    elif re.fullmatch(r"\d{17}[0-9X]", digits):
        value, checked = digits, check_digit(digits[:17]) == digits[17]
    else:
        return None
    year, month, day = int(value[6:10]), int(value[10:12]), int(value[12:14])
    try:
        born = date(year, month, day).isoformat()
    except ValueError:
        born, checked = "", False
    sex = "男" if int(value[16]) % 2 else "女"
    return IdNumber(value, value[:6], born, sex, checked, text)


def comparable(text: str) -> str:
    """The form in which two writings of one number are the same: 18 digits where it can be told."""
    number = parse_id(text)
    return number.value if number else normalise(text)


def mask(text: str) -> str:
    """First and last digit only: the first fourteen would tell place and birthday."""
    value = normalise(text)
    return (
        f"{value[0]}{'*' * (len(value) - 5)}{value[-4:]}" if len(value) >= 15 else "*" * len(value)
    )
