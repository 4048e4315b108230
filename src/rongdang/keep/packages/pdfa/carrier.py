"""A bare PDF of images and words, written page by page; font, description and outline come later.

One run of text a line: one matrix a character would break search.
"""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Protocol

from PIL import Image

from rongdang.base.errors import DomainError
from rongdang.keep.packages import jpeg
from rongdang.keep.packages.pdfa.font import ASCENT, DESCENT, UNITS, Codes
from rongdang.keep.packages.pdfa.values import PdfPage, Run

HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
CATALOGUE, TREE = 1, 2  # object numbers that are written last
_SPACES = {1: "/DeviceGray", 3: "/DeviceRGB"}


class Sink(Protocol):
    def write(self, data: bytes, /) -> int: ...


class _Objects:
    """Objects of a PDF (ISO 32000-1, 7.5) as they are written, and where each begins."""

    def __init__(self, out: Sink) -> None:
        self._out, self._at = out, 0
        self._places: dict[int, int] = {}
        self._next = TREE + 1
        self._write(HEADER)

    def add(self, body: str, stream: bytes | None = None, *, number: int = 0) -> int:
        """Write an object, with a stream when one is given; its number."""
        if not number:
            number, self._next = self._next, self._next + 1
        self._places[number] = self._at
        if stream is None:
            self._write(f"{number} 0 obj\n<< {body} >>\nendobj\n".encode("ascii"))
        else:
            head = f"{number} 0 obj\n<< {body} /Length {len(stream)} >>\nstream\n"
            self._write(head.encode("ascii"))
            self._write(stream)
            self._write(b"\nendstream\nendobj\n")
        return number

    def end(self) -> None:
        table = self._at
        rows = [f"{self._places[number]:010d} 00000 n \n" for number in sorted(self._places)]
        size = len(rows) + 1
        self._write(f"xref\n0 {size}\n0000000000 65535 f \n{''.join(rows)}".encode("ascii"))
        trailer = f"trailer\n<< /Size {size} /Root {CATALOGUE} 0 R >>\nstartxref\n{table}\n%%EOF\n"
        self._write(trailer.encode("ascii"))

    def _write(self, data: bytes) -> None:
        self._out.write(data)
        self._at += len(data)


def write_carrier(pages: Iterable[PdfPage], codes: Codes, out: Sink) -> list[tuple[str, ...]]:
    """Write all pages, their texts in `codes`; the bookmark of each page (() where none begins)."""
    objects, kids = _Objects(out), []
    bookmarks: list[tuple[str, ...]] = []
    for page in pages:
        kids.append(_add_page(objects, page, codes))
        bookmarks.append(page.bookmark)
    listed = " ".join(f"{number} 0 R" for number in kids)
    objects.add(f"/Type /Catalog /Pages {TREE} 0 R", number=CATALOGUE)
    objects.add(f"/Type /Pages /Count {len(kids)} /Kids [{listed}]", number=TREE)
    objects.end()
    return bookmarks


def _add_page(objects: _Objects, page: PdfPage, codes: Codes) -> int:
    data, head = _as_jpeg(page.read())
    dpi = page.dpi or head.dpi or 300
    width, height = head.width * 72 / dpi, head.height * 72 / dpi
    picture = objects.add(
        f"/Type /XObject /Subtype /Image /Width {head.width} /Height {head.height} "
        f"/BitsPerComponent 8 /ColorSpace {_SPACES[head.components]} /Filter /DCTDecode",
        data,
    )
    content = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Im0 Do Q\n".encode("ascii")
    words = objects.add("", content + _text(page.runs, codes, width, height))
    turn = f" /Rotate {page.rotate % 360}" if page.rotate % 360 else ""
    return objects.add(
        f"/Type /Page /Parent {TREE} 0 R /MediaBox [0 0 {width:.3f} {height:.3f}] "
        f"/Resources << /XObject << /Im0 {picture} 0 R >> >> /Contents {words} 0 R{turn}"
    )


def _as_jpeg(data: bytes) -> tuple[bytes, jpeg.JpegHead]:
    """The image as a PDF can hold it; anything but grey or colour JPEG is converted."""
    head = jpeg.read_head(data)
    if head is not None and head.components in _SPACES and head.bits == 8:
        return data, head
    data = to_jpeg(data)
    head = jpeg.read_head(data)
    assert head is not None
    return data, head


def to_jpeg(data: bytes, *, quality: int = 90) -> bytes:
    """Any image as a JPEG in grey or colour, its resolution kept; raises DomainError."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            mode = "L" if image.mode in ("1", "L", "I;16") else "RGB"
            dpi = image.info.get("dpi", (0, 0))
            file = io.BytesIO()
            known = {"dpi": (round(dpi[0]), round(dpi[1]))} if dpi[0] else {}
            image.convert(mode).save(file, "JPEG", quality=quality, **known)
    except (OSError, ValueError, Image.DecompressionBombError) as error:
        raise DomainError(
            "有一页的图像读不出来，没有生成。",
            "The image of a page cannot be read; nothing was made.",
            hint_zh="请运行 rongdang verify 查看是哪一个对象。",
            hint_en="Run rongdang verify to see which object it is.",
            code="image-unreadable",
        ) from error
    return file.getvalue()


def _text(runs: Iterable[Run], codes: Codes, width: float, height: float) -> bytes:
    """The page's words as invisible text (rendering mode 3), each run fitted to its box."""
    parts = [b"BT 3 Tr\n"]
    for run in runs:
        encoded = codes.encode(run.text)
        if encoded:
            parts.append(_run(run, encoded, width, height))
    return b"".join((*parts, b"ET\n")) if len(parts) > 1 else b""


def _run(run: Run, encoded: bytes, width: float, height: float) -> bytes:
    x0, y0, x1, y1 = run.box
    left, top, right, bottom = x0 * width, (1 - y0) * height, x1 * width, (1 - y1) * height
    length, size = (right - left, top - bottom)
    if run.vertical:
        length, size = size, length
    size, length = max(size, 1.0), max(length, 1.0)
    fit = 100 * length / (size * (len(encoded) // 2))
    below, above = -DESCENT / UNITS * size, ASCENT / UNITS * size
    if run.vertical:  # turned a quarter clockwise: the run goes down, its feet to the left
        matrix = f"0 -1 1 0 {right - above:.3f} {top:.3f}"
    else:
        matrix = f"1 0 0 1 {left:.3f} {bottom + below:.3f}"
    drawn = f"/F0 {size:.3f} Tf {fit:.3f} Tz {matrix} Tm <{encoded.hex().upper()}> Tj\n"
    return drawn.encode("ascii")
