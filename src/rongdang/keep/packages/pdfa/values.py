"""What a document is made of."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

Box = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Run:
    """Words that stand together; `box` in 0..1 of the image, origin top left."""

    text: str
    box: Box
    vertical: bool = False  # a column, read downwards


@dataclass(frozen=True, slots=True)
class PdfPage:
    """One page: its image (read when its turn comes), resolution, words, and turn when shown."""

    read: Callable[[], bytes]
    dpi: int = 300
    runs: tuple[Run, ...] = ()
    rotate: int = 0  # 0, 90, 180, 270 clockwise
    bookmark: tuple[str, ...] = ()  # path in the outline that begins here


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    title: str
    author: str
    created: datetime
    subject: str = ""
    keywords: tuple[str, ...] = field(default=())
