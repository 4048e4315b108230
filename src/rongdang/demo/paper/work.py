"""A material being drawn: its sheets, where the pen stands, and the truth collected on the way."""

from __future__ import annotations

from random import Random

from rongdang.demo.paper.sheet import Pen, Sheet, width_of, wrap
from rongdang.demo.paper.styles import Style
from rongdang.demo.paper.writing import date_in_words

Place = tuple[float, float, float, float]  # x0, y0, x1, y1 in mm
TOP, SIDE, BOTTOM = 17.0, 20.0, 17.0


class Work:
    """Sheets of one material in one style. `y` is where the next thing goes on the last sheet."""

    def __init__(self, style: Style, chance: Random) -> None:
        self.style, self.chance = style, chance
        self.sheets: list[Sheet] = []
        self.fields: dict[str, str] = {}
        self.hands: dict[str, str] = {}
        self.y = 0.0
        self.new_page()

    @property
    def sheet(self) -> Sheet:
        return self.sheets[-1]

    @property
    def left(self) -> float:
        return SIDE

    @property
    def right(self) -> float:
        return self.style.size[0] - SIDE + 4

    @property
    def bottom(self) -> float:
        return self.style.size[1] - BOTTOM

    def new_page(self) -> None:
        """A fresh sheet; from the second on with its number below."""
        self.sheets.append(Sheet(*self.style.size, self.style.dpi, self.chance))
        self.y = TOP
        if len(self.sheets) > 1:
            number = f"—{len(self.sheets)}—"
            centre = self.style.size[0] / 2 - width_of(number, self.style.label.sized(3.4)) / 2
            self.sheet.write(
                centre, self.bottom + 4, number, self.style.label.sized(3.4), said=False
            )

    def room(self, height: float) -> None:
        """Turn the page when `height` does not fit."""
        if self.y + height > self.bottom:
            self.new_page()

    def centred(self, text: str, pen: Pen, *, spread: bool = True) -> None:
        """A line in the middle; short titles are spread out as printers do."""
        wide = self.right - self.left
        if spread and len(text) <= 6 and pen.size > 5:
            text = ("  " if len(text) > 3 else "   ").join(text)
        while width_of(text, pen) > wide:
            pen = pen.sized(pen.size * 0.93)
        start = self.left + (wide - width_of(text, pen)) / 2
        self.sheet.write(start, self.y, text, pen)
        self.y += pen.size * 1.75

    def paragraph(self, text: str, pen: Pen, *, leading: float = 1.7) -> None:
        """Running text with the first line set in by two characters; turns pages by itself."""
        for line in wrap("　　" + text, self.right - self.left, pen):
            self.room(pen.size * leading)
            self.sheet.write(self.left, self.y, line, pen)
            self.y += pen.size * leading

    def fitted(self, place: Place, text: str, pen: Pen) -> None:
        """Text inside a cell: one line, smaller if it must, or more lines; middle of the height."""
        x0, y0, x1, y1 = place
        wide = x1 - x0 - 2.0
        for factor in (1.0, 0.88, 0.78):
            if width_of(text, pen.sized(pen.size * factor)) <= wide:
                pen = pen.sized(pen.size * factor)
                break
        else:
            pen = pen.sized(min(pen.size * 0.78, (y1 - y0) / 2.3))
        lines = wrap(text, wide, pen)
        start = (y0 + y1) / 2 - len(lines) * pen.size * 1.12 / 2
        for number, line in enumerate(lines):
            shift = (
                (wide - width_of(line, pen)) / 2 if pen.layer == "print" else min(1.0, wide * 0.05)
            )
            self.sheet.write(x0 + 1.0 + shift, start + number * pen.size * 1.12, line, pen)

    def dated(self, right: float, y: float, iso: str) -> None:
        """A date that ends at `right`: all by one hand, or by hand into a printed 年 月 日."""
        pen = self.style.value.sized(self.style.value.size * 0.95)
        words = date_in_words(iso, self.style.date_style)
        if self.style.date_style in ("digits", "chinese") and not self.style.typed:
            self._filled_date(right, y, words)
            return
        self.sheet.write(right - width_of(words, pen), y, words, pen)

    def _filled_date(self, right: float, y: float, words: str) -> None:
        pen, printed = self.style.hand.sized(4.8), self.style.label
        gap = 1.2
        x = right - width_of(words, pen) - gap * 6
        for char in words:
            chosen = printed if char in "年月日" else pen
            x += gap if char in "年月日" else 0
            self.sheet.write(x, y, char, chosen, said=False)
            x += width_of(char, pen) + (gap if char in "年月日" else 0)
        self.sheet.lines.append(words)
