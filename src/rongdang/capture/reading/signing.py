"""When a material was formed: the date of signature or seal, of several the last (组通字〔2012〕28号)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from rongdang.base.textlayer import Box
from rongdang.base.vocab.dates import PartialDate, find_dates
from rongdang.capture.reading import reasons
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.sheets import Page, Row, around
from rongdang.capture.reading.titles import NUMBERED
from rongdang.capture.reading.words import any_of, bare

_AFTER = re.compile(
    r"^(?:制|印(?!章)|起|至|止|以|前|后|出生|生|入伍|入党|参加|任|修订|版|翻|启用|期间|间|到|[~～—-]|发布|施行|颁|毕业|调|授)"
)
_BEFORE = re.compile(
    r"(?:至|从|自|到|生于|出生|出生年月|入伍|入党|[~～]|自从|截至|截止|于|有效期)[:：]?$"
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


@dataclass(frozen=True, slots=True)
class Formed:
    """The formation date of a material, or None, with how sure and why not."""

    value: str | None
    confidence: float
    reason: Reason | None = None


def signed_dates(page: Page, number: int, taken: Collection[Box] = ()) -> list[Signed]:
    """Dates of the page that may be its signing; `taken` are places of other values (出生 …)."""
    return [
        signed
        for row in page.rows
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
        if kind == "running" and row.box[1] < 0.5 and number == 0 and len(page.rows) > 8:
            continue
        glyphs = row.glyphs[start:end]
        sure = sum(glyph.confidence for glyph in glyphs) / max(1, len(glyphs))
        box = around(glyph.box for glyph in glyphs)
        broken = date.precision != "day" and _breaks_off(page, text[end:], box)
        yield Signed(date, number, box, sure, kind, broken)


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


def formation_date(signed: Sequence[Signed], pages: int) -> Formed:
    """The last of the signing dates; a date of running text only where there is no other."""
    strong = [one for one in signed if one.kind != "running" and one.date.certainty != "doubtful"]
    strong = strong or [one for one in signed if one.kind != "running"]
    if not strong:
        return _running(signed, pages)
    last = max(strong, key=lambda one: (one.date.earliest, one.page, one.box[1]))
    sure = min(last.confidence, 0.99) * (0.97 if last.date.precision == "day" else 0.9)
    reason = None
    if last.date.certainty != "sure":
        sure, reason = sure * 0.7, reasons.DOUBTFUL_DATE
    years = sorted({one.date.earliest.year for one in strong})
    if len(years) > 1 and years[-1] - years[-2] > 1:
        sure, reason = sure * 0.72, reason or reasons.SEVERAL_DATES
    if _half_read(last, strong):
        sure, reason = sure * 0.7, reasons.HALF_DATE
    if last.box[1] < 0.3 and len(strong) == 1:
        sure *= 0.9
    return Formed(last.date.value, round(sure, 3), reason)


def _half_read(last: Signed, strong: Sequence[Signed]) -> bool:
    """The date breaks off, or one further down says only the year or month: it may be later."""
    if last.cut:
        return True
    place = (last.page, last.box[1])
    return any(
        (one.page, one.box[1]) > place and one.date.latest > last.date.latest for one in strong
    )


def _running(signed: Sequence[Signed], pages: int) -> Formed:
    late = [one for one in signed if one.page >= pages - 1 and one.box[1] > 0.6]
    if not late:
        return Formed(None, 0.5)
    last = max(late, key=lambda one: one.box[1])
    return Formed(last.date.value, 0.35, reasons.RUNNING_DATE)


def _covers(outer: Box, inner: Box) -> bool:
    shared_x = min(outer[2], inner[2]) - max(outer[0], inner[0])
    shared_y = min(outer[3], inner[3]) - max(outer[1], inner[1])
    return shared_x > 0.5 * (inner[2] - inner[0]) and shared_y > 0.4 * (inner[3] - inner[1])
