"""DBF and its memo files written byte by byte, as FoxPro, dBASE and Clipper would."""

import struct


def dbf(fields, rows, *, encoding="gbk", code_page=0x4D, version=0x03, deleted=(), records=None):
    """`fields`: (name, kind, length, decimals); `rows`: cells as bytes or text, padded here."""
    width = 1 + sum(one[2] for one in fields)
    length = 32 + 32 * len(fields) + 1
    head = struct.pack(
        "<BBBBIHH17xB2x",
        version,
        124,
        11,
        25,
        len(rows) if records is None else records,
        length,
        width,
        code_page,
    )
    for name, kind, size, decimals in fields:
        head += name.encode(encoding).ljust(11, b"\0")[:11] + kind.encode() + bytes(4)
        head += bytes((size & 255, decimals if kind == "N" else size >> 8)) + bytes(14)
    out = bytearray(head + b"\r")
    for at, row in enumerate(rows):
        out += b"*" if at in deleted else b" "
        for cell, (_name, _kind, size, _decimals) in zip(row, fields, strict=True):
            raw = cell if isinstance(cell, bytes) else cell.encode(encoding)
            out += raw[:size].ljust(size)
    return bytes(out + b"\x1a")


def fpt(texts, encoding="gbk"):
    """A FoxPro memo with blocks of 64 bytes, and the block each text begins at."""
    out, places = struct.pack(">IHH", 0, 0, 64).ljust(512, b"\0"), []
    for text in texts:
        raw = text.encode(encoding)
        places.append(len(out) // 64)
        block = struct.pack(">II", 1, len(raw)) + raw
        out += block.ljust(-(-len(block) // 64) * 64, b"\0")
    return out, places


def dbt(texts, encoding="gbk"):
    """A dBASE III memo: blocks of 512 bytes, each text ended by 1A 1A."""
    out, places = bytes(512), []
    for text in texts:
        places.append(len(out) // 512)
        block = text.encode(encoding) + b"\x1a\x1a"
        out += block.ljust(-(-len(block) // 512) * 512, b"\0")
    return out, places


def dbt4(texts, encoding="gbk"):
    """A dBASE IV memo: each block tells its length."""
    out, places = bytes(20) + struct.pack("<H", 512) + bytes(490), []
    for text in texts:
        raw = text.encode(encoding)
        places.append(len(out) // 512)
        block = b"\xff\xff\x08\x00" + struct.pack("<I", len(raw) + 8) + raw
        out += block.ljust(-(-len(block) // 512) * 512, b"\0")
    return out, places
