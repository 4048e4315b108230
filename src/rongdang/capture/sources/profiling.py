"""What stands in a table: fill, kinds of values, lengths, samples, oddities; streamed, in bounded memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

from rongdang.capture.sources import kinds
from rongdang.capture.sources.distinct import Distinct
from rongdang.capture.sources.numbered import checked_by_numbers
from rongdang.capture.sources.port import Oddity, SourceRow, TableInfo
from rongdang.capture.sources.rules import totals
from rongdang.capture.sources.values import clean, is_heading

KEPT_TEXTS = 200_000  # different texts remembered over all columns together
FEWEST_KEPT = 40
ONE_IN = 16
BLANK = ("",)
SAMPLES = 6
MOST_WORDS = 60  # different values of a column that are told one by one
COMPARED_ROWS, COMPARED_COLUMNS = 2_000, 80
MIXED, ALIKE = 0.05, 0.98
MERGED_FILL = 0.6


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """One column. Shares are of the cells judged and overlap: 1953 is a date and a number."""

    name: str
    filled: int
    distinct: int
    exact: bool  # else `distinct` is an estimate, within a few percent
    kinds: tuple[tuple[str, float], ...]  # kind → share, largest first
    shortest: int
    longest: int
    least: str  # of dates and numbers only
    most: str
    samples: tuple[str, ...]  # masked where the kind is sensitive
    words: tuple[tuple[str, int], ...]  # value → rows, where there are few and none is personal
    oddities: tuple[Oddity, ...] = ()

    birth: float = 0.0  # share of rows with an ID number whose birth is this date
    sex: tuple[tuple[str, str], ...] = ()  # value → 男 or 女, as the ID numbers of its rows say

    def share(self, kind: str) -> float:
        return dict(self.kinds).get(kind, 0.0)


@dataclass(frozen=True, slots=True)
class Profile:
    """One table: its rows, the profile of each column, and what a clerk should know first."""

    table: str
    rows: int
    columns: tuple[ColumnProfile, ...]
    oddities: tuple[Oddity, ...]

    def column(self, name: str) -> ColumnProfile:
        return next(column for column in self.columns if column.name == name)


def profiled(info: TableInfo, rows: Iterable[SourceRow]) -> Profile:
    """Reads every row once."""
    kept = max(FEWEST_KEPT, KEPT_TEXTS // max(1, len(info.columns)))
    columns = [_Column(name, kept) for name in info.columns]
    noted = _Noted()
    first: list[tuple[str, ...]] = []
    count = 0
    for row in rows:
        if row.oddity is not None:
            noted.add(row.oddity.code, row.number, row.oddity.column, row.oddity)
            continue
        if noted.nobody(info.columns, row):
            continue
        count += 1
        if len(first) < COMPARED_ROWS:
            first.append(row.cells)
        for column, cell in zip(columns, row.cells, strict=True):
            if cell:
                column.add(cell, row.number)
    told = [column.profile(merged=_merged(at, first)) for at, column in enumerate(columns)]
    return Profile(
        info.name,
        count,
        tuple(checked_by_numbers(told, first)),
        (*info.oddities, *noted.told(), *_alike(info.columns, first)),
    )


class _Column:
    """Counts of one column while its cells go by."""

    def __init__(self, name: str, kept: int) -> None:
        self.name, self.kept = name, kept
        self.filled = self.judged = self.new = 0
        self.seen: dict[str, tuple[str, ...]] = {}
        self.counts: Counter[tuple[str, ...]] = Counter()
        self.words: Counter[str] | None = Counter()
        self.distinct = Distinct()
        self.shortest, self.longest = 10**9, 0
        self.ends: dict[str, tuple[str, str]] = {}
        self.samples: dict[str, None] = {}
        self.formula_at = 0
        self.first_of: dict[str, int] = {}

    def add(self, cell: str, number: int) -> None:
        found = self.seen.get(cell)
        if found is None:
            found = self._new(cell, number)
        if found is BLANK:
            return
        self.filled += 1
        if self.words is not None:
            self.words[cell] += 1
            if len(self.words) > MOST_WORDS:
                self.words = None
        if found:
            self.judged += 1
            self.counts[found] += 1

    def _new(self, cell: str, number: int) -> tuple[str, ...]:
        """Kinds of a text not remembered; () where there are so many that one in sixteen is judged."""
        text = clean(cell)
        if not text:
            return BLANK
        self.new += 1
        if self.new > self.kept and self.new % ONE_IN:
            self.distinct.add(text)
            return ()
        found = kinds.of(text)
        if len(self.seen) >= self.kept:
            self.seen.clear()
        self.seen[cell] = found
        self.distinct.add(text)
        self.shortest, self.longest = min(self.shortest, len(text)), max(self.longest, len(text))
        self.first_of.setdefault(found[0], number)
        if len(self.samples) < SAMPLES:
            self.samples[kinds.shown(text, found)] = None
        if text.startswith("=") and not self.formula_at:
            self.formula_at = number
        for kind in found:
            value = kinds.ordered(kind, text)
            if value:
                low, high = self.ends.get(kind, (value, value))
                self.ends[kind] = (min(low, value), max(high, value))
        return found

    def profile(self, *, merged: bool) -> ColumnProfile:
        shares: Counter[str] = Counter()
        for found, count in self.counts.items():
            for kind in found:
                shares[kind] += count
        told = tuple((kind, n / self.judged) for kind, n in shares.most_common())
        low, high = self.ends.get(told[0][0], ("", "")) if told else ("", "")
        number, exact = self.distinct.count()
        personal = any(share > MIXED for kind, share in told if kind in kinds.PERSONAL)
        words = () if personal or self.words is None else tuple(self.words.most_common())
        return ColumnProfile(
            self.name,
            self.filled,
            number,
            exact,
            told,
            self.shortest if self.filled else 0,
            self.longest,
            kinds.unordered(low),
            kinds.unordered(high),
            tuple(self.samples),
            words,
            tuple(self._oddities(merged=merged)),
        )

    def _oddities(self, *, merged: bool) -> Iterator[Oddity]:
        if self.formula_at:
            yield Oddity(
                "formula",
                "有公式样子的格，当作文字收",
                "cells that look like formulas are taken as text",
                self.formula_at,
                self.name,
            )
        if merged:
            yield Oddity(
                "merged-look",
                "只有每组第一行有值，像合并过的格；空着的行不会替它填",
                "only the first row of each group is filled, as after merged cells; blanks stay blank",
                column=self.name,
            )
        yield from self._mixed()

    def _mixed(self) -> Iterator[Oddity]:
        """A few cells of another kind than all the rest."""
        main: Counter[str] = Counter()
        for found, count in self.counts.items():
            main[found[0]] += count
        if len(main) < 2 or main.most_common(1)[0][0] in kinds.LOOSE:
            return
        (most, often), *rest = main.most_common()
        if 1 - MIXED * 4 < often / self.judged < 1:
            other = rest[0][0]
            yield Oddity(
                "mixed",
                f"大多是{kinds.WORDS_ZH[kinds.base(most)]}，"
                f"也有{self.judged - often}格是{kinds.WORDS_ZH[kinds.base(other)]}等",
                f"mostly {kinds.WORDS_EN[kinds.base(most)]}, "
                f"but {self.judged - often} cells are {kinds.WORDS_EN[kinds.base(other)]} or other",
                self.first_of.get(other),
                self.name,
            )


class _Noted:
    """Rows that are nobody's, and rows a connector could not trust: the first of each, and how many."""

    def __init__(self) -> None:
        self.first: dict[tuple[str, str], Oddity] = {}
        self.counts: Counter[tuple[str, str]] = Counter()

    def add(self, code: str, number: int, column: str, oddity: Oddity | None = None) -> None:
        self.counts[code, column] += 1
        zh, en = ROWS.get(code, ("", ""))
        self.first.setdefault((code, column), oddity or Oddity(code, zh, en, number, column))

    def nobody(self, columns: tuple[str, ...], row: SourceRow) -> bool:
        """Whether the row adds up, or prints the head once more."""
        if is_heading(columns, row.cells):
            self.add("heading-again", row.number, "")
            return True
        for name, cell in zip(columns, row.cells, strict=True):
            if cell and len(cell) <= 12 and "".join(cell.split()) in totals():
                self.add("totals-row", row.number, name)
                return True
        return False

    def told(self) -> Iterator[Oddity]:
        for key, oddity in self.first.items():
            count = self.counts[key]
            zh = f"{oddity.zh}（共 {count} 行）" if count > 1 else oddity.zh
            en = f"{oddity.en} ({count} rows)" if count > 1 else oddity.en
            yield Oddity(oddity.code, zh, en, oddity.row, oddity.column)


