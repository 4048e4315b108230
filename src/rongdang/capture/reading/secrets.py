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

_LEVEL = "绝[密蜜]|机[密蜜]|秘[密蜜]"
_PERIOD = r"[(（]?(?:长期|永久|启用前|解密前|公开前|至\d{4}年|\d{1,2}个?[年月]|[一二三四五六七八九十]{1,3}个?[年月])"
# A star is often read as another sign, or not at all; with a period behind it the mark is plain.
_STARRED = re.compile(
    rf"(?<!\w)({_LEVEL})(?:[★☆✩✭⭐✦⋆※]|[*＊◆]{_PERIOD}?(?![\u4e00-\u9fff])"
    rf"|[·•.×xX+&、丶文大太女火米]?{_PERIOD}(?![\u4e00-\u9fff]))"
)
_URGENT = "(?:特急|加急|特提|急件|急|内部|不得外传|严禁外传|妥善保管)?"
_ALONE = re.compile(rf"^{_URGENT}[\[【「『（(★☆*]*极?({_LEVEL})[级件]?[\]】」』）)!！]*{_URGENT}$")
_LABEL = "(?:密级|保密等级|秘密等级|保密级别)(?:和保密期限)?"
_SAID = rf"[★☆*]?({_LEVEL})(?!(?:[级件]|文件)?(?:以上|以下|以内|及|和|或|的|、|[/／□☐○]))"
_LABELLED = re.compile(rf"{_LABEL}[:：(（\[]?{_SAID}")
_LABEL_ALONE = re.compile(rf"{_LABEL}[:：]?")
_ASKED = re.compile(r"(?:[:：]|方式|形式|性质|身份|情况)$")
_COPY_NUMBER = re.compile(r"^(?:份号[:：]?\d{1,6}|0\d{5})$|^№?0\d{5}$")
_UNIT = re.compile(
    r"(?<![\d.\-])(?:[1-9]\d{4}|(?<![〇○零一二三四五六七八九十百])[〇○零一二三四五六七八九]{5})部队"
)
HEAD, FOOT = 0.2, 0.93  # a bare word counts only in these strips
LARGE = 1.25
FULL = 14  # characters of a line of running text, at least


def secret_marks(layer: TextLayer) -> SecretHit | None:
    """The first mark found, None for an ordinary page."""
    return next(_hits(Page(layer)), None)


def _hits(page: Page) -> Iterator[SecretHit]:
    for row in page.rows:
        yield from _marked(page, row)
    yield from _stacked(page)
    yield from _ticked(page)
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
    words = list(_words(row))
    if len(words) > 1 and all(len(word) == 1 for word in words):
        words = [row.glyphs]  # 绝　　密
    before = ""
    for word in words:
        text, box = "".join(glyph.text for glyph in word), around(glyph.box for glyph in word)
        starred = _STARRED.search(text) or _LABELLED.search(text)
        alone = _ALONE.match(text)
        if starred and (len(text) <= 20 or row.box[1] < HEAD) and not _choices(text):
            yield _level(starred[1], box)
        elif alone and not _ASKED.search(before) and _where_marks_stand(page, row, box):
            yield _level(alone[1], box)
        before = text


def _choices(text: str) -> bool:
    """Several levels printed to choose from."""
    return len(set(re.findall(_LEVEL, text))) > 1


def _stacked(page: Page) -> Iterator[SecretHit]:
    """密 by itself under 绝, 机 or 秘 by itself, read as two lines."""
    single = [row for row in page.rows if row.cell is None and len(row.glyphs) == 1]
    for above in single:
        for below in single:
            word = above.text + below.text
            apart = below.box[1] - above.box[3]
            if (
                re.fullmatch(_LEVEL, word)
                and abs(above.box[0] - below.box[0]) < above.size
                and 0 <= apart + 0.3 * above.size < 2 * above.size
                and _where_marks_stand(page, above, above.box)
            ):
                yield _level(word, around((above.box, below.box)))


def _ticked(page: Page) -> Iterator[SecretHit]:
    """A printed choice of levels, one of them ticked."""
    for mark in page.layer.marks:
        if mark.checked and re.fullmatch(_LEVEL, mark.label):
            yield _level(mark.label, mark.box)


def _where_marks_stand(page: Page, row: Row, box: Box) -> bool:
    """Outside cells: in a corner, large at the head, at the edge of the foot, or inside a stamp."""
    if row.cell is not None:
        return False
    if any(holds(seal, box) for seal in page.layer.seals):
        return True
    corner = box[2] < 0.35 or box[0] > 0.65
    large = row.size > LARGE * page.size
    if corner and not large and _ends_a_sentence(page, row):
        return False
    if row.box[1] < HEAD:
        return corner or large
    return corner and row.box[3] > FOOT


def _ends_a_sentence(page: Page, row: Row) -> bool:
    """The last word of a paragraph, over or under a full line of writing that begins where it does."""
    return any(
        len(other.glyphs) > FULL
        and abs(other.box[0] - row.box[0]) < 3 * row.size
        and abs(other.box[1] - row.box[1]) < 2.2 * row.size
        for other in page.rows
        if other is not row and other.cell is None
    )


def _labelled_cells(page: Page) -> Iterator[SecretHit]:
    """A form that asks 密级 and says one of the three."""
    from rongdang.capture.reading.grid import Grid

    grid = Grid(page)
    for cell, row in page.cells.items():
        if not _LABEL_ALONE.fullmatch(row.text):
            continue
        for other in (grid.right_of(cell), grid.below(cell)):
            text = grid.text(other) if other is not None else ""
            said = re.match(_SAID, text)
            if said and other is not None and not _choices(text):
                yield _level(said[1], grid.boxes[other])


def _copy_number(page: Page) -> Iterator[SecretHit]:
    """份号 at the upper left of a red-head document: only secret ones carry it (GB/T 9704-2012)."""
    if not any(NUMBERED.search(row.text) and row.box[1] < 0.45 for row in page.rows):
        return
    for row in page.rows:
        if row.box[1] < 0.15 and row.box[0] < 0.3 and _COPY_NUMBER.match(row.text):
            yield SecretHit(
                "份号", row.box, "红头文件上有份号", "a copy number on an official document"
            )


def _level(read: str, box: Box) -> SecretHit:
    word = read.replace("蜜", "密")
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
