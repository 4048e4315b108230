"""Page numbers printed on forms: 第3页 共8页, 3/8, —3—."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rongdang.base.vocab.dates import number
from rongdang.capture.reading.sheets import Page
from rongdang.capture.reading.words import any_of

_N = r"[0-9一二三四五六七八九十]{1,3}"
_OF = re.compile(
    rf"第?({_N})页[，,、/]?[（(]?共({_N})页|共({_N})页[，,、/]?第({_N})页|^[^\w]*(\d{{1,2}})/(\d{{1,2}})$"
)
_ONE = re.compile(
    rf"^[—\-－·~～\s]*第({_N})页[—\-－·\s]*$|^[—\-－·~～一]+\s*(\d{{1,3}})\s*[—\-－·~～一]+$"
)
_BARE = re.compile(r"^\d{1,2}$")


@dataclass(frozen=True, slots=True)
class Counter:
    """The page says it is number `page` of `total` (0 = it does not say of how many)."""

    page: int
    total: int = 0


def page_counter(page: Page) -> Counter | None:
    """The printed page number, at the page's head or foot."""
    for row in page.rows:
        if 0.12 < row.box[1] < 0.85 or row.cell is not None or len(row.glyphs) > 16:
            continue
        found = _parse(row.text, row.box)
        if found:
            return found
    return None


def _parse(text: str, box: tuple[float, float, float, float]) -> Counter | None:
    match = _OF.search(text)
    if match:
        one, total = next(
            (match[a], match[b]) for a, b in ((1, 2), (4, 3), (5, 6)) if match[a] is not None
        )
        return _counter(one, total)
    match = _ONE.search(text)
    if match:
        return _counter(match[1] or match[2], "")
    middle = (box[0] + box[2]) / 2
    if _BARE.match(text) and box[1] > 0.9 and (0.42 < middle < 0.58 or middle > 0.85):
        return _counter(text, "")
    return None


def _counter(page: str, total: str) -> Counter | None:
    one, of = number(page), number(total) or 0
    if not one or (of and one > of) or one > 200:
        return None
    return Counter(one, of)


def is_continued(page: Page) -> bool:
    """A word near the top says that this page goes on from the one before."""
    head = "".join(row.text for row in page.rows if row.box[1] < 0.15)
    return bool(any_of("continued").search(head))
