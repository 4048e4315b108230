"""What the head of a JPEG says (ISO 10918-1), read without decoding the picture."""

from __future__ import annotations

from dataclasses import dataclass

_FRAMES = frozenset(
    (*range(0xC0, 0xC4), *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0))
)


@dataclass(frozen=True, slots=True)
class JpegHead:
    width: int
    height: int
    components: int  # 1 grey, 3 colour, 4 four-colour print
    bits: int
    dpi: int  # 0 when it does not say
    adobe: bool  # Adobe marker: four-colour values are inverted


def read_head(data: bytes) -> JpegHead | None:
    """Size and kind; None when it is no JPEG that can be placed as it is."""
    if data[:2] != b"\xff\xd8":
        return None
    at, dpi, adobe = 2, 0, False
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker, length = data[at + 1], int.from_bytes(data[at + 2 : at + 4], "big")
        if marker == 0xFF:
            at += 1
            continue
        body = data[at + 4 : at + 2 + length]
        if marker in _FRAMES:
            if len(body) < 6:
                return None
            height, width = int.from_bytes(body[1:3], "big"), int.from_bytes(body[3:5], "big")
            return (
                JpegHead(width, height, body[5], body[0], dpi, adobe) if width and height else None
            )
        if marker == 0xE0 and body[:5] == b"JFIF\0" and len(body) >= 12 and body[7] in (1, 2):
            told = int.from_bytes(body[8:10], "big")
            dpi = told if body[7] == 1 else round(told * 2.54)
        adobe = adobe or (marker == 0xEE and body[:5] == b"Adobe")
        at += 2 + length
    return None


def is_whole(data: bytes) -> bool:
    """A JPEG that begins, names its size, and was not cut off? (Something may lie behind its end.)"""
    return read_head(data) is not None and data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
