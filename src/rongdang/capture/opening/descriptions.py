"""What a file says of itself beside its picture: title, remark, XMP; asked for marks of state secrets.

A mark in a name or a description is one as much as a mark on the page (domain 5.4).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterable, Iterator
from contextlib import suppress

from PIL import ExifTags, Image

from rongdang.base.gate.marks import mark_in

LONGEST = 1 << 16  # bytes of one description that are looked at
_TAGS = (
    *(ExifTags.Base.ImageDescription, ExifTags.Base.DocumentName, ExifTags.Base.Artist),
    *(ExifTags.Base.XPTitle, ExifTags.Base.XPComment, ExifTags.Base.XPKeywords),
    ExifTags.Base.XPSubject,
)
_NO_WORDS = ("icc_profile", "exif")  # EXIF is asked tag by tag
_BROKEN = (OSError, ValueError, SyntaxError, KeyError, TypeError, AttributeError, struct.error)


def marked(words: Iterable[str]) -> str:
    """The first mark among them, as `mark_in` names it; "" for none."""
    return next(filter(None, map(mark_in, words)), "")


def of_name(name: str) -> Iterator[str]:
    """The folders and the name of a member of an archive, with its ending and without."""
    parts = name.replace("\\", "/").split("/")
    yield from (*parts, parts[-1].rpartition(".")[0])


def of_image(image: Image.Image) -> Iterator[str]:
    """Comments, text chunks, EXIF and XMP; what cannot be read says nothing."""
    told = ((key, value) for key, value in image.info.items() if key not in _NO_WORDS)
    held = [value for _key, value in told if isinstance(value, str | bytes)]
    with suppress(*_BROKEN):
        own = getattr(image, "tag_v2", None)  # of a TIFF
        exif = image.getexif() if own is None else own
        held += [value for tag in _TAGS if isinstance(value := exif.get(tag), str | bytes)]
        if isinstance(exif, Image.Exif):
            comment = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.UserComment)
            held += [comment[8:]] if isinstance(comment, bytes) else []
    for value in held:
        yield from words_in(value)


def words_in(value: str | bytes) -> Iterator[str]:
    """Text out of a field that may be in any of the encodings found in the field, tags left out."""
    if isinstance(value, str):
        yield value[:LONGEST]
        try:
            value = value.encode("latin-1")  # EXIF is read as Latin, whatever it was written in
        except UnicodeEncodeError:
            return
    for encoding in ("utf-8", "gb18030", "utf-16-le"):
        text = value[:LONGEST].decode(encoding, errors="ignore")
        yield re.sub(r"<[^>]*>|\0", "\n", text)
