"""Our own check of the PDF/A-2b rules that our documents can break. Not a full validator.

For another voice, name a validator such as veraPDF in the settings (`outside_check` runs it).
"""

from __future__ import annotations

import io
import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import pikepdf
from fontTools.ttLib import TTFont, TTLibError
from pikepdf import Dictionary, Name, Pdf, Stream

FORBIDDEN_ACTIONS = {
    "/Launch",
    "/Sound",
    "/Movie",
    "/ResetForm",
    "/ImportData",
    "/JavaScript",
    "/Hide",
    "/SetOCGState",
    "/Rendition",
    "/Trans",
    "/GoTo3DView",
}
FORBIDDEN_ANNOTATIONS = {"/3D", "/Sound", "/Screen", "/Movie"}
ENDS = 1024  # bytes looked at of the beginning and the end
FORBIDDEN_FILTERS = {"/LZWDecode", "/Crypt"}


@dataclass(frozen=True, slots=True)
class Broken:
    """A rule of ISO 19005-2 by its clause, and where it is broken."""

    clause: str
    en: str


def check_pdfa(file: BinaryIO) -> list[Broken]:
    """Rules that are broken; an empty list says: none of those that were looked at."""
    broken = list(_file_rules(file))
    file.seek(0)
    try:
        with Pdf.open(file) as pdf:
            if pdf.is_encrypted:
                return [*broken, Broken("6.1.3", "the file is encrypted")]
            broken += _document_rules(pdf)
            broken += _metadata_rules(pdf)
            broken += _object_rules(pdf)
            for page in pdf.pages:
                broken += _page_rules(page)
    except pikepdf.PdfError as error:
        return [*broken, Broken("6.1", f"cannot be read: {error}")]
    return list(dict.fromkeys(broken))


def outside_check(command: str, path: Path, *, timeout: float = 300) -> tuple[bool, str]:
    """Run another validator (such as veraPDF) on a file; (its exit code was 0, what it printed)."""
    done = subprocess.run(
        [*shlex.split(command), str(path)],
        capture_output=True,
        timeout=timeout,
        check=False,
        text=True,
    )
    return done.returncode == 0, done.stdout + done.stderr


def _file_rules(file: BinaryIO) -> Iterator[Broken]:
    file.seek(0)
    if not re.match(rb"%PDF-1\.[0-7]\r?\n%[\x80-\xff]{4}", file.read(ENDS)):
        yield Broken("6.1.2", "header without version or binary comment")
    file.seek(max(0, file.seek(0, io.SEEK_END) - ENDS))
    if not file.read(ENDS).rstrip(b"\r\n").endswith(b"%%EOF"):
        yield Broken("6.1.3", "something follows the end of the file")


def _document_rules(pdf: Pdf) -> Iterator[Broken]:
    if "/ID" not in pdf.trailer or len(pdf.trailer.ID) != 2:
        yield Broken("6.1.3", "no /ID in the trailer")
    root = pdf.Root
    for key, clause in (("/AA", "6.5.2"), ("/OpenAction", "6.5.1"), ("/Requirements", "6.11")):
        if key in root:
            yield Broken(clause, f"{key} in the catalogue")
    names = root.get("/Names", Dictionary())
    for key in ("/JavaScript", "/EmbeddedFiles", "/AlternatePresentations"):
        if key in names:
            yield Broken("6.8" if key == "/EmbeddedFiles" else "6.5.1", f"{key} in /Names")
    form = root.get("/AcroForm", Dictionary())
    if "/XFA" in form or form.get("/NeedAppearances", False):
        yield Broken("6.4.2", "dynamic form")
    yield from _intent_rules(root)


def _intent_rules(root: Any) -> Iterator[Broken]:
    intents = [one for one in root.get("/OutputIntents", ()) if one.get("/S") == Name.GTS_PDFA1]
    if not intents:
        yield Broken("6.2.3", "no PDF/A output intent")
    for intent in intents:
        profile = intent.get("/DestOutputProfile")
        if profile is None or profile.read_bytes()[36:40] != b"acsp":
            yield Broken("6.2.3", "output intent without an ICC profile")
        elif {b"RGB ": 3, b"GRAY": 1, b"CMYK": 4}.get(profile.read_bytes()[16:20]) != profile.get(
            "/N"
        ):
            yield Broken("6.2.3", "/N differs from the ICC profile")


def _metadata_rules(pdf: Pdf) -> Iterator[Broken]:
    if "/Metadata" not in pdf.Root:
        yield Broken("6.6.2.1", "no XMP metadata")
        return
    with pdf.open_metadata(set_pikepdf_as_editor=False, update_docinfo=False) as meta:
        if (meta.get("pdfaid:part"), meta.get("pdfaid:conformance")) != ("2", "B"):
            yield Broken("6.6.4", "XMP does not say PDF/A-2B")
        pairs: tuple[tuple[str, Any], ...] = (
            ("/Title", meta.get("dc:title")),
            ("/Author", "; ".join(meta.get("dc:creator", []))),
            ("/Subject", meta.get("dc:description")),
            ("/Keywords", meta.get("pdf:Keywords")),
            ("/Creator", meta.get("xmp:CreatorTool")),
            ("/Producer", meta.get("pdf:Producer")),
        )
        for key, told in pairs:
            if key in pdf.docinfo and str(pdf.docinfo[key]) != told:
                yield Broken("6.6.3", f"{key} differs from XMP")
        for key, told in (
            ("/CreationDate", meta.get("xmp:CreateDate")),
            ("/ModDate", meta.get("xmp:ModifyDate")),
        ):
            if (
                key in pdf.docinfo
                and _moment(str(pdf.docinfo[key])) != re.sub(r"\D", "", str(told))[:14]
            ):
                yield Broken("6.6.3", f"{key} differs from XMP")


