"""Writing the document: what all pages share, about the pages of the carrier."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import BinaryIO, cast

import pikepdf
from pikepdf import Array, Dictionary, Name, OutlineItem, Pdf, Stream, String
from PIL import ImageCms

from rongdang.base.cipher.errors import damaged
from rongdang.base.cipher.spool import Spool
from rongdang.base.cipher.suites import AES
from rongdang.base.errors import DomainError
from rongdang.keep.packages.pdfa.carrier import write_carrier
from rongdang.keep.packages.pdfa.font import Codes, add_font
from rongdang.keep.packages.pdfa.values import DocumentInfo, PdfPage

PRODUCER = "Rongdang"


def write_pdf(
    pages: Iterable[PdfPage], info: DocumentInfo, target: BinaryIO, *, suite: int = AES.number
) -> None:
    """A PDF/A-2b of the pages in order; raises DomainError when there is none.

    One image is in memory at a time: they wait on the disk, encrypted by `suite`, until the font
    and the outline are known.
    """
    with Spool(suite) as spool:
        codes = Codes()
        bookmarks = write_carrier(pages, codes, spool)
        if not bookmarks:
            raise DomainError(
                "一页也没有，没有生成 PDF。", "There is no page; no PDF was made.", code="no-pages"
            )
        with Pdf.open(cast("BinaryIO", spool)) as pdf:
            font = add_font(pdf, codes)
            for page in pdf.pages:
                page.obj.Resources.Font = Dictionary(F0=font)
            _describe(pdf, info)
            _outline(pdf, bookmarks)
            pdf.save(
                target,
                min_version="1.7",
                object_stream_mode=pikepdf.ObjectStreamMode.generate,
                compress_streams=True,
                deterministic_id=True,
            )
            if pdf.get_warnings():  # the library mends what it cannot read, and goes on without it
                raise damaged(
                    "生成中的 PDF 读回不一致", "the document being made reads back otherwise"
                )


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


def _outline(pdf: Pdf, bookmarks: Sequence[tuple[str, ...]]) -> None:
    """Bookmarks: classes, and under them materials."""
    with pdf.open_outline() as outline:
        level: dict[tuple[str, ...], OutlineItem] = {}
        for number, bookmark in enumerate(bookmarks):
            for depth in range(1, len(bookmark) + 1):
                path = bookmark[:depth]
                if path in level and depth < len(bookmark):
                    continue
                item = OutlineItem(path[-1], number)
                level[path] = item
                (level[path[:-1]].children if depth > 1 else outline.root).append(item)