ROWS = {
    "heading-again": ("中间又有一行表头", "the head of the table stands among its rows again"),
    "totals-row": ("有合计行，不是人员", "a row of totals, not a person"),
}


def _alike(columns: tuple[str, ...], rows: list[tuple[str, ...]]) -> Iterator[Oddity]:
    """Pairs of columns that say the same in nearly every row."""
    if len(columns) > COMPARED_COLUMNS or not rows:
        return
    by_column = list(zip(*rows, strict=True))
    filled = [sum(map(bool, cells)) for cells in by_column]
    for at, name in enumerate(columns):
        for other in range(at + 1, len(columns)):
            if min(filled[at], filled[other]) < max(3, len(rows) // 2):
                continue
            both = sum(a == b for a, b in zip(by_column[at], by_column[other], strict=True))
            if both >= ALIKE * len(rows):
                yield Oddity(
                    "alike",
                    f"和“{columns[other]}”几乎每行都一样",
                    f"nearly every row says the same as “{columns[other]}”",
                    column=name,
                )


def _merged(at: int, rows: list[tuple[str, ...]]) -> bool:
    """Filled at the head of each group and blank below, in one of the first three columns."""
    if at > 2 or len(rows) < 4 or not rows[0][at]:
        return False
    filled = [row[at] for row in rows if row[at]]
    repeated = any(a == b for a, b in pairwise(filled))
    return 1 < len(filled) < MERGED_FILL * len(rows) and not repeated
