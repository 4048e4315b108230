"""What ID numbers of the same rows prove about other columns: which is the birth date, which code is 男."""

from __future__ import annotations

import dataclasses
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rongdang.base.vocab import dates, ids
from rongdang.capture.sources.values import clean, folded

if TYPE_CHECKING:
    from rongdang.capture.sources.profiling import ColumnProfile

MOST_SEX_WORDS, FEWEST_ROWS, AGREED = 6, 5, 0.95
DATELIKE = ("date", "number")


def checked_by_numbers(
    columns: Sequence[ColumnProfile], rows: Sequence[tuple[str, ...]]
) -> Iterator[ColumnProfile]:
    """The columns with `birth` and `sex` as the surest column of ID numbers proves them."""
    at = max(range(len(columns)), key=lambda at: columns[at].share("id"), default=-1)
    known = []
    if at >= 0 and columns[at].share("id") > 0.5:
        parsed = ((row, ids.parse_id(row[at])) for row in rows)
        known = [(row, number) for row, number in parsed if number is not None and number.valid]
    for place, column in enumerate(columns):
        if len(known) < FEWEST_ROWS or place == at:
            yield column
            continue
        texts = [(clean(row[place]), number) for row, number in known if row[place].strip()]
        yield dataclasses.replace(column, birth=_birth(column, texts), sex=_sex(column, texts))


def _birth(column: ColumnProfile, texts: list[tuple[str, ids.IdNumber]]) -> float:
    if not texts or max(map(column.share, DATELIKE)) < 0.5:
        return 0.0
    return sum(_same(text, number.birth) for text, number in texts) / len(texts)


def _same(text: str, birth: str) -> bool:
    """The date as far as it goes; a year alone proves nothing."""
    found = dates.parse_date(text)
    return found is not None and len(found.value) >= 7 and birth.startswith(found.value)


def _sex(
    column: ColumnProfile, texts: list[tuple[str, ids.IdNumber]]
) -> tuple[tuple[str, str], ...]:
    if not 1 < column.distinct <= MOST_SEX_WORDS or column.longest > 8:
        return ()
    counts: dict[str, Counter[str]] = {}
    for text, number in texts:
        counts.setdefault(folded(text), Counter())[number.sex] += 1
    proved = {}
    for word, said in counts.items():
        sex, often = said.most_common(1)[0]
        if said.total() >= FEWEST_ROWS and often >= AGREED * said.total():
            proved[word] = sex
    return tuple(sorted(proved.items())) if set(proved.values()) == {"男", "女"} else ()
