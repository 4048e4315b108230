"""Writing the document. One run of text a line: one matrix a character would break search."""

from __future__ import annotations

import io
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, Stream, String
from PIL import Image, ImageCms

from rongdang.base.errors import DomainError
from rongdang.keep.packages import jpeg
from rongdang.keep.packages.pdfa.font import ASCENT, DESCENT, UNITS, Codes, add_font
from rongdang.keep.packages.pdfa.values import DocumentInfo, PdfPage, Run

PRODUCER = "Rongdang"
_SPACES = {1: Name.DeviceGray, 3: Name.DeviceRGB}


def build_pdf(pages: Iterable[PdfPage], info: DocumentInfo) -> bytes:
    """A PDF/A-2b of the pages in order; raises DomainError when there is none."""
    pdf = Pdf.new()
    codes = Codes()
    placed = [_Placed(page, *_add_page(pdf, page, codes)) for page in pages]
    if not placed:
        raise DomainError(
            "一页也没有，没有生成 PDF。", "There is no page; no PDF was made.", code="no-pages"
        )
    font = add_font(pdf, codes)
    for one in placed:
        one.resources.Font = Dictionary(F0=font)
    _describe(pdf, info)
    _outline(pdf, [one.page for one in placed])
    file = io.BytesIO()
    pdf.save(
        file,
        min_version="1.7",
        object_stream_mode=pikepdf.ObjectStreamMode.generate,
        compress_streams=True,
        deterministic_id=True,
    )
    return file.getvalue()


@dataclass(frozen=True, slots=True)
class _Placed:
    page: PdfPage
    resources: pikepdf.Object


def _add_page(pdf: Pdf, page: PdfPage, codes: Codes) -> tuple[pikepdf.Object]:
    data, head = _as_jpeg(page.read())
    dpi = page.dpi or head.dpi or 300
    width, height = head.width * 72 / dpi, head.height * 72 / dpi
    picture = Stream(pdf, data)
    picture.Type, picture.Subtype = Name.XObject, Name.Image
    picture.Width, picture.Height = head.width, head.height
    picture.BitsPerComponent, picture.ColorSpace = 8, _SPACES[head.components]
    picture.Filter = Name.DCTDecode
    resources = Dictionary(XObject=Dictionary(Im0=pdf.make_indirect(picture)))
    content = f"q {width:.3f} 0 0 {height:.3f} 0 0 cm /Im0 Do Q\n".encode("ascii")
    content += _text(page.runs, codes, width, height)
    body = Dictionary(
        Type=Name.Page,
        MediaBox=Array([0, 0, round(width, 3), round(height, 3)]),
        Resources=resources,
        Contents=pdf.make_indirect(Stream(pdf, content)),
    )
    if page.rotate % 360:
        body.Rotate = page.rotate % 360
    pdf.pages.append(pikepdf.Page(pdf.make_indirect(body)))
    return (pdf.pages[-1].obj.Resources,)


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


def _describe(pdf: Pdf, info: DocumentInfo) -> None:
    """Title and dates in /Info and XMP alike; colour profile; language."""
    with pdf.open_metadata(set_pikepdf_as_editor=False) as meta:
        meta["pdfaid:part"], meta["pdfaid:conformance"] = "2", "B"
        meta["dc:title"] = info.title
        meta["dc:creator"] = [info.author]
        if info.subject:
            meta["dc:description"] = info.subject
        if info.keywords:
            meta["pdf:Keywords"] = "，".join(info.keywords)
        meta["xmp:CreateDate"] = meta["xmp:ModifyDate"] = info.created.isoformat(timespec="seconds")
        meta["xmp:CreatorTool"] = meta["pdf:Producer"] = PRODUCER
    pdf.docinfo = pdf.make_indirect(_docinfo(info))
    profile = Stream(pdf, srgb_profile())
    profile.N = 3
    pdf.Root.OutputIntents = Array(
        [
            Dictionary(
                Type=Name.OutputIntent,
                S=Name.GTS_PDFA1,
                OutputConditionIdentifier=String("sRGB IEC61966-2.1"),
                Info=String("sRGB IEC61966-2.1"),
                DestOutputProfile=pdf.make_indirect(profile),
            )
        ]
    )
    pdf.Root.Lang = String("zh-CN")
    pdf.Root.ViewerPreferences = Dictionary(DisplayDocTitle=True)


def _docinfo(info: DocumentInfo) -> Dictionary:
    moment = info.created.strftime("D:%Y%m%d%H%M%S") + _zone(info)
    entries = Dictionary(
        Title=String(info.title),
        Author=String(info.author),
        Creator=String(PRODUCER),
        Producer=String(PRODUCER),
        CreationDate=String(moment),
        ModDate=String(moment),
    )
    if info.subject:
        entries.Subject = String(info.subject)
    if info.keywords:
        entries.Keywords = String("，".join(info.keywords))
    return entries


def _zone(info: DocumentInfo) -> str:
    zone = info.created.strftime("%z")
    return f"{zone[:3]}'{zone[3:5]}'" if zone and zone != "+0000" else "+00'00'"


@cache
def srgb_profile() -> bytes:
    """The ICC profile of sRGB."""
    return bytes(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())


def _outline(pdf: Pdf, pages: list[PdfPage]) -> None:
    """Bookmarks: classes, and under them materials."""
    with pdf.open_outline() as outline:
        level: dict[tuple[str, ...], OutlineItem] = {}
        for number, page in enumerate(pages):
            for depth in range(1, len(page.bookmark) + 1):
                path = page.bookmark[:depth]
                if path in level and depth < len(page.bookmark):
                    continue
                item = OutlineItem(path[-1], number)
                level[path] = item
                (level[path[:-1]].children if depth > 1 else outline.root).append(item)
