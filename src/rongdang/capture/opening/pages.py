"""Any accepted file → its pages, in order, with what could not be read said beside them."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import BinaryIO

from rongdang.capture.opening import archives, images
from rongdang.capture.opening.formats import (
    BEGINNING,
    TAIL,
    ending_fits,
    hides_more,
    identify,
    is_polyglot,
)
from rongdang.capture.opening.values import End, Message, Trouble


def open_pages(source: BinaryIO, name: str, *, depth: int = 0) -> Iterator[Message]:
    """Messages for one file; the last is always `End`. A zip inside a zip is refused.

    `source` is read from where its pages lie, one page at a time.
    """
    size = source.seek(0, os.SEEK_END)
    source.seek(0)
    head = source.read(BEGINNING)
    source.seek(max(0, size - TAIL))
    media_type = identify(head)
    refusal = _refusal(head, source.read(TAIL), media_type, depth)
    if refusal is None and media_type == "image/jpeg":
        source.seek(0)
        refusal = _POLYGLOT if hides_more(source.read()) else None
    if refusal or media_type is None:
        yield refusal or _UNKNOWN
        yield End(0)
        return
    source.seek(0)
    if not ending_fits(name, media_type):
        yield Trouble(
            "renamed",
            f"文件名与内容不符：内容其实是 {media_type}，按内容识读。",
            f"The name does not fit: the content is {media_type} and is read as that.",
            lost=False,
        )
    yield from _pages(source, media_type, depth)


def _pages(source: BinaryIO, media_type: str, depth: int) -> Iterator[Message]:
    if media_type == "application/pdf":
        # Its libraries cost more to load than a scanner's JPEG costs to check.
        from rongdang.capture.opening import pdf

        yield from pdf.pages(source)
    elif media_type == "image/tiff":
        yield from images.tiff(source)
    elif media_type == "application/zip":
        yield from archives.pages(
            source, lambda d, n: open_pages(io.BytesIO(d), n, depth=depth + 1)
        )
    else:
        yield from images.single(source, media_type)


_UNKNOWN = Trouble(
    "unknown-format",
    "不是能识读的格式（收 JPEG、PNG、TIFF、PDF 和它们的 zip 包）。原文件已保存，没有取出页面。",
    "Not a format that can be read (JPEG, PNG, TIFF, PDF, or a zip of these). "
    "The file is kept; no page was taken.",
    fatal=True,
)
_POLYGLOT = Trouble(
    "polyglot",
    "这个文件同时是两种格式（如图像后面又接着网页、程序或压缩包），可能有害，没有取出页面。"
    "原文件已保存。请重新扫描或另存后再交。",
    "The file is two formats at once (a picture with a web page, a program or an archive behind it) "
    "and may be harmful; no page was taken. The file is kept. Scan or save it anew.",
    fatal=True,
)


def _refusal(head: bytes, tail: bytes, media_type: str | None, depth: int) -> Trouble | None:
    if not head:
        return Trouble("empty", "文件是空的，没有页面。", "The file is empty.", fatal=True)
    if media_type is None or (media_type == "application/zip" and depth):
        return _UNKNOWN
    return _POLYGLOT if is_polyglot(head, tail, media_type) else None
