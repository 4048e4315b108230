"""Files with something wrong, so that a visitor sees how each is refused in words."""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from rongdang.base.typefaces import face
from rongdang.demo.paper.stack import draw_stack

SEED = 9090


def files() -> Iterator[tuple[str, bytes]]:
    """(name, bytes): half a file, a blurred page, a marked page, a locked PDF, an empty file."""
    page = draw_stack(SEED, split="train", pages=1).pages[0].jpeg
    yield "01_传到一半.jpg", page[: len(page) // 2]
    yield "02_没对焦.jpg", _blurred(page)
    yield "03_有密级标志.jpg", _marked()
    yield "04_有口令.pdf", _locked(page)
    yield "05_空文件.jpg", b""
    yield "06_改了后缀.tif", "这不是图像。".encode()


def _blurred(page: bytes) -> bytes:
    image = Image.open(io.BytesIO(page)).convert("RGB")
    return _jpeg(image.filter(ImageFilter.GaussianBlur(image.width / 250)))


def _marked() -> bytes:
    """A sheet with the mark of a level of secrecy in its corner; what it says is nothing."""
    sheet = Image.new("RGB", (2480, 3508), (250, 248, 240))
    pen = ImageDraw.Draw(sheet)
    lines = ((1750, 260, 80, "机密★10年"), (900, 520, 110, "关于演习的通知"))
    body = "这一页是演示用的，只有右上角的标志像真的。机器看见标志就停下，不留图像，只记下摘要。"
    for x, y, size, words in (*lines, *((300, 800 + 110 * n, 64, body) for n in range(3))):
        for n, char in enumerate(words[: (2200 - x) // size]):
            font = ImageFont.truetype(str(face("song").file_for(char)), size)
            pen.text((x + n * size, y), char, font=font, fill=(20, 20, 20))
    return _jpeg(sheet)


def _locked(page: bytes) -> bytes:
    out, plain = io.BytesIO(), io.BytesIO()
    Image.open(io.BytesIO(page)).convert("RGB").save(plain, "PDF", resolution=300)
    with pikepdf.open(plain) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="demonstration", user="demonstration"))
    return out.getvalue()


def _jpeg(image: Image.Image) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, dpi=(300, 300))
    return out.getvalue()
