"""PDF: a scanned page gives its own JPEG unchanged, any other page is drawn at 300 dpi."""

from __future__ import annotations

import io
import math
from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

import pikepdf
import pypdfium2
from PIL import Image

from rongdang.capture.opening.descriptions import marked
from rongdang.capture.opening.images import LONGEST_SIDE, MOST_PIXELS, damaged, fits, too_many_pages
from rongdang.capture.opening.pdf_descriptions import of_pdf
from rongdang.capture.opening.values import End, Message, PageFound, Trouble

DPI = 300
MOST_PAGES, MOST_OBJECTS = 3_000, 200_000
ACTIVE = (
    *(
        "/JavaScript",
        "/JS",
        "/Launch",
        "/EmbeddedFiles",
        "/EmbeddedFile",
        "/RichMedia",
        "/AF",
        "/EF",
    ),
    *("/XFA", "/ImportData", "/SubmitForm", "/GoToE", "/GoToR"),
)
UNSEEN = ("/Link", "/Popup")
HIDDEN = 0x02 | 0x20  # flags Hidden and NoView (ISO 32000-1, 12.5.3)
HARMLESS = frozenset("q Q cm Do BT ET Tf Tr Tm Td Tj TJ Tz gs BMC BDC EMC g rg".split())


def pages(source: BinaryIO) -> Iterator[Message]:
    try:
        document = pikepdf.open(source)
    except pikepdf.PasswordError:
        yield _encrypted()
        yield End(0)
        return
    except (pikepdf.PdfError, ValueError, RuntimeError):
        yield damaged(None, fatal=True)
        yield End(0)
        return
    with document:
        if document.is_encrypted:
            yield _encrypted()
            yield End(0)
            return
        try:
            expected, held = len(document.pages), len(document.objects)
        except (pikepdf.PdfError, ValueError, RuntimeError):  # a tree of pages that bites its tail
            yield damaged(None, fatal=True)
            yield End(0)
            return
        if expected > MOST_PAGES or held > MOST_OBJECTS:
            yield too_many_pages(f" {expected} ", str(expected))
            yield End(0)
            return
        if _has_active_parts(document):
            yield Trouble(
                "active-parts",
                "PDF 里带有脚本或附件；只取页面图像，脚本不执行，附件不展开。原文件已保存。",
                "The PDF carries a script or attachment; only page images are taken, nothing is run "
                "or unpacked. The file is kept.",
                lost=False,
            )
        kind = _marked(document)
        drawn = pypdfium2.PdfDocument(source)
        drawn.init_forms()  # or what is filled into a form is not on the picture; it runs no script
        for number in range(expected):
            try:
                page = _embedded_jpeg(document.pages[number], number) or _drawn(drawn, number)
                yield replace(page, marked=kind) if kind else page
            except (pikepdf.PdfError, pypdfium2.PdfiumError, ValueError, RuntimeError, OSError):
                yield damaged(number, fatal=False)
    yield End(expected)


def _encrypted() -> Trouble:
    return Trouble(
        "encrypted",
        "PDF 有口令保护，打不开，没有取出页面。原文件已保存。请去掉口令后重新交一份。",
        "The PDF is protected by a password; no page was taken. The file is kept. "
        "Remove the password and hand it in again.",
        fatal=True,
    )


def _marked(document: pikepdf.Pdf) -> str:
    try:
        return marked(of_pdf(document))
    except (pikepdf.PdfError, ValueError, RuntimeError, TypeError):
        return ""  # what cannot be read is on no page either; each page is looked at as it is drawn


def _has_active_parts(document: pikepdf.Pdf) -> bool:
    return any(_is_active(thing, depth=4) for thing in (document.Root, *document.objects))


def _is_active(thing: object, *, depth: int) -> bool:
    """Does the object, or one directly inside it, run something or carry a file?"""
    if depth == 0 or not isinstance(thing, (pikepdf.Dictionary, pikepdf.Stream)):
        return False
    if any(key in thing for key in ACTIVE) or str(thing.get("/S", "")) in ACTIVE:
        return True
    return any(
        not value.is_indirect and _is_active(value, depth=depth - 1)
        for _key, value in thing.items()
        if isinstance(value, pikepdf.Dictionary)
    )


def _embedded_jpeg(page: pikepdf.Page, number: int) -> PageFound | None:
    """The page's one JPEG, byte for byte, when it covers an unturned page and nothing is on top."""
    images = list(page.get_images(recursive=False).items())
    if len(images) != 1 or int(page.obj.get("/Rotate", 0)) % 360 or _is_written_on(page):
        return None
    image_name, image = images[0]
    if str(image.get("/Filter", "")) != "/DCTDecode" or "/SMask" in image or "/Decode" in image:
        return None
    if not _only_draws(page, image_name):
        return None
    left, bottom, right, top = (float(value) for value in page.mediabox)
    inches = (right - left) / 72
    data = bytes(image.read_raw_bytes())
    width, height = _size_of(data)
    if not fits((width, height)):
        raise ValueError("too many pixels")
    if abs(width / height - (right - left) / (top - bottom)) > 0.05 or inches <= 0:
        return None
    return PageFound(number, "image/jpeg", round(width / inches), data)


def _is_written_on(page: pikepdf.Page) -> bool:
    """Does a note, a stamp or the field of a form lie over the page, to be seen?"""
    notes = page.obj.get("/Annots")
    return isinstance(notes, pikepdf.Array) and any(
        isinstance(one, pikepdf.Dictionary) and _is_seen(one) for one in notes
    )


def _is_seen(note: pikepdf.Dictionary) -> bool:
    """Not a link, nothing hidden, nothing without extent (as the field of an unseen signature)."""
    try:
        if str(note.get("/Subtype", "")) in UNSEEN or int(note.get("/F", 0)) & HIDDEN:
            return False
        left, bottom, right, top = (float(side) for side in note.get("/Rect", (0, 0, 0, 0)))
    except (TypeError, ValueError):
        return True  # odd, but drawing the page shows what there is
    return left != right and bottom != top


def _size_of(data: bytes) -> tuple[int, int]:
    """As the JPEG itself says; what the PDF says of it may be anything."""
    with Image.open(io.BytesIO(data), formats=["jpeg"]) as image:
        return image.size


def _only_draws(page: pikepdf.Page, name: str) -> bool:
    """Whether a reader sees that image and nothing over it: its text, if any, is invisible."""
    content = list(pikepdf.parse_content_stream(page))
    operators = [str(entry.operator) for entry in content]
    drawn = [str(entry.operands[0]) for entry in content if str(entry.operator) == "Do"]
    visible_text = "Tj" in operators and "Tr" not in operators
    return drawn == [name] and not set(operators) - HARMLESS and not visible_text


def _drawn(document: pypdfium2.PdfDocument, number: int) -> PageFound:
    page = document[number]
    try:
        return _picture_of(page, number)
    finally:
        page.close()  # or its picture stays until the document ends


def _picture_of(page: pypdfium2.PdfPage, number: int) -> PageFound:
    width, height = page.get_size()
    room = math.sqrt(MOST_PIXELS / max(width * height, 1))
    scale = min(DPI / 72, LONGEST_SIDE / max(width, height, 1), room)
    picture = page.render(scale=scale).to_pil().convert("RGB")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=92, subsampling=0, dpi=(round(scale * 72),) * 2)
    return PageFound(number, "image/jpeg", round(scale * 72), out.getvalue())
