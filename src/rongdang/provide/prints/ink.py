"""Text on a sheet: embedded subsets of the house faces, and no character ever dropped."""

from __future__ import annotations

import io
import re
from typing import Any

from reportlab.lib.pagesizes import A4
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from rongdang.base import typefaces

WIDTH, HEIGHT = A4[0] / mm, A4[1] / mm
HEADS, BODY = "hei", "song"
MARK_INK, MARK_STRENGTH, MARK_SLANT = (0.28, 0.38, 0.59), 0.14, 24
MARK_SIZE, MARK_ROWS = 12, 42  # points; millimetres between two lines
# A line of Chinese does not begin with these.
NOT_FIRST = "，。、；：？！）》】”’…—·"


class WholeFont(TTFont):  # type: ignore[misc]  # reportlab ships no types
    """A font whose text can be copied whole.

    reportlab writes code points above U+FFFF with five digits, which readers cut to another
    character; a ToUnicode map holds UTF-16 (ISO 32000-1, 9.10.3).
    """

    def addObjects(self, doc: Any) -> None:  # noqa: N802  reportlab's name
        super().addObjects(doc)
        for name, thing in doc.idToObject.items():
            if str(name).startswith("toUnicodeCMap:"):
                thing.content = re.sub(r"<([0-9A-F]{5,6})>", _utf16, thing.content)


def _utf16(code: re.Match[str]) -> str:
    return f"<{chr(int(code[1], 16)).encode('utf-16-be').hex().upper()}>"


class Ink:
    """A PDF in the making; millimetres from the upper left corner, sizes in points."""

    def __init__(self, title: str, foot: str = "", mark: str = "") -> None:
        """`foot` stands small at the lower edge of every page; `mark` faint and slanting all over it."""
        self._out = io.BytesIO()
        self.canvas = Canvas(self._out, pagesize=A4, lang="zh-CN")
        self.canvas.setTitle(title)
        self.canvas.setCreator("Rongdang 荣档")
        self._foot, self._mark = foot, mark

    def text(
        self, x: float, y: float, words: str, size: float, *, face: str = BODY, align: str = "left"
    ) -> None:
        """Words on the base line `y`, `x` being their left end, middle or right end."""
        pieces = _pieces(words, face)
        wide = sum(pdfmetrics.stringWidth(part, name, size) for name, part in pieces)
        at = x * mm - {"left": 0.0, "middle": wide / 2, "right": wide}[align]
        for name, part in pieces:
            self.canvas.setFont(name, size)
            self.canvas.drawString(at, (HEIGHT - y) * mm, part)
            at += pdfmetrics.stringWidth(part, name, size)

    def line(self, x0: float, y0: float, x1: float, y1: float, *, thick: float = 0.5) -> None:
        self.canvas.setLineWidth(thick)
        self.canvas.line(x0 * mm, (HEIGHT - y0) * mm, x1 * mm, (HEIGHT - y1) * mm)

    def box(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        *,
        thick: float = 0.5,
        fill: bool = False,
    ) -> None:
        self.canvas.setLineWidth(thick)
        self.canvas.rect(
            x * mm, (HEIGHT - y - high) * mm, wide * mm, high * mm, stroke=not fill, fill=fill
        )

    def end_page(self) -> None:
        if self._mark:
            self._lay_mark()
        if self._foot:
            self.text(WIDTH / 2, HEIGHT - 6, self._foot, 6, align="middle")
        self.canvas.showPage()

    def _lay_mark(self) -> None:
        """Who took the sheet, when and why: mixed in, so that what is beneath stays readable."""
        self.text(WIDTH / 2, HEIGHT - 9, self._mark, 7, align="middle")
        self.canvas.saveState()
        self.canvas.setFillColorRGB(*MARK_INK, alpha=MARK_STRENGTH)
        self.canvas.translate(0, HEIGHT * mm / 2)
        self.canvas.rotate(MARK_SLANT)
        step = width(self._mark, MARK_SIZE) + 22
        for row in range(-5, 6):
            for column in range(-1, 4):
                across = column * step + (row % 2) * step / 2
                self.text(across - step / 2, HEIGHT + row * MARK_ROWS, self._mark, MARK_SIZE)
        self.canvas.restoreState()

    def pdf(self) -> bytes:
        self.canvas.save()
        return self._out.getvalue()


def width(words: str, size: float, face: str = BODY) -> float:
    """Millimetres the words take."""
    return float(
        sum(pdfmetrics.stringWidth(part, name, size) for name, part in _pieces(words, face)) / mm
    )


def wrap(words: str, room: float, size: float, face: str = BODY) -> list[str]:
    """Lines no wider than `room` mm; a full stop never begins one."""
    lines, line = [], ""
    for char in words:
        if line and width(line + char, size, face) > room and char not in NOT_FIRST:
            lines.append(line)
            line = ""
        line += char
    return [*lines, line]


def _pieces(words: str, face: str) -> list[tuple[str, str]]:
    """(registered font, text); what no face can draw stands as its code point, [U+4D2E]."""
    typeface = typefaces.face(face)
    lacking = set(typeface.missing(words))
    drawable = "".join(f"[U+{ord(c):04X}]" if c in lacking else c for c in words)
    return [(_registered(str(path)), part) for path, part in typeface.runs(drawable)]


def _registered(path: str) -> str:
    if path not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(WholeFont(path, path))
    return path
