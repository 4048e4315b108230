"""The memo file of a DBF: blocks of text, of FoxPro (.fpt), dBASE III and dBASE IV (.dbt)."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import Protocol

from rongdang.capture.sources.connectors.reading import Part

LONGEST = 1 << 24  # bytes of one text
_OLD_BLOCK = 512


class Memo(Protocol):
    def read(self, place: int) -> bytes:
        """The text that begins at that block; empty where the file ends before it."""
        ...


def memo_of(beside: Sequence[Part], version: int) -> Memo | None:
    for part in beside:
        if part.name.lower().endswith(".fpt"):
            return _FoxPro(part)
        if part.name.lower().endswith(".dbt"):
            return _Four(part) if version in (0x8B, 0x8E, 0xCB) else _Three(part)
    return None


class _FoxPro:
    def __init__(self, part: Part) -> None:
        self._part = part
        part.stream.seek(0)
        head = part.stream.read(8)
        self._block = struct.unpack(">H", head[6:8])[0] or 1 if len(head) == 8 else 1

    def read(self, place: int) -> bytes:
        self._part.stream.seek(place * self._block)
        head = self._part.stream.read(8)
        if len(head) < 8:
            return b""
        kind, length = struct.unpack(">II", head)
        return self._part.stream.read(min(length, LONGEST)) if kind == 1 else b""


class _Three:
    def __init__(self, part: Part) -> None:
        self._part = part

    def read(self, place: int) -> bytes:
        self._part.stream.seek(place * _OLD_BLOCK)
        text = b""
        while len(text) < LONGEST and (data := self._part.stream.read(_OLD_BLOCK)):
            text += data
            end = text.find(b"\x1a", max(0, len(text) - len(data)))
            if end >= 0:
                return text[:end]
        return text


class _Four:
    def __init__(self, part: Part) -> None:
        self._part = part
        part.stream.seek(20)
        size = part.stream.read(2)
        self._block = (struct.unpack("<H", size)[0] if len(size) == 2 else 0) or _OLD_BLOCK

    def read(self, place: int) -> bytes:
        self._part.stream.seek(place * self._block)
        head = self._part.stream.read(8)
        if len(head) < 8 or head[:4] != b"\xff\xff\x08\x00":
            return b""
        length = struct.unpack("<I", head[4:])[0] - 8
        return self._part.stream.read(max(0, min(length, LONGEST)))
