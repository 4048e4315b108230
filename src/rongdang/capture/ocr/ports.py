"""The port of OCR engines: a page image in, its text layer out; and the one engine of a process."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Protocol

import numpy as np
import numpy.typing as npt

from rongdang.base.textlayer import TextLayer


class OcrEngine(Protocol):
    """Turns one page image (BGR, uint8, upright and level) into a text layer."""

    @property
    def identity(self) -> str:
        """Name and version, kept beside every text it produces."""

    def read(self, bgr: npt.NDArray[np.uint8]) -> TextLayer:
        """All text, cells, marks and seals of the page; raises DomainError when it cannot."""


def _rapid() -> OcrEngine:
    from rongdang.capture.ocr.engines.rapid import RapidEngine

    return RapidEngine()


def _openvino() -> OcrEngine:
    from rongdang.capture.ocr.engines.rapid import RapidEngine

    return RapidEngine("openvino")


def _null() -> OcrEngine:
    from rongdang.capture.ocr.engines.null import NullEngine

    return NullEngine()


ENGINES: dict[str, Callable[[], OcrEngine]] = {
    "rapid": _rapid,
    "openvino": _openvino,
    "null": _null,
}


@cache
def shared_engine(name: str) -> OcrEngine:
    """The engine of that name, loaded once a process; its memory goes with the process."""
    return ENGINES[name]()
