"""When a material was formed: the date of signature or seal, of several the last (组通字〔2012〕28号)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from rongdang.base.textlayer import Box
from rongdang.base.vocab.dates import PartialDate, find_dates
from rongdang.base.vocab.dates import number as digits
from rongdang.capture.reading.grid import Grid
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.rowtables import row_tables
from rongdang.capture.reading.sheets import Page, Row, around
from rongdang.capture.reading.titles import NUMBERED
from rongdang.capture.reading.trust import chance, doubted
from rongdang.capture.reading.words import any_of, bare, words

_AFTER = re.compile(
    r"^(?:制|印(?!章)|起|至|止|以|前|后|出生|生|入伍|入党|参加|任|修订|版|翻|启用|期间|间|到|[~～—-]|发布|施行|颁|毕业|调|授)"
)
_BEFORE = re.compile(
    r"(?:至|从|自|到|生于|出生|出生年月|入伍|入党|[~～]|自从|截至|截止|于|有效期)[:：]?$"
)
_HEADLESS = re.compile(
    r"(?<![年月])(?P<last>[0-9零一二三四五六七八九〇○]{0,3})年(?P<month>[0-9一二三四五六七八九十]{1,3})月"
    r"(?:(?P<day>[0-9一二三四五六七八九十廿卅]{1,3})日?)?"
)
SHORT = 4  # characters beside a date that can be a name


@dataclass(frozen=True, slots=True)
class Signed:
    """A date at the end of a statement: `sign` by the words beside it, else running text."""

    date: PartialDate
    page: int
    box: Box
    confidence: float
    kind: str  # sign, bare, running
    cut: bool = False  # part of it could not be read, as under a seal
    doubt: Reason | None = None  # a character of it was not read surely


@dataclass(frozen=True, slots=True)
class Headless:
    """A date at the end of a statement without its year; `last` is the year's last digit, if read."""

    last: int | None
    month: int
    day: int | None
    page: int
    box: Box


def signed_dates(page: Page, number: int, taken: Collection[Box] = ()) -> list[Signed]:
    """Dates of the page that may be its signing; `taken` are places of other values (出生 …)."""
    grid = Grid(page)
    told = {cell for table in row_tables(grid) for cell in table.cells}  # careers, families
    return [
        signed
        for row in page.rows
        if row.cell not in told and not _is_value(grid, row)
        for signed in _of_row(page, row, number)
        if not any(_covers(box, signed.box) for box in taken)
    ]


def _of_row(page: Page, row: Row, number: int) -> Iterator[Signed]:
    text = row.text
    found = find_dates(text)
    rest = text
    for start, end, _date in reversed(found):
        rest = rest[:start] + "|" + rest[end:]
    for start, end, date in found:
        if _AFTER.match(text[end:]) or date.precision in ("season", "decade"):
            continue
        if "年" not in text[start:end] and (date.precision == "year" or NUMBERED.search(text)):
            continue  # a document number, a form number
        kind = _kind(rest, text[:start])
        glyphs = row.glyphs[start:end]
        sure = chance(glyphs)[0]
        box = around(glyph.box for glyph in glyphs)
        broken = date.precision != "day" and _breaks_off(page, text[end:], box)
        yield Signed(date, number, box, sure, kind, broken, doubted(glyphs))


def _breaks_off(page: Page, after: str, box: Box) -> bool:
    """More of the date must stand there: a mark with nothing behind it, or a seal over its end."""
    if after[:1] in (".", "-", "/", "月", "日") or re.match(r"[^,，。;；]{0,2}日", after):
        return True
    end = (box[2], (box[1] + box[3]) / 2)
    return any(
        seal[0] - 0.03 <= end[0] <= seal[2] and seal[1] <= end[1] <= seal[3]
        for seal in page.layer.seals
    )


def _kind(rest: str, before: str) -> str:
    said = bare(rest)
    if _BEFORE.search(before) and len(said) > SHORT:
        return "running"
    if any_of("unfit").search(said) and not any_of("signing").search(said):
        return "running"
    if len(said) <= SHORT:
        return "bare"
    if len(said) <= 26 and any_of("signing").search(said) and not re.search(r"[，。；,;]\w", rest):
        return "sign"
    return "running"


def headless_dates(page: Page, number: int) -> list[Headless]:
    """Dates whose year is half or wholly unread: 八年九月十四日, 年五月十五日."""
    found = []
    grid = Grid(page)
    for row in page.rows:
        match = _HEADLESS.search(row.text)
        if not match or find_dates(row.text) or len(bare(row.text)) > 14:
            continue
        if row.cell is not None and not _is_opinion(grid, row.cell):
            continue  # the value of another field, its year unread
        month, day = digits(match["month"]), digits(match["day"] or "")
        if month and 1 <= month <= 12:
            last = digits(match["last"][-1]) if match["last"] else None
            found.append(Headless(last, month, day, number, row.box))
    return found


def undated(page: Page, below: float) -> bool:
    """An opinion or a seal further down than `below` has no date: it was not read, or is empty."""
    grid = Grid(page)
    if any(seal[1] > below + 0.02 and not _dated(page, seal) for seal in page.layer.seals):
        return True
    for frame, row in page.cells.items():
        if grid.boxes[frame][3] > below + 0.02 and _is_opinion(grid, frame):
            dated = find_dates(row.text) or _HEADLESS.search(row.text)
            if len(row.glyphs) >= 2 and not dated:
                return True
    return False


def _dated(page: Page, seal: Box) -> bool:
    """A date stands at the height of the seal, or right above or below it."""
    high = (seal[3] - seal[1]) / 2
    near = [row for row in page.rows if seal[1] - high < row.box[1] < seal[3] + high]
    return any(find_dates(row.text) or _HEADLESS.search(row.text) for row in near)


def _is_value(grid: Grid, row: Row) -> bool:
    """The row is all that stands in a low frame, and no word at its left speaks of signing."""
    if row.cell is None or len(grid.text(row.cell)) > len(row.glyphs):
        return False
    box = grid.boxes[row.cell]
    beside = [grid.text(frame) for frame in grid.left_of(row.cell)]
    if any(label.endswith(words("no_label")) for label in beside):
        return False
    left = next((label for label in beside if label), "")
    low = box[3] - box[1] < 3.2 * row.size
    return low and bool(beside) and not any_of("signing").search(left)


def _is_opinion(grid: Grid, frame: int) -> bool:
    """The frame holds somebody's word: 单位意见, 审查结论 … stands at its left."""
    label = next((grid.text(left) for left in grid.left_of(frame)), "")
    return label.endswith(words("no_label"))


def _covers(outer: Box, inner: Box) -> bool:
    shared_x = min(outer[2], inner[2]) - max(outer[0], inner[0])
    shared_y = min(outer[3], inner[3]) - max(outer[1], inner[1])
    return shared_x > 0.5 * (inner[2] - inner[0]) and shared_y > 0.4 * (inner[3] - inner[1])
