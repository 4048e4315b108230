"""JPEG, PNG and TIFF with many pages: checked by decoding each page once."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from PIL import Image, ImageFile

from rongdang.capture.opening.descriptions import marked, of_image
from rongdang.capture.opening.values import End, Message, PageFound, Trouble

LONGEST_SIDE = 20_000
MOST_PIXELS = 140_000_000  # A2 at 600 dpi is 139
MOST_FRAMES = 3_000

Image.MAX_IMAGE_PIXELS = None  # our own limit below is asked before anything is decoded
ImageFile.LOAD_TRUNCATED_IMAGES = False


def damaged(number: int | None, *, fatal: bool) -> Trouble:
    where_zh = "文件" if number is None else f"第 {number + 1} 页"
    where_en = "The file" if number is None else f"Page {number + 1}"
    return Trouble(
        "damaged",
        f"{where_zh}损坏或不完整，读不出来。原文件已照原样保存。请重新扫描这一部分。",
        f"{where_en} is damaged or cut short and cannot be read. The file is kept as it came. "
        "Scan that part again.",
        number,
        fatal=fatal,
    )


def too_large(width: int, height: int, number: int) -> Trouble:
    return Trouble(
        "too-many-pixels",
        f"图像有 {width}×{height} 点，超出上限，没有展开。原文件已保存。请用 300 点重新扫描。",
        f"The image has {width}×{height} pixels, over the limit, and was not decoded. "
        "The file is kept. Scan again at 300 dpi.",
        number,
        fatal=True,
    )


def too_many_pages(zh: str, en: str) -> Trouble:
    return Trouble(
        "too-many-pages",
        f"文件里有{zh}页，没有展开。原文件已保存。请拆成几个文件再交。",
        f"The file announces {en} pages and was not gone through. It is kept. Split it.",
        fatal=True,
    )


def _frames(image: Image.Image) -> int:
    """Pages of a TIFF, counted no further than needed to know that they are too many."""
    for number in range(MOST_FRAMES + 1):
        try:
            image.seek(number)
        except EOFError:
            return number
    return MOST_FRAMES + 1


def fits(size: tuple[int, int]) -> bool:
    """May a picture of this size be decoded?"""
    width, height = size
    return max(width, height) <= LONGEST_SIDE and width * height <= MOST_PIXELS


def _dpi(image: Image.Image) -> int:
    value = image.info.get("dpi", (0, 0))[0]
    return round(float(value)) if value else 0


def single(source: BinaryIO, media_type: str) -> Iterator[Message]:
    """A file that is one page; its bytes are the master as they are."""
    try:
        with Image.open(source, formats=[media_type.split("/")[1]]) as image:
            if not fits(image.size):
                yield too_large(*image.size, 0)
                yield End(1)
                return
            dpi = _dpi(image)
            # A JPEG is decoded to an eighth: all its code is gone through, most of the sums are not.
            image.draft("L", (1, 1))
            image.load()
            kind = marked(of_image(image))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        yield damaged(0, fatal=True)
        yield End(1)
        return
    yield PageFound(0, media_type, dpi, whole=True, marked=kind)
    yield End(1)


def tiff(source: BinaryIO) -> Iterator[Message]:
    """Every page of a TIFF, each without loss as PNG; a broken one does not hide those after it.

    The whole file is held while it is gone through: libtiff would ask for all of it at each page.
    """
    try:
        image = Image.open(io.BytesIO(source.read()), formats=["tiff"])
        frames = _frames(image)
    except (OSError, ValueError, SyntaxError, KeyError, TypeError):
        yield damaged(None, fatal=True)
        yield End(1)
        return
    if frames > MOST_FRAMES:
        yield too_many_pages(f"超过 {MOST_FRAMES}", f"more than {MOST_FRAMES}")
        yield End(0)
        return
    for number in range(frames):
        try:
            image.seek(number)
            if not fits(image.size):
                yield too_large(*image.size, number)
                continue
            image.load()
            page = image if image.mode in ("1", "L", "RGB", "I;16") else image.convert("RGB")
            out = io.BytesIO()
            page.save(out, "PNG", compress_level=3)
        except (OSError, ValueError, SyntaxError, KeyError, TypeError, EOFError):
            yield damaged(number, fatal=False)
            continue
        kind = marked(of_image(image))
        yield PageFound(number, "image/png", _dpi(image), out.getvalue(), marked=kind)
    yield End(frames)