def _moment(text: str) -> str:
    return re.sub(r"\D", "", text)[:14]


def _object_rules(pdf: Pdf) -> Iterator[Broken]:
    for one in pdf.objects:
        if isinstance(one, Stream):
            yield from _stream_rules(one)
        if not isinstance(one, Dictionary | Stream):
            continue
        if str(one.get("/S", "")) in FORBIDDEN_ACTIONS and "/Type" not in one:
            yield Broken("6.5.1", f"action {one['/S']}")
        if one.get("/Type") == Name.Font:
            yield from _font_rules(one)
        if one.get("/Type") == Name.Annot and str(one.get("/Subtype")) in FORBIDDEN_ANNOTATIONS:
            yield Broken("6.3.1", f"annotation {one['/Subtype']}")


def _stream_rules(stream: Stream) -> Iterator[Broken]:
    filters: Any = stream.get("/Filter", [])
    listed = [filters] if isinstance(filters, Name) else list(filters)
    for name in listed:
        if str(name) in FORBIDDEN_FILTERS:
            yield Broken("6.1.7.2", f"filter {name}")
    if any(key in stream for key in ("/F", "/FFilter", "/FDecodeParms")):
        yield Broken("6.1.7.1", "a stream outside the file")
    if stream.get("/Subtype") == Name.Image:
        if stream.get("/Interpolate", False):
            yield Broken("6.2.8", "image with interpolation")
        if "/Alternates" in stream or "/OPI" in stream:
            yield Broken("6.2.8", "image with alternates")
        if stream.get("/ColorSpace") == Name.DeviceCMYK:
            yield Broken("6.2.4.3", "four-colour image under an RGB output intent")
        if Name.JPXDecode in listed:
            yield Broken("6.2.8.3", "JPEG 2000 is not looked into")
    if stream.get("/Subtype") == Name.PS:
        yield Broken("6.2.9", "PostScript XObject")


def _font_rules(font: Any) -> Iterator[Broken]:
    if font.get("/Subtype") == Name.Type0:
        if "/ToUnicode" not in font:
            yield Broken("6.2.11.7", "font without ToUnicode")
        return
    descriptor = font.get("/FontDescriptor", Dictionary())
    programs = [
        descriptor[key] for key in ("/FontFile", "/FontFile2", "/FontFile3") if key in descriptor
    ]
    if not programs:
        yield Broken("6.2.11.4.1", "font that is not embedded")
        return
    if font.get("/Subtype") != Name.CIDFontType2:
        return
    if "/CIDToGIDMap" not in font:
        yield Broken("6.2.11.3.2", "CIDFont without CIDToGIDMap")
    try:
        widths = TTFont(io.BytesIO(programs[0].read_bytes()))["hmtx"].metrics
    except (TTLibError, KeyError):
        yield Broken("6.2.11.4.1", "embedded font that cannot be read")
        return
    if {width for width, _bearing in widths.values()} != {
        int(font.get("/DW", 1000))
    } and "/W" not in font:
        yield Broken("6.2.11.5", "widths differ from the embedded font")


def _page_rules(page: pikepdf.Page) -> Iterator[Broken]:
    if "/AA" in page.obj:
        yield Broken("6.5.2", "action on a page")
    box = [float(value) for value in page.mediabox]
    if not all(3 <= side <= 14400 for side in (box[2] - box[0], box[3] - box[1])):
        yield Broken("6.1.13", "page size out of bounds")
    fonts = page.obj.get("/Resources", Dictionary()).get("/Font", Dictionary())
    maps = {name: _glyphs(font) for name, font in fonts.items()}
    current: bytes | None = None
    for step in pikepdf.parse_content_stream(page):
        operands, operator = step.operands, str(step.operator)
        if operator == "Tf":
            current = maps.get(str(operands[0]))
        elif operator in ("Tj", "'", '"') and current is not None:
            codes = bytes(operands[-1])
            if any(
                current[2 * int.from_bytes(codes[i : i + 2], "big") :][:2] in (b"\0\0", b"")
                for i in range(0, len(codes), 2)
            ):
                yield Broken("6.2.11.8", ".notdef is shown")


def _glyphs(font: Any) -> bytes | None:
    """CIDToGIDMap of a Type 0 font, when it is a stream."""
    for descendant in font.get("/DescendantFonts", ()):
        mapping = descendant.get("/CIDToGIDMap")
        if isinstance(mapping, Stream):
            return mapping.read_bytes()
    return None
