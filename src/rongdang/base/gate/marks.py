"""Marks of state secrets in what is typed or comes as text (保密法 2024, 14, 22): the mark, not the word.

保守秘密, 机要秘书, 秘密战线 and 保密协议 are words and pass. Marks on an image are told by their place:
`capture.reading.secrets`.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

_LEVEL = "绝密|机密|秘密"
_PERIOD = (
    r"(?:长期|永久|启用前|解密前|公开前|\d{1,2}个?[年月]|[一二三四五六七八九十]{1,3}个?[年月])"
)
# Several levels named beside one another, or a level and what is above or below it, mark nothing.
_ONE = r"(?!(?:[级件]|文件)?(?:以上|以下|以内|及|和|或|的|、|[/／]))"
_MARKS = (
    re.compile(rf"({_LEVEL}) ?(?:[★☆✩✭⭐✦⋆※]|[*＊◆]{_PERIOD}?)"),
    re.compile(rf"(?<![\u4e00-\u9fff])({_LEVEL})[·. ]?{_PERIOD}(?![\u4e00-\u9fff])"),
    re.compile(rf"({_LEVEL})[·•]{_PERIOD}(?![\u4e00-\u9fff])"),
    re.compile(rf"[(（\[【〔〖]({_LEVEL})[级件]?[)）\]】〕〗]"),
    re.compile(rf"(?:密级|保密等级|秘密等级|保密级别)(?:和保密期限)?[:： ]?({_LEVEL}){_ONE}"),
    re.compile(rf"^极?({_LEVEL})[级件]?$"),
)
_UNIT = re.compile(
    r"(?<![\d.\-])[1-9]\d{4} ?部队"
    r"|(?<![〇○零一二三四五六七八九十百])[〇○零一二三四五六七八九]{5}部队"
)


def mark_in(text: str) -> str:
    """The level the text is marked with, 部队代号 for a five-digit unit code, "" for an ordinary text."""
    for line in unicodedata.normalize("NFKC", text).splitlines():
        plain = re.sub(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])", "", line.strip())
        for mark in _MARKS:
            if match := mark.search(plain):
                return match[1]
        if _UNIT.search(plain):
            return "部队代号"
    return ""


def mark_in_cells(cells: Sequence[str]) -> str:
    """`mark_in` of the first marked of many short texts; fast where none is, as in a million rows."""
    whole = "\n".join(cells)
    if not whole.isascii() and not unicodedata.is_normalized("NFKC", whole):
        whole = unicodedata.normalize("NFKC", whole)
    if "密" not in whole and "队" not in whole:  # no mark is without one of them
        return ""
    return next(filter(None, map(mark_in, cells)), "")
