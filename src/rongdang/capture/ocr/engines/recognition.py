"""What stands in one place of a page: its characters, where each stands and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.ocr.engines.nets import RECOGNISER, Floats, Run, open_network

Image = npt.NDArray[np.uint8]

HEIGHT = 48  # pixels: what the network was taught on
SQUEEZE = 0.8  # characters may be this much narrower than they are; time goes with the width
NARROWEST, WIDEST = 64, 3200
STRIDE = 8  # pixels of one step of the network


@dataclass(frozen=True, slots=True)
class Spelling:
    """Characters of one place with their extent along it (0..1) and confidence."""

    text: str
    extents: tuple[tuple[float, float], ...]
    confidences: tuple[float, ...]

    @property
    def confidence(self) -> float:
        return sum(self.confidences) / len(self.confidences) if self.confidences else 0.0


class Recogniser:
    """Loads its network when made."""

    def __init__(self) -> None:
        run, alphabet = open_network(RECOGNISER)
        self._run: Run = run
        self._letters = ["", *alphabet.splitlines(), " "]

    def spell(self, strip: Image) -> Spelling:
        """Read one strip of text that runs from left to right; BGR, any size."""
        batch, share = _as_batch(strip)
        odds = self._run(batch)[0]
        return self._decode(odds, share)

    def _decode(self, odds: Floats, share: float) -> Spelling:
        """CTC: runs of the same letter are one, class 0 parts them."""
        best = odds.argmax(axis=1)
        sure = odds[np.arange(len(best)), best]
        starts = np.flatnonzero(np.diff(best, prepend=0))
        ends = np.append(starts[1:], len(best))
        found = [
            (self._letters[best[a]], (a + b) / 2 / len(best) / share, float(sure[a:b].max()))
            for a, b in zip(starts, ends, strict=True)
            if best[a]
        ]
        found = _without_blanks(found)
        return Spelling(
            "".join(letter for letter, _, _ in found),
            _extents([min(middle, 1.0) for _, middle, _ in found]),
            tuple(min(sureness, 1.0) for _, _, sureness in found),
        )


def _as_batch(strip: Image) -> tuple[Floats, float]:
    """The strip at the network's height, its end filled up; and the share of the width it takes."""
    height, width = strip.shape[:2]
    wanted = math.ceil(HEIGHT * width / height * SQUEEZE)
    wanted = max(STRIDE * 2, min(WIDEST, wanted))
    canvas = _rounded(max(NARROWEST, wanted))
    method = cv2.INTER_AREA if height > HEIGHT else cv2.INTER_CUBIC
    scaled = cv2.resize(strip, (wanted, HEIGHT), interpolation=method)
    batch = np.zeros((1, 3, HEIGHT, canvas), np.float32)
    batch[0, :, :, :wanted] = scaled.transpose(2, 0, 1) / np.float32(127.5) - 1
    return batch, wanted / canvas


def _rounded(width: int) -> int:
    """The next of few widths, an eighth apart: each new one costs the runtime 30 ms once."""
    step = max(32, 1 << max(5, width.bit_length() - 3))
    return -(-width // step) * step


def _without_blanks(
    found: list[tuple[str, float, float]],
) -> list[tuple[str, float, float]]:
    """Blanks stay only between Latin words or figures; Chinese is written without."""
    letters = [letter for letter, _, _ in found]
    return [
        item
        for at, item in enumerate(found)
        if item[0] not in (" ", "\u3000")
        or (0 < at < len(found) - 1 and _latin(letters[at - 1]) and _latin(letters[at + 1]))
    ]


def _latin(letter: str) -> bool:
    return "!" <= letter <= "~"


def _extents(middles: list[float]) -> tuple[tuple[float, float], ...]:
    """From half-way to the neighbour before to half-way to the one after, at most one pitch wide."""
    if not middles:
        return ()
    gaps = np.diff(middles)
    pitch = float(np.median(gaps)) if len(gaps) else min(1.0, 2 * min(middles[0], 1 - middles[0]))
    reach = max(pitch, 1e-3) * 0.6
    edges = []
    for at, middle in enumerate(middles):
        before = (middles[at - 1] + middle) / 2 if at else 0.0
        after = (middle + middles[at + 1]) / 2 if at < len(middles) - 1 else 1.0
        edges.append((max(before, middle - reach), min(after, middle + reach)))
    return tuple(edges)
