"""A cell of a spreadsheet or database as text: dates ISO, numbers plain, nothing invented."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable
from decimal import Decimal
from typing import Any

MOST_DIGITS = 10**15  # what a spreadsheet keeps of a number; the rest of a longer one is noughts


def text_of(value: object) -> str:
    """The value as a clerk would type it.

    A number too long for a spreadsheet is shown as the spreadsheet shows it (1.10101195301010E+17):
    its last digits are lost, and it must not look like an ID number that it no longer is.
    """
    for kind, writer in _WRITERS:
        if isinstance(value, kind):
            return writer(value)
    return str(value)


def is_rounded(value: object) -> bool:
    """A number with more digits than a spreadsheet keeps."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) >= 1e15


def _number(value: float) -> str:
    if not math.isfinite(value):
        return ""
    if abs(value) >= MOST_DIGITS:
        return f"{value:.14E}"
    return str(int(value)) if value.is_integer() else format(value, ".15g")


def _moment(value: dt.datetime) -> str:
    """Midnight is what a date is kept as where there are only moments."""
    return value.date().isoformat() if value.time() == dt.time() else value.isoformat(sep=" ")


def _plain(value: Decimal) -> str:
    """Without an exponent, without noughts behind the point."""
    if not value.is_finite():
        return ""
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


# The first that fits: a moment is a date as well, and a truth value a number.
_WRITERS: tuple[tuple[Any, Callable[[Any], str]], ...] = (
    (str, str),
    (type(None), lambda _value: ""),
    (bool, lambda value: "TRUE" if value else "FALSE"),
    (float, _number),
    (dt.datetime, _moment),
    ((dt.date, dt.time), lambda value: value.isoformat()),
    (Decimal, _plain),
    ((bytes, bytearray, memoryview), lambda value: bytes(value).hex()),
)
