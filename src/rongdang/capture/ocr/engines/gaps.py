"""Blanks between Latin words that the network passed over, told by the paper between two letters."""

from __future__ import annotations

import re
from itertools import pairwise

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.ocr.engines.recognition import Spelling

Image = npt.NDArray[np.uint8]

LEAST = 0.26  # of a strip's height: within a word letters stand closer
LIKE = 0.75  # times the narrowest blank the network did see on the line
WIDER = 1.8  # times the usual distance of the letters: a word that is spaced out is one word
INK = 0.22  # of the way from the tone of the paper to the darkest: a thin stroke is pale
_PAIR = re.compile(r"(?=[A-Za-z][A-Za-z0-9]|[0-9.,][A-Za-z]{2})")


def with_word_gaps(strip: Image, spelling: Spelling) -> Spelling:
    """The spelling with a blank wherever two Latin words have paper between them."""
    text = spelling.text
    pairs = [match.start() for match in _PAIR.finditer(text)]
    if not pairs:
        return spelling
    bare = _bare_columns(strip)
    middles = [(a + b) / 2 * len(bare) for a, b in spelling.extents]
    width = {at: _widest(bare[int(middles[at]) : int(middles[at + 1]) + 1]) for at in pairs}
    usual = float(np.median(list(width.values())))
    seen = [
        _widest(bare[int(middles[at - 1]) : int(middles[at + 1]) + 1])
        for at in range(1, len(text) - 1)
        if text[at] == " "
    ]
    least = max(LIKE * min(seen) if seen else LEAST * strip.shape[0], WIDER * usual)
    cuts = {at for at, wide in width.items() if wide >= least}
    return _parted(spelling, cuts) if cuts else spelling


def _bare_columns(strip: Image) -> npt.NDArray[np.bool_]:
    """Columns of the strip without ink."""
    grey = cv2.cvtColor(strip, cv2.COLOR_BGR2GRAY).astype(np.float32)
    paper, dark = float(np.percentile(grey, 90)), float(grey.min())
    return np.asarray((grey < paper - INK * (paper - dark)).sum(axis=0) == 0)


def _widest(bare: npt.NDArray[np.bool_]) -> int:
    """The longest run of bare columns."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], bare.astype(np.int8), [0]))))
    return int((edges[1::2] - edges[::2]).max()) if edges.size else 0


def _parted(spelling: Spelling, cuts: set[int]) -> Spelling:
    """A blank after each of the characters named."""
    text, extents, confidences = [], [], []
    whole = list(zip(spelling.text, spelling.extents, spelling.confidences, strict=True))
    for at, ((letter, extent, sure), following) in enumerate(pairwise([*whole, whole[-1]])):
        text.append(letter)
        extents.append(extent)
        confidences.append(sure)
        if at in cuts:
            text.append(" ")
            extents.append((extent[1], max(extent[1], following[1][0])))
            confidences.append(sure)
    return Spelling("".join(text), tuple(extents), tuple(confidences))
