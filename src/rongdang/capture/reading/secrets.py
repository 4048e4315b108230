"""Marks of state secrets on a page (保密法 2024, 14, 31; domain 5.4): the mark, never the word.

A hit destroys the page's bytes, so 保守秘密, 机要秘书 or 秘密加入组织 in running text must not hit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rongdang.base.textlayer import Box, TextLayer
from rongdang.capture.reading.sheets import Glyph, Page, Row, around, holds
from rongdang.capture.reading.titles import NUMBERED
from rongdang.capture.reading.values import SecretHit

_LEVEL = "绝密|机密|秘密"
_PERIOD = (
    r"(?:长期|永久|启用前|解密前|公开前|\d{1,2}个?[年月]|[一二三四五六七八九十]{1,3}个?[年月])"
)
# A star is often read as another sign, or not at all; with a period behind it the mark is plain.
_STARRED = re.compile(
    rf"(?<!\w)({_LEVEL})(?:[★☆✩✭⭐*＊]{_PERIOD}?|[·•.×xX]?{_PERIOD})(?![\u4e00-\u9fff])"
)
_ALONE = re.compile(rf"^[\[【（(]?({_LEVEL})[级件]?[\]】）)]?$")
_LABELLED = re.compile(rf"密级(?:和保密期限)?[:：]?({_LEVEL})")
_COPY_NUMBER = re.compile(r"^(?:份号[:：]?\d{1,6}|0\d{5})$|^№?0\d{5}$")
_UNIT = re.compile(
    r"(?<![\d.\-])(?:[1-9]\d{4}|(?<![〇○零一二三四五六七八九十百])[〇○零一二三四五六七八九]{5})部队"
)
HEAD, FOOT = 0.2, 0.93  # a bare word counts only in these strips
LARGE = 1.25


def secret_marks(layer: TextLayer) -> SecretHit | None:
    """The first mark found, None for an ordinary page."""
    return next(_hits(Page(layer)), None)


def _hits(page: Page) -> Iterator[SecretHit]:
    for row in page.rows:
        yield from _marked(page, row)
    yield from _labelled_cells(page)
    yield from _copy_number(page)
    for row in page.rows:
        match = _UNIT.search(row.text)
        if match:
            box = around(glyph.box for glyph in row.glyphs[match.start() : match.end()])
            yield SecretHit(
                "部队代号", box, "页上有五位部队代号", "a five-digit military unit code"
            )


def _marked(page: Page, row: Row) -> Iterator[SecretHit]:
    """A level with star or period; or the bare level as a word of its own where marks stand."""
    for word in _words(row):
        text = "".join(glyph.text for glyph in word)
        starred = _STARRED.search(text) or _LABELLED.search(text)
        if starred and (len(text) <= 20 or row.box[1] < HEAD):
            yield _level(starred[1], around(glyph.box for glyph in word))
            continue
        alone = _ALONE.match(text)
        box = around(glyph.box for glyph in word)
        if alone and row.cell is None and _where_marks_stand(page, row, box):
            yield _level(alone[1], box)


def _where_marks_stand(page: Page, row: Row, box: Box) -> bool:
    """In a corner, large at the head, at the edge of the foot, or inside a stamp."""
    if any(holds(seal, box) for seal in page.layer.seals):
        return True
    corner = box[2] < 0.35 or box[0] > 0.65
    if row.box[1] < HEAD:
        return corner or row.size > LARGE * page.size
    return corner and row.box[3] > FOOT


def _labelled_cells(page: Page) -> Iterator[SecretHit]:
    """A form that asks 密级 and says one of the three."""
    from rongdang.capture.reading.grid import Grid

    grid = Grid(page)
    for cell, row in page.cells.items():
        if row.text.strip(":：") not in ("密级", "密级和保密期限", "保密等级"):
            continue
        for other in (grid.right_of(cell), grid.below(cell)):
            said = re.match(_LEVEL, grid.text(other)) if other is not None else None
            if said and other is not None:
                yield _level(said[0], grid.boxes[other])


def _copy_number(page: Page) -> Iterator[SecretHit]:
    """份号 at the upper left of a red-head document: only secret ones carry it (GB/T 9704-2012)."""
    if not any(NUMBERED.search(row.text) and row.box[1] < 0.45 for row in page.rows):
        return
    for row in page.rows:
        if row.box[1] < 0.15 and row.box[0] < 0.3 and _COPY_NUMBER.match(row.text):
            yield SecretHit(
                "份号", row.box, "红头文件上有份号", "a copy number on an official document"
            )


def _level(word: str, box: Box) -> SecretHit:
    english = {"绝密": "top secret", "机密": "secret", "秘密": "confidential"}[word]
    return SecretHit(word, box, f"页上有“{word}”标志", f"the page is marked {word} ({english})")


def _words(row: Row) -> Iterator[tuple[Glyph, ...]]:
    """Runs of glyphs between wide gaps."""
    word: list[Glyph] = []
    for glyph in row.glyphs:
        if glyph.gap and word:
            yield tuple(word)
            word = []
        word.append(glyph)
    if word:
        yield tuple(word)
