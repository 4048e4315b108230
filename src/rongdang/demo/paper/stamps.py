"""Seals, and a photograph of nobody."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from rongdang.demo.paper.sheet import Pen, Sheet, font_for


def round_seal(sheet: Sheet, x: float, y: float, words: str, *, across: float = 38.0) -> None:
    """A round seal with a star, the unit's name along the rim; centre at (x, y)."""
    size = sheet.px(across)
    seal = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(seal)
    thick = max(2, size // 36)
    draw.ellipse((thick, thick, size - thick, size - thick), outline=225, width=thick)
    draw.polygon(_star(size / 2, size / 2, size * 0.15), fill=220)
    letter = max(8, int(size * min(0.14, 1.5 / (len(words) + 3))))
    sweep = min(4.4, len(words) * 1.25 * letter / (size * 0.36))
    for number, char in enumerate(words):
        angle = -math.pi / 2 + sweep * (number / max(1, len(words) - 1) - 0.5)
        centre = (
            size / 2 + size * 0.37 * math.cos(angle),
            size / 2 + size * 0.37 * math.sin(angle),
        )
        _turned(seal, char, centre, letter, -math.degrees(angle) - 90)
    turned = seal.rotate(sheet.chance.uniform(-8, 8), Image.Resampling.BILINEAR)
    _place(sheet, turned, x, y)


def square_seal(sheet: Sheet, x: float, y: float, name: str, *, across: float = 11.0) -> None:
    """A person's seal: the name in two columns read from the right; centre at (x, y)."""
    size = sheet.px(across)
    seal = Image.new("L", (size, size), 0)
    draw = ImageDraw.Draw(seal)
    draw.rectangle((1, 1, size - 2, size - 2), outline=225, width=max(2, size // 20))
    letters = f"{name}印"[:4].ljust(4, "章")
    step = size * 0.42
    font_size = max(8, int(size * 0.38))
    for number, char in enumerate(letters):
        column, row = 1 - number // 2, number % 2
        place = (size * 0.1 + column * step, size * 0.08 + row * step)
        draw.text(place, char, fill=220, font=font_for("song", char, font_size))
    _place(sheet, seal, x, y)


def _turned(
    seal: Image.Image, char: str, centre: tuple[float, float], letter: int, degrees: float
) -> None:
    tile = Image.new("L", (letter * 2, letter * 2), 0)
    font = font_for("song", char, letter)
    ImageDraw.Draw(tile).text((letter, letter), char, fill=225, font=font, anchor="mm")
    tile = tile.rotate(degrees, Image.Resampling.BILINEAR)
    corner = (int(centre[0] - letter), int(centre[1] - letter))
    seal.paste(225, (*corner, corner[0] + letter * 2, corner[1] + letter * 2), tile)


def _star(x: float, y: float, radius: float) -> list[tuple[float, float]]:
    points = []
    for step in range(10):
        reach = radius if step % 2 == 0 else radius * 0.4
        angle = -math.pi / 2 + step * math.pi / 5
        points.append((x + reach * math.cos(angle), y + reach * math.sin(angle)))
    return points


def _place(sheet: Sheet, seal: Image.Image, x: float, y: float) -> None:
    left = sheet.px(x) - seal.width // 2
    top = sheet.px(y) - seal.height // 2
    left = min(max(0, left), sheet.px(sheet.width) - seal.width)
    top = min(max(0, top), sheet.px(sheet.height) - seal.height)
    sheet.seals.append((left, top, seal))


def portrait(sheet: Sheet, x: float, y: float, width: float, height: float) -> None:
    """A grey head and shoulders; nobody's face."""
    size = (sheet.px(width), sheet.px(height))
    shade = sheet.chance.randrange(150, 205)
    picture = Image.new("L", size, shade)
    draw = ImageDraw.Draw(picture)
    w, h = size
    hair, skin, coat = (sheet.chance.randrange(*span) for span in ((20, 60), (165, 215), (40, 110)))
    draw.ellipse((w * -0.05, h * 0.68, w * 1.05, h * 1.5), fill=coat)
    draw.polygon([(w * 0.4, h * 0.7), (w * 0.6, h * 0.7), (w * 0.5, h * 0.86)], fill=225)
    draw.rectangle((w * 0.42, h * 0.55, w * 0.58, h * 0.74), fill=skin - 18)
    draw.ellipse((w * 0.27, h * 0.13, w * 0.73, h * 0.66), fill=hair)
    draw.ellipse((w * 0.30, h * 0.22, w * 0.70, h * 0.66), fill=skin)
    for eye in (0.40, 0.60):
        draw.ellipse((w * (eye - 0.035), h * 0.39, w * (eye + 0.035), h * 0.415), fill=40)
    draw.line((w * 0.5, h * 0.42, w * 0.49, h * 0.49), fill=skin - 40, width=max(1, w // 60))
    draw.line((w * 0.45, h * 0.55, w * 0.55, h * 0.55), fill=skin - 70, width=max(1, w // 50))
    soft = picture.filter(ImageFilter.GaussianBlur(max(1, w // 70)))
    grain = np.random.default_rng(sheet.chance.randrange(2**32)).normal(0, 7, (h, w))
    grainy = np.clip(np.asarray(soft, np.float32) + grain, 0, 255).astype(np.uint8)
    framed = Image.fromarray(grainy)
    ImageDraw.Draw(framed).rectangle((0, 0, w - 1, h - 1), outline=235, width=max(2, w // 40))
    sheet.pictures.append((sheet.px(x), sheet.px(y), framed))


def signature(sheet: Sheet, x: float, y: float, name: str, face: str) -> None:
    """A name as its bearer signs it."""
    sheet.write(x, y, name, Pen(face, "hand", 6.5, unsteady=0.03, pitch=0.92))
