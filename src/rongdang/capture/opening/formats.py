"""What a file is, by its bytes; its name is only compared and never believed."""

from __future__ import annotations

import io
import re

import puremagic

SIGNATURES = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"II+\x00", "image/tiff"),
    (b"MM\x00+", "image/tiff"),
    (b"PK\x03\x04", "application/zip"),
)
ENDINGS = {
    "image/jpeg": (".jpg", ".jpeg", ".jpe"),
    "image/png": (".png",),
    "image/tiff": (".tif", ".tiff"),
    "application/pdf": (".pdf",),
    "application/zip": (".zip",),
}


BEGINNING = 4096  # bytes that tell what a file is
TAIL = 66_000  # bytes behind which a zip's directory ends: 22 and its longest comment
BIG_TIFF = (b"II+\x00", b"MM\x00+")  # which the second voice does not know
# What no picture and no PDF holds at its beginning, nor behind its end.
PAGES_OF_THE_WEB = (b"<html", b"<!doctype", b"<script", b"<svg", b"<?php", b"<iframe")
_MARKER = re.compile(rb"\xff(?![\x00\xd0-\xd7\xff])")
PROGRAMS = (b"MZ", b"\x7fELF", b"#!")


def identify(head: bytes) -> str | None:
    """Media type by the first bytes, when our signatures and a second voice say the same, else None."""
    found = next((kind for mark, kind in SIGNATURES if head.startswith(mark)), None)
    if found is None:
        head = head.lstrip(b"\xef\xbb\xbf\0 \t\r\n")
        found = "application/pdf" if head.startswith(b"%PDF-") else None
    if found is None or head.startswith(BIG_TIFF):
        return found
    try:
        second = {match.mime_type for match in puremagic.magic_string(head[:BEGINNING])}
    except (puremagic.PureError, ValueError, io.UnsupportedOperation):
        return None
    zipped = {kind for kind in second if "zip" in kind or "openxmlformats" in kind}
    return found if found in second or (found == "application/zip" and zipped) else None


def is_polyglot(head: bytes, tail: bytes, media_type: str) -> bool:
    """Is it another kind of file as well: one that a browser would run, or an archive behind a picture?"""
    if media_type == "application/zip":
        return False  # what its members are is asked of each of them
    first = head[:1024].lower()
    if any(mark in first for mark in PAGES_OF_THE_WEB):
        return True
    if media_type != "application/pdf" and b"%PDF-" in head[:1024]:
        return True
    return _ends_as_zip(tail) or _goes_on_behind(tail, media_type)


def _ends_as_zip(tail: bytes) -> bool:
    """A directory of a zip whose comment ends where the file ends (APPNOTE 4.3.16)."""
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        return False
    return at + 22 + int.from_bytes(tail[at + 20 : at + 22], "little") <= len(tail)


def _goes_on_behind(tail: bytes, media_type: str) -> bool:
    """Markup or a program after the end that the format itself gives."""
    ends = {"image/jpeg": b"\xff\xd9", "image/png": b"IEND\xaeB`\x82", "application/pdf": b"%%EOF"}
    mark = ends.get(media_type)
    at = tail.rfind(mark) if mark else -1
    behind = tail[at + len(mark) :] if mark and at >= 0 else b""
    lowered = behind.lower()
    starts = behind.lstrip(b"\0 \t\r\n")
    return any(one in lowered for one in PAGES_OF_THE_WEB) or starts.startswith(PROGRAMS)


def hides_more(jpeg: bytes) -> bool:
    """Does anything that runs or unpacks lie behind the true end of a JPEG, whatever ends the file?"""
    behind = jpeg[_end_of(jpeg) :]
    lowered, starts = behind.lower(), behind.lstrip(b"\0 \t\r\n")
    return any(one in lowered for one in (*PAGES_OF_THE_WEB, b"%pdf-", b"pk\x03\x04")) or (
        starts.startswith(PROGRAMS)
    )


def _end_of(jpeg: bytes) -> int:
    """Where its end mark stops; in coded data FF is followed by 00 or a restart (ISO 10918-1, B.1.1.5)."""
    at = 2
    while at + 4 <= len(jpeg):
        if jpeg[at] != 0xFF:
            return len(jpeg)  # no JPEG any more: its decoder says so
        marker = jpeg[at + 1]
        if marker == 0xD9:
            return at + 2
        at += 2 + int.from_bytes(jpeg[at + 2 : at + 4], "big") if marker != 0xFF else 1
        if marker == 0xDA:
            following = _MARKER.search(jpeg, at)
            at = following.start() if following else len(jpeg)
    return at + 2 if jpeg[at : at + 2] == b"\xff\xd9" else len(jpeg)


def ending_fits(name: str, media_type: str) -> bool:
    """Does the name's ending belong to what the bytes are? (A misfit is noted, not refused.)"""
    return name.lower().endswith(ENDINGS[media_type])
