"""A case file in the terms of what is handed over: GB/T 33870 entries, pages of a PDF."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from django.utils import timezone

from rongdang.base.pagemark import Mark, marked_jpeg
from rongdang.base.vocab import categories
from rongdang.describe.casefiles import cataloguing
from rongdang.describe.casefiles.models import CaseFile, Page
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.packages.gbt33870.images import image_name
from rongdang.keep.packages.gbt33870.values import (
    OPTIMISED,
    ORIGINAL,
    Catalogue,
    Entry,
    PersonInfo,
)
from rongdang.keep.packages.gbt33870.writing import Image, Outgoing
from rongdang.keep.packages.pdfa.carrier import to_jpeg
from rongdang.keep.packages.pdfa.values import DocumentInfo, PdfPage, Run

# What our catalogue knows and the standard has no element for, told in the note.
COPY, MADE, UNDATED = "【复印件】", "【拟题】", "【形成时间不详】"
PAPER, CONVERTED = "【未数字化】", "【原始图像转为JPEG】"
MARKS = (COPY, MADE, UNDATED, PAPER, CONVERTED)
JPEG = "image/jpeg"
# Which copy each image of a package is: the receiver may prove it by the digest.
KEPT, MADE_JPEG = "保存的原字节", "由保存的原字节转成的 JPEG"
ABOUT = (
    "移交包：图像是保存的原字节，一个字节也没有改（随图像带来的 EXIF、XMP 等也在内），每页的 holds 写明摘要；"
    "原来不是 JPEG 的，是转成的 JPEG，另写明原字节的格式和摘要。图像上没有查阅标记；给人看的副本请导出 PDF。"
    " / For handing over: images are the kept bytes, unchanged, metadata included; “holds” gives the digest of "
    "each. What was no JPEG is converted, with the digest of the kept bytes. No mark is on the images; for "
    "reading, export a PDF."
)


def delivery_of(case_file: CaseFile) -> Outgoing:
    """The catalogue in the standard's terms, its images, and what only we know."""
    catalogue = cataloguing.catalogue_of(case_file)
    entries, images = [], []
    pages: dict[str, dict[str, Any]] = {}
    names: dict[str, str] = {}
    for item in catalogue["items"]:
        own = [
            image_name(item["category"], item["sequence"], page["sequence"])
            for page in item["pages"]
        ]
        entries.append(_entry(item, tuple(own)))
        for name, page in zip(own, item["pages"], strict=True):
            names[page["id"]] = name
            images += _images(name, page)
            pages[name] = _told(page)
    facts = [{**fact, "page": names.get(fact["page"], "")} for fact in catalogue["facts"]]
    return Outgoing(
        Catalogue(_person(catalogue["person"]), tuple(entries)),
        tuple(images),
        {"说明": ABOUT, "scheme": case_file.scheme, "pages": pages, "facts": facts},
    )


def _images(name: str, page: dict[str, Any]) -> list[Image]:
    return [
        Image(folder, name, _jpeg_reader(page[key], _type_of(page, key)))
        for folder, key in ((ORIGINAL, "original"), (OPTIMISED, "optimised"))
    ]


def _type_of(page: dict[str, Any], key: str) -> str:
    """As it was told when it came in; of files taken in before that was told, by the bytes."""
    told: str = page[f"{key}_type"]
    if told:
        return told
    with objects.open_object(StoredObject.objects.get(digest=page[key], shredded_at=None)) as file:
        return JPEG if file.read(3) == b"\xff\xd8\xff" else ""


def _told(page: dict[str, Any]) -> dict[str, Any]:
    """What the machine knows of a page: the receiver need not read it again."""
    known = ("width", "height", "dpi", "rotation", "blank", "engine")
    text = cataloguing.layer_json(Page.objects.get(pk=page["id"])) if page["text"] else b""
    holds = {
        folder: _held(page[key], _type_of(page, key))
        for folder, key in ((ORIGINAL, "original"), (OPTIMISED, "optimised"))
    }
    return {**{key: page[key] for key in known}, "layer": text.decode(), "holds": holds}


def _held(digest: str, media_type: str) -> dict[str, str]:
    """Is the image in the package the kept bytes themselves, or made of them?"""
    if media_type == JPEG:
        return {"copy": KEPT, "sha256": digest}
    return {"copy": MADE_JPEG, "kept": media_type, "kept_sha256": digest}


def _entry(item: dict[str, Any], names: tuple[str, ...]) -> Entry:
    marks = (
        (COPY, item["is_copy"]),
        (MADE, item["title_made"]),
        (UNDATED, not item["formed"]),
        (PAPER, item["paper_only"]),
        (CONVERTED, any(_type_of(page, "original") != JPEG for page in item["pages"])),
    )
    return Entry(
        category=item["category"],
        sequence=item["sequence"],
        title=item["title"],
        formed=item["formed"],
        page_count=item["page_count"],
        note=item["note"] + "".join(mark for mark, holds in marks if holds),
        originals=names,
        optimised=names,
    )


def _person(person: dict[str, Any]) -> PersonInfo:
    known = person["record"]
    return PersonInfo(
        name=person["name"],
        id_number=known.get("公民身份号码", ""),
        sex=known.get("性别", ""),
        ethnic=known.get("民族", ""),
        birth=known.get("出生日期", ""),
    )


def _jpeg_reader(digest: str, media_type: str) -> Callable[[], bytes]:
    """The stored bytes; a master that is no JPEG is converted for the receiver, never touched."""

    def read() -> bytes:
        data = _stored(digest)
        return data if media_type == JPEG else to_jpeg(data, quality=95)

    return read


def _stored(digest: str) -> bytes:
    return objects.read(StoredObject.objects.get(digest=digest, shredded_at=None))


def pdf_pages(case_file: CaseFile, mark: Mark) -> Iterator[PdfPage]:
    """Every page in the order of the catalogue, marked, its words above it, bookmarks by class and title."""
    scheme = categories.scheme(case_file.scheme)
    for item in cataloguing.items_in_order(case_file):
        entry = scheme.entry(item.category)
        bookmark = (f"{entry.numeral} {entry.name}", f"{item.sequence} {item.title}")
        pages = Page.objects.filter(item=item).select_related("optimised").order_by("sequence")
        for page in pages:
            yield replace(_pdf_page(page, mark), bookmark=bookmark if page.sequence == 1 else ())


def _pdf_page(page: Page, mark: Mark) -> PdfPage:
    digest, layer = page.optimised.digest, cataloguing.text_layer(page)
    lines = layer.lines if layer else ()
    return PdfPage(
        read=lambda: marked_jpeg(_stored(digest), mark),
        dpi=page.dpi,
        runs=tuple(Run(line.text, line.box, line.vertical) for line in lines),
    )


def document_info(case_file: CaseFile) -> DocumentInfo:
    return DocumentInfo(
        title=f"{case_file.person.name} {case_file.number}",
        author=case_file.custodian.name,
        created=timezone.localtime().replace(microsecond=0),
        subject="干部人事档案",
    )
