"""Pages drawn for the walks: a ruled form with exact places of every word; no engine is needed."""

import io

from PIL import Image, ImageDraw, ImageFont

from rongdang.base.textlayer import Char, Line, TextLayer

WIDTH, HEIGHT = 1240, 1754
FACES = (
    "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc",
    "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc",
)


def face(size):
    for path in FACES:
        try:
            return ImageFont.truetype(path, size)
        except OSError:
            continue
    return ImageFont.load_default(size)


def page(title, rows):
    """JPEG of one form and its text layer; `rows` are (label, value, confidence)."""
    image = Image.new("RGB", (WIDTH, HEIGHT), (246, 240, 224))
    pen = ImageDraw.Draw(image)
    lines = [_line(title, 0.98, _write(pen, title, 320, 120, 64))]
    for number, (label, value, confidence) in enumerate(rows):
        top = 260 + number * 110
        pen.rectangle((120, top, WIDTH - 120, top + 110), outline=(90, 80, 70), width=3)
        pen.line((400, top, 400, top + 110), fill=(90, 80, 70), width=3)
        lines.append(_line(label, 0.97, _write(pen, label, 150, top + 32, 40)))
        if value:
            lines.append(_line(value, confidence, _write(pen, value, 430, top + 32, 40)))
    pen.ellipse((880, 1420, 1120, 1660), outline=(190, 60, 50), width=8)
    out = io.BytesIO()
    image.save(out, "JPEG", quality=80)
    return out.getvalue(), TextLayer("drawn 1", WIDTH, HEIGHT, tuple(lines), (), ())


def _write(pen, text, left, top, size):
    """Draw text and give the box of every character."""
    boxes = []
    for character in text:
        pen.text((left, top), character, font=face(size), fill=(40, 36, 34))
        wide = size if ord(character) > 255 else size // 2
        boxes.append((left, top + 4, left + wide, top + size + 12))
        left += wide + 6
    return [(x0 / WIDTH, y0 / HEIGHT, x1 / WIDTH, y1 / HEIGHT) for x0, y0, x1, y1 in boxes]


def _line(text, confidence, boxes):
    whole = (boxes[0][0], boxes[0][1], boxes[-1][2], boxes[-1][3])
    chars = tuple(Char(c, box, confidence) for c, box in zip(text, boxes, strict=True))
    return Line(text, whole, confidence, chars)


def box_of(layer, text):
    """Where a line stands."""
    return next(line.box for line in layer.lines if line.text == text)
