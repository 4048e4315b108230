"""What a clerk should know of a sheet's cells: rounded ID numbers, dates as numbers, numbers as text."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from rongdang.capture.sources.connectors.cells import is_rounded, text_of
from rongdang.capture.sources.port import Oddity

_OF_DATES = re.compile(r"日期|时间|年月|生日|出生|入伍|入党|date|birth", re.IGNORECASE)
_FORMULA = re.compile(r"\s*[=+@][A-Za-z(|]|\s*-[A-Za-z(|]")
_DIGITS = re.compile(r"\d+(?:\.\d+)?$")
# Days since the epoch that can be a date of such papers (1910 to 2100) and no year or year and month.
_FIRST_DAY, _LAST_DAY = 3_654, 73_050
_EPOCH_1900, _EPOCH_1904 = dt.date(1899, 12, 30), dt.date(1904, 1, 1)


@dataclass(slots=True)
class Watch:
    """Turns the values of a sheet into text and counts what is odd, column by column."""

    names: Sequence[str]
    epoch_1904: bool
    rows: int = 0
    rounded: Counter[int] = field(default_factory=Counter)
    serial: Counter[int] = field(default_factory=Counter)
    numbers: Counter[int] = field(default_factory=Counter)
    digits: Counter[int] = field(default_factory=Counter)
    formula_texts: list[int] = field(default_factory=list)
    _dated: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        self._dated = frozenset(at for at, name in enumerate(self.names) if _OF_DATES.search(name))

    def texts(self, values: Sequence[Any]) -> list[str]:
        """Cells of a row; [] for a blank one."""
        cells = [value if type(value) is str else text_of(value) for value in values]
        for at in self._dated:
            if at < len(values) and type(values[at]) in (int, float) and _is_day(values[at]):
                cells[at] = self._date(values[at])
        return cells if any(cells) else []

    def see(self, number: int, values: Sequence[Any]) -> None:
        """Count one row in."""
        filled = False
        for at, value in enumerate(values):
            kind = type(value)
            if kind is str:
                if not value:
                    continue
                filled = True
                if value[0] in "=+-@\t\r " and _FORMULA.match(value):
                    self.formula_texts.append(number)
                elif value[0].isdigit() and _DIGITS.match(value):
                    self.digits[at] += 1
            else:
                filled = True
                if kind in (int, float):
                    self._see_number(at, value)
        self.rows += filled

    def _see_number(self, at: int, value: float) -> None:
        self.numbers[at] += 1
        if is_rounded(value):
            self.rounded[at] += 1
        elif at in self._dated and _is_day(value):
            self.serial[at] += 1

    def _date(self, value: float) -> str:
        epoch = _EPOCH_1904 if self.epoch_1904 else _EPOCH_1900
        return (epoch + dt.timedelta(days=int(value))).isoformat()

    def oddities(self) -> Iterator[Oddity]:
        for at, count in sorted(self.rounded.items()):
            yield _rounded(self._name(at), count)
        for at, count in sorted(self.serial.items()):
            yield _serial(self._name(at), count, 1904 if self.epoch_1904 else 1900)
        for at in sorted(set(self.numbers) & set(self.digits)):
            yield _mixed(self._name(at), self.digits[at], self.numbers[at])
        if self.formula_texts:
            yield _formula_text(self.formula_texts)

    def _name(self, at: int) -> str:
        return self.names[at] if at < len(self.names) else f"列{at + 1}"


def _is_day(value: float) -> bool:
    return float(value).is_integer() and _FIRST_DAY <= value <= _LAST_DAY


def _rounded(name: str, count: int) -> Oddity:
    return Oddity(
        "rounded-number",
        f"“{name}”有 {count} 个超过 15 位的数字，Excel 已把末几位变成 0（读作 1.23E+17 的样子），"
        "原来的号码找不回来，请从原系统按文本重新导出。",
        f"“{name}” holds {count} numbers of more than 15 digits; the spreadsheet has turned the last "
        "digits into noughts (read as 1.23E+17). They cannot be got back: export the column as text.",
        column=name,
    )


def _serial(name: str, count: int, epoch: int) -> Oddity:
    return Oddity(
        "date-as-number",
        f"“{name}”有 {count} 个日期存成了天数，按 {epoch} 年起算换成日期读入。",
        f"“{name}” holds {count} dates as numbers of days; they are read as dates counted from {epoch}.",
        column=name,
    )


def _mixed(name: str, texts: int, numbers: int) -> Oddity:
    return Oddity(
        "number-as-text",
        f"“{name}”有 {texts} 个数字存成文本，{numbers} 个存成数值；数值开头的 0 可能已经丢了。",
        f"“{name}” holds {texts} numbers as text and {numbers} as values; leading noughts of the "
        "values may be lost.",
        column=name,
    )


def _formula_text(rows: Sequence[int]) -> Oddity:
    return Oddity(
        "formula-text",
        f"有 {len(rows)} 个单元格的文字像公式（第一处在第 {rows[0]} 行），只当文字读，从不执行。",
        f"{len(rows)} cells read like formulas (the first at row {rows[0]}); they are text and never "
        "run.",
        rows[0],
    )
