"""An engine that sees blank paper: for tests and for installations without reading."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from rongdang.base.textlayer import TextLayer


class NullEngine:
    """All the work of intake and imaging, no text."""

    identity = "null 1"

    def read(self, bgr: npt.NDArray[np.uint8]) -> TextLayer:
        height, width = bgr.shape[:2]
        return TextLayer(self.identity, width, height, (), (), ())
