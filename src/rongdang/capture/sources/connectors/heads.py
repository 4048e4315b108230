"""Where a table's header is: below titles, in one row or two, or nowhere; and what its columns are called."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from rongdang.capture.sources.port import Oddity

LOOKED_AT = 40  # rows at the beginning
_MOST_TITLES = 15
_LONGEST_LABEL = 40
_DATA = re.compile(
    r"[-+]?[\d.,]+%?$|\d{2,4}[-/.年]\d{1,2}|\d{15,18}[\dXx]?$|\d{5,}|.+@.+\..+|\d{4}年?$"
)
_BETWEEN_HAN = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
TOTALS = re.compile(r"\s*(?:本页|全部)?\s*(?:合\s*计|总\s*计|小\s*计|共\s*计|累\s*计)\s*[:：]?\s*")
_COUNTED = re.compile(r"\s*共\s*[\d〇零一二三四五六七八九十百千万]+\s*(?:人|名|条|行|户)\s*")

Rows = Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Head:
    """`rows` rows of the beginning are above the data: titles and the header itself."""

    rows: int
    names: tuple[str, ...]
    oddities: tuple[Oddity, ...] = ()


def find(rows: Rows, *, numbers: Sequence[int] = (), stray: bool = False) -> Head:
    """The header among the first rows; `numbers` as a clerk counts them, 1, 2, 3 … where not given.

    `stray`: a delimiter may stand in a value, so a few rows that are wider than the header say
    nothing of its columns.
    """
    numbers = numbers or range(1, len(rows) + 1)
    width = max((_used(row) for row in rows), default=0)
    at = _header(rows)
    if stray and at is not None:
        width = _usual_width(rows[at:])
    if at is None:
        return Head(0, tuple(f"列{n}" for n in range(1, width + 1)), (_NO_HEADER,))
    second = _is_second(rows, at)
    names = _joined(rows[at], rows[at + 1], width) if second else _padded(rows[at], width)
    oddities = []
    if at:
        oddities.append(_titles(rows[:at], numbers[at]))
    if second:
        oddities.append(_two_rows(numbers[at], numbers[at + 1]))
    unique, told = unique_names(names, row=numbers[at])
    return Head(at + 1 + second, unique, (*oddities, *told))


def unique_names(
    names: Sequence[str], *, row: int | None = None
) -> tuple[tuple[str, ...], list[Oddity]]:
    """Names as columns are called: no two alike, none empty; what had to be done for it is told."""
    seen: Counter[str] = Counter()
    unique: list[str] = []
    oddities = []
    for place, raw in enumerate(names, 1):
        name = tidy(raw)
        if not name:
            name = f"列{place}"
            oddities.append(_unnamed(place, row))
        seen[name] += 1
        if seen[name] > 1:
            count = seen[name]
            oddities.append(_twice(name, count, row))
            name = f"{name}.{count}"
        unique.append(name)
    return tuple(unique), oddities


def tidy(name: str) -> str:
    """姓　名 → 姓名; half-width, one line."""
    plain = re.sub(r"\s+", " ", unicodedata.normalize("NFKC", name)).strip()
    return _BETWEEN_HAN.sub("", plain)[:120]


def is_totals(cells: Sequence[str]) -> bool:
    """A line that sums up and is nobody: 合计, 小计, 共 312 人 as its first words."""
    for cell in cells[:4]:
        if cell.strip():
            return bool(TOTALS.fullmatch(cell) or _COUNTED.fullmatch(cell))
    return False


def totals(number: int) -> Oddity:
    return Oddity(
        "totals-row",
        f"第 {number} 行是合计行，不是一个人的记录，没有读入。",
        f"Row {number} is a line of totals and no person's record; it is not taken.",
        number,
    )


def _used(row: Sequence[str]) -> int:
    return max((place for place, cell in enumerate(row, 1) if cell.strip()), default=0)


def _usual_width(rows: Rows) -> int:
    """Of the header, or of most rows below it where they are wider."""
    below = sorted(_used(row) for row in rows[1:] if any(row))
    return max(_used(rows[0]), below[len(below) // 2] if len(below) > 1 else 0)


def _filled(row: Sequence[str]) -> int:
    return sum(1 for cell in row if cell.strip())


def _is_label(cell: str) -> bool:
    plain = cell.strip()
    # 填表单位： is a title's word: what it names stands beside it and not below.
    short = bool(plain) and len(plain) <= _LONGEST_LABEL and plain[-1] not in "：:"
    return short and not _DATA.match(plain)


def _are_labels(row: Sequence[str]) -> bool:
    filled = [cell for cell in row if cell.strip()]
    return bool(filled) and sum(map(_is_label, filled)) >= 0.9 * len(filled)


def _header(rows: Rows) -> int | None:
    """Index of the first row that looks like names of columns and not like what stands in them."""
    most = max((_filled(row) for row in rows), default=0)
    for at, row in enumerate(rows[:_MOST_TITLES]):
        if _filled(row) < max(1, 0.5 * most):
            continue  # blank, or a title
        if _are_labels(row) and not _recurs(rows, at):
            return at
        if _filled(row) >= 0.8 * most:
            return None
    return None


def _recurs(rows: Rows, at: int) -> bool:
    """A cell of it stands again below in its own column: then it is a value and no name."""
    row = rows[at]
    for place, cell in enumerate(row):
        below = [other[place] for other in rows[at + 1 :] if place < len(other)]
        if cell.strip() and cell in below:
            return True
    return False


def _is_second(rows: Rows, at: int) -> bool:
    """Does the next row divide groups of the one at `at`? Outside the groups it must be empty."""
    if at + 2 >= len(rows):
        return False
    upper, lower = rows[at], rows[at + 1]
    width = max(_used(upper), _used(lower))
    groups = {
        place
        for start, end in _groups(_padded(upper, width))
        for place in range(start, end)
        if end - start > 1
    }
    below = {place for place, cell in enumerate(_padded(lower, width)) if cell.strip()}
    return bool(below) and below <= groups and _are_labels(lower) and not _recurs(rows, at + 1)


def _groups(row: Sequence[str]) -> list[tuple[int, int]]:
    """Each name and the empty cells to its right."""
    starts = [place for place, cell in enumerate(row) if cell.strip()]
    return list(zip(starts, [*starts[1:], len(row)], strict=True))


def _joined(upper: Sequence[str], lower: Sequence[str], width: int) -> tuple[str, ...]:
    names = list(_padded(upper, width))
    divided = _padded(lower, width)
    for start, end in _groups(names):
        for place in range(start, end):
            if divided[place].strip():
                names[place] = f"{tidy(upper[start])}/{tidy(divided[place])}"
    return tuple(names)


def _padded(row: Sequence[str], width: int) -> tuple[str, ...]:
    return (*row[:width], *[""] * (width - len(row)))


_NO_HEADER = Oddity(
    "no-header",
    "没有表头：第一行已经是内容，各列按位置叫作“列1”“列2”……",
    "There is no header: the first row is content already; columns are called 列1, 列2 … by place.",
)


def _titles(above: Rows, number: int) -> Oddity:
    words = " ".join(cell.strip() for row in above for cell in row if cell.strip())[:60]
    return Oddity(
        "title-rows",
        f"表头在第 {number} 行，上面是标题“{words}”，标题没有读入。",
        f"The header is row {number}; the title above it (“{words}”) is not taken.",
        number,
    )


def _two_rows(first: int, second: int) -> Oddity:
    return Oddity(
        "two-header-rows",
        f"表头有两行（第 {first}、{second} 行），列名合成“上/下”。",
        f"The header has two rows ({first} and {second}); names are joined as upper/lower.",
        first,
    )


def _unnamed(place: int, row: int | None) -> Oddity:
    return Oddity(
        "unnamed-column",
        f"第 {place} 列没有列名，叫作“列{place}”。",
        f"Column {place} has no name and is called 列{place}.",
        row,
        f"列{place}",
    )


def _twice(name: str, count: int, row: int | None) -> Oddity:
    return Oddity(
        "duplicate-header",
        f"列名“{name}”重复，第 {count} 个叫作“{name}.{count}”。",
        f"The column name “{name}” stands again; number {count} is called {name}.{count}.",
        row,
        f"{name}.{count}",
    )
