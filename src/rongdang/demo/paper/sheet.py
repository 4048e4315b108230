"""A blank sheet and the pens that write on it; what is written is kept as truth.

Lengths are millimetres. Ink lies in layers (print, hand, red) so that each can age in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache, lru_cache
from pathlib import Path
from random import Random
from typing import Any

from opencc import OpenCC
from PIL import Image, ImageDraw, ImageFont

from rongdang.base.typefaces import MissingGlyphsError, face


@dataclass(frozen=True, slots=True)
class Pen:
    """A way of writing: face, ink layer, size in mm, and how unsteady it is (0: a machine)."""

    face: str
    layer: str = "print"
    size: float = 4.2
    unsteady: float = 0.0
    uneven: float = 0.0  # 0..1: how much the blackness varies from character to character
    pitch: float = 1.0  # distance of characters, in sizes
    traditional: bool = False

    def sized(self, size: float) -> Pen:
        return replace(self, size=size)


@dataclass(frozen=True, slots=True)
class TrueMark:
    """A box, circle or tick on the page and the word it belongs to."""

    kind: str
    label: str
    checked: bool


class Sheet:
    """One page being written. `lines` is its text as a reader sees it, `marks` its ticks."""

    def __init__(self, width: float, height: float, dpi: int, chance: Random) -> None:
        self.width, self.height, self.dpi, self.chance = width, height, dpi, chance
        self.scale = dpi / 25.4
        self.lines: list[str] = []
        self.marks: list[TrueMark] = []
        self.pictures: list[tuple[int, int, Image.Image]] = []
        self.seals: list[tuple[int, int, Image.Image]] = []
        self._layers: dict[str, Image.Image] = {}
        self._pens: dict[str, ImageDraw.ImageDraw] = {}

    def px(self, length: float) -> int:
        return round(length * self.scale)

    @property
    def layers(self) -> dict[str, Image.Image]:
        """Ink by layer: 0 none, 255 full."""
        return self._layers

    def draw(self, layer: str) -> ImageDraw.ImageDraw:
        if layer not in self._layers:
            self._layers[layer] = Image.new("L", (self.px(self.width), self.px(self.height)), 0)
            self._pens[layer] = ImageDraw.Draw(self._layers[layer])
        return self._pens[layer]

    def rule(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        layer: str = "print",
        thick: float = 0.3,
    ) -> None:
        """A straight line."""
        points = (self.px(x0), self.px(y0), self.px(x1), self.px(y1))
        self.draw(layer).line(points, fill=230, width=max(1, self.px(thick)))

    def box(
        self,
        x0: float,
        y0: float,
        x1: float,
        y1: float,
        *,
        thick: float = 0.3,
        layer: str = "print",
    ) -> None:
        points = (self.px(x0), self.px(y0), self.px(x1), self.px(y1))
        self.draw(layer).rectangle(points, outline=230, width=max(1, self.px(thick)))

    def ring(self, x0: float, y0: float, x1: float, y1: float, *, layer: str = "hand") -> None:
        """A circle as a pen draws it round a word."""
        points = (self.px(x0), self.px(y0), self.px(x1), self.px(y1))
        self.draw(layer).ellipse(points, outline=240, width=max(2, self.px(0.45)))

    def write(self, x: float, y: float, text: str, pen: Pen, *, said: bool = True) -> float:
        """One line, its top left at (x, y); returns its width. `said`: the line is part of the text."""
        shown = traditional(text) if pen.traditional else text
        if said and shown.strip():
            self.lines.append(shown.strip())
        right = x
        for char in shown:
            right += self._stamp(right, y, char, pen)
        return right - x

    def write_down(self, x: float, y: float, text: str, pen: Pen, *, said: bool = True) -> float:
        """A column, its top left at (x, y); returns its height."""
        shown = traditional(text) if pen.traditional else text
        if said and shown.strip():
            self.lines.append(shown.strip())
        for number, char in enumerate(shown):
            self._stamp(x, y + number * pen.size * pen.pitch * 1.08, char, pen)
        return len(shown) * pen.size * pen.pitch * 1.08

    def _stamp(self, x: float, y: float, char: str, pen: Pen) -> float:
        if char in " \u3000":
            return pen.size * pen.pitch * (1.0 if char == "\u3000" else 0.5)
        size, dx, dy = pen.size, 0.0, 0.0
        if pen.unsteady:
            size *= self.chance.choice((0.94, 1.0, 1.06))
            dx, dy = (self.chance.uniform(-1, 1) * pen.unsteady * size for _ in range(2))
        font = font_for(pen.face, char, max(6, round(size * self.scale)))
        ink = 255 - int(pen.uneven * 150 * self.chance.random())
        place = ((x + dx) * self.scale, (y + dy + 0.88 * pen.size) * self.scale)
        self.draw(pen.layer).text(place, char, fill=ink, font=font, anchor="ls")
        return float(advance(char)) * pen.size * pen.pitch


@cache
def traditional(text: str) -> str:
    """As set before the reform of 1956."""
    converted: str = OpenCC("s2t").convert(text)
    return converted


def advance(char: str) -> float:
    """Width of a character in sizes: Chinese ones fill a square, the others about half of it."""
    return 1.0 if ord(char) >= 0x2E80 or char in "·—…“”‘’□☑√○●" else 0.56


def width_of(text: str, pen: Pen) -> float:
    """Width of a line in mm."""
    return sum(advance(char) for char in text) * pen.size * pen.pitch


def wrap(text: str, width: float, pen: Pen) -> list[str]:
    """`text` in lines of at most `width`; a line never begins with a closing mark."""
    lines, line = [], ""
    for char in text:
        if char == "\n" or (width_of(line + char, pen) > width and char not in "，。、；：）”"):
            lines.append(line)
            line = "" if char == "\n" else char
        else:
            line += char
    return [*lines, line] if line else lines


@lru_cache(maxsize=20_000)
def font_for(name: str, char: str, pixels: int) -> Any:
    """The font that draws this character; a hand that lacks a rare character borrows it."""
    path = face(name).file_for(char)
    if path is None:
        raise MissingGlyphsError(char)
    return _font(path, pixels)


@lru_cache(maxsize=4_000)
def _font(path: Path, pixels: int) -> Any:
    return ImageFont.truetype(str(path), pixels, layout_engine=ImageFont.Layout.BASIC)
