"""A font of one glyph for invisible text in any script.

The glyph is a box, not empty: with an empty one PDFium drops every turned run, as its rectangle has
no width. It is glyph 1: PDF/A forbids showing .notdef even unseen (ISO 19005-2, 6.2.11.8).
"""

from __future__ import annotations

import io
from functools import cache

from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pikepdf import Array, Dictionary, Name, Object, Pdf, Stream

UNITS, ASCENT, DESCENT = 1000, 880, -120
NAME = "/AAAAAA+RongdangBox"
_SURROGATES = range(0xD800, 0xE000)  # codes no character of its own has: for those beyond the BMP


@cache
def font_program() -> bytes:
    """TrueType with .notdef and one box, both one em wide."""
    builder = FontBuilder(UNITS, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap({0x25A1: "box"})
    builder.setupGlyf({".notdef": _box(), "box": _box()})
    builder.setupHorizontalMetrics({".notdef": (UNITS, 0), "box": (UNITS, 0)})
    builder.setupHorizontalHeader(ascent=ASCENT, descent=DESCENT)
    builder.setupNameTable({"familyName": "Rongdang Box", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=ASCENT, sTypoDescender=DESCENT, usWinAscent=ASCENT)
    builder.setupPost()
    builder.font["head"].created = builder.font["head"].modified = 0
    builder.font.recalcTimestamp = False
    file = io.BytesIO()
    builder.save(file)
    return file.getvalue()


def _box() -> object:
    pen = TTGlyphPen(None)
    pen.moveTo((0, DESCENT))
    for point in ((0, ASCENT), (UNITS, ASCENT), (UNITS, DESCENT)):
        pen.lineTo(point)
    pen.closePath()
    return pen.glyph()


class Codes:
    """Character → two-byte code (CID): its UTF-16 unit, or a free surrogate beyond the BMP."""

    def __init__(self) -> None:
        self._codes: dict[str, int] = {}
        self._free = iter(_SURROGATES)

    def encode(self, text: str) -> bytes:
        """The codes of a text; what cannot be written in a PDF at all is left out."""
        return b"".join(self._code(char).to_bytes(2, "big") for char in text if _writable(char))

    def _code(self, char: str) -> int:
        if char not in self._codes:
            point = ord(char)
            self._codes[char] = point if point < 0x10000 else next(self._free, 0x25A1)
        return self._codes[char]

    def to_unicode(self) -> bytes:
        """The CMap from codes back to characters, of those used."""
        rows = sorted((code, char) for char, code in self._codes.items())
        blocks = []
        for start in range(0, len(rows), 100):
            part = rows[start : start + 100]
            lines = "\n".join(
                f"<{code:04X}> <{char.encode('utf-16-be').hex().upper()}>" for code, char in part
            )
            blocks.append(f"{len(part)} beginbfchar\n{lines}\nendbfchar")
        return "\n".join((_CMAP_HEAD, *blocks, _CMAP_TAIL)).encode("ascii")


def _writable(char: str) -> bool:
    point = ord(char)
    return (
        point >= 0x20 and point not in _SURROGATES and point not in (0x7F, 0xFEFF, 0xFFFE, 0xFFFF)
    )


def add_font(pdf: Pdf, codes: Codes) -> Object:
    """The Type 0 font of a document whose texts `codes` has encoded."""
    program = Stream(pdf, font_program())
    program.Length1 = len(font_program())
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(NAME),
        Flags=4,
        FontBBox=Array([0, DESCENT, UNITS, ASCENT]),
        ItalicAngle=0,
        Ascent=ASCENT,
        Descent=DESCENT,
        CapHeight=ASCENT,
        StemV=80,
        FontFile2=pdf.make_indirect(program),
    )
    descendant = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(NAME),
        CIDSystemInfo=Dictionary(Registry="Adobe", Ordering="Identity", Supplement=0),
        FontDescriptor=pdf.make_indirect(descriptor),
        DW=UNITS,
        CIDToGIDMap=pdf.make_indirect(Stream(pdf, b"\x00\x01" * 0x10000)),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(descendant)]),
            ToUnicode=pdf.make_indirect(Stream(pdf, codes.to_unicode())),
        )
    )


_CMAP_HEAD = """/CIDInit /ProcSet findresource begin
12 dict begin
begincmap
/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
/CMapName /Adobe-Identity-UCS def
/CMapType 2 def
1 begincodespacerange
<0000> <FFFF>
endcodespacerange"""
_CMAP_TAIL = """endcmap
CMapName currentdict /CMap defineresource pop
end
end"""
