"""What stands in one place of a page: its characters, where each stands and how sure it is."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.ocr.engines.nets import (
    SMALL_RECOGNISER,
    TINY_RECOGNISER,
    Floats,
    Run,
    has_tiny,
    open_network,
)

Image = npt.NDArray[np.uint8]

HEIGHT = 48  # pixels: what the network was taught on
QUICK_SQUEEZE = 0.8  # at first characters are made so much narrower: time goes with the width
DOUBT = 0.9  # a character read with less confidence by the quick network is read again
# A short line is a value with no neighbours to bear it out, and costs little to read again: the
# quick network takes rare characters of names for common ones, at 0.9 to 0.97.
SHORT, SHORT_DOUBT = 6, 0.97
NARROWEST, WIDEST = 64, 3200
FEW = 12  # characters: a longer line without one of them still says what it says
BODY = (0.18, 0.82)  # of a strip's height: above and below are rules and dots to write on
FAINT = 35  # grey levels: paler than this is paper
WIDE_REACH, NARROW_REACH = (
    0.36,
    0.27,
)  # of a strip's height: half a Chinese character, half a figure
OUTSIDE = 0.15  # of a strip's height: so much ink beside all characters is one more of them
RINGS, NUMERALS = "○〇◯", frozenset("一二三四五六七八九")
DIGITS = frozenset("0123456789")
WIDE = 0.85  # of the height of a strip, which has paper above and below: no character is wider
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
    """One network and its alphabet."""

    def __init__(self, run: Run, alphabet: tuple[str, ...], squeeze: float = 1.0) -> None:
        self._run, self._squeeze = run, squeeze
        self._letters = ("", *alphabet, " ")

    def spell(self, strip: Image) -> Spelling:
        """Read one strip of text that runs from left to right; BGR, any size."""
        batch, share = _as_batch(strip, self._squeeze)
        return self._decode(self._run(batch)[0], share, strip.shape[0] / strip.shape[1])

    def _decode(self, odds: Floats, share: float, high: float) -> Spelling:
        """CTC: runs of the same letter are one, class 0 parts them."""
        best = odds.argmax(axis=1)
        sure = odds[np.arange(len(best)), best]
        starts = np.flatnonzero(np.diff(best, prepend=-1))
        ends = np.append(starts[1:], len(best))
        found = [
            (self._letters[best[a]], (a + b) / 2 / len(best) / share, float(sure[a:b].max()))
            for a, b in zip(starts, ends, strict=True)
            if best[a]
        ]
        found = _in_context(_without_blanks(found))
        return Spelling(
            "".join(letter for letter, _, _ in found),
            _extents([min(middle, 1.0) for _, middle, _ in found], WIDE * high),
            tuple(min(sureness, 1.0) for _, _, sureness in found),
        )


class Reader:
    """A quick network reads first; what it is not sure of, a careful one reads again."""

    def __init__(self, runtime: str) -> None:
        self._careful = Recogniser(*open_network(SMALL_RECOGNISER, runtime))
        self._quick = (
            Recogniser(*open_network(TINY_RECOGNISER, runtime), QUICK_SQUEEZE)
            if has_tiny()
            else None
        )

    def spell(self, strip: Image, *, careful: bool = False) -> Spelling:
        """Read one strip of text that runs from left to right; BGR, any size."""
        if self._quick is None or careful:
            return self._careful.spell(strip)
        draft = self._quick.spell(strip)
        unsure = unsure_stretches(draft)
        if not unsure and draft.text:
            few = len(draft.text) <= FEW
            return self._careful.spell(strip) if few and passed_over(strip, draft) else draft
        if sum(end - start for start, end in unsure) > 0.6 * len(draft.text):
            return agreed(self._careful.spell(strip), draft)
        for start, end in reversed(unsure):
            mended = self._mend(strip, draft, start, end)
            if mended is None:
                return self._careful.spell(strip)
            draft = mended
        return draft

    def _mend(self, strip: Image, draft: Spelling, start: int, end: int) -> Spelling | None:
        """`draft` with characters `start` to `end` read again; None when the seams do not fit."""
        left = draft.extents[start][0] if start else 0.0
        right = draft.extents[end - 1][1] if end < len(draft.text) else 1.0
        width = strip.shape[1]
        x0, x1 = int(left * width), max(int(left * width) + 1, math.ceil(right * width))
        again = self._careful.spell(strip[:, x0:x1])
        fits = again.text and (start == 0 or again.text[0] == draft.text[start])
        if not fits or (end < len(draft.text) and again.text[-1] != draft.text[end - 1]):
            return None
        x0, x1 = x0 / width, x1 / width
        extents = tuple((x0 + a * (x1 - x0), x0 + b * (x1 - x0)) for a, b in again.extents)
        return Spelling(
            draft.text[:start] + again.text + draft.text[end:],
            (*draft.extents[:start], *extents, *draft.extents[end:]),
            (*draft.confidences[:start], *again.confidences, *draft.confidences[end:]),
        )


def agreed(careful: Spelling, quick: Spelling) -> Spelling:
    """The careful reading; where both networks read the same word each letter is doubted half."""
    if careful.text != quick.text:
        return careful
    figures = zip(careful.confidences, quick.confidences, strict=True)
    return replace(careful, confidences=tuple((1 + max(pair)) / 2 for pair in figures))


def passed_over(strip: Image, draft: Spelling) -> bool:
    """Whether ink stands where no character was read: the quick network reads 女 for 长女, and says
    nothing of what it does not see. True for a lone figure: its place tells too little (4 for 41).
    """
    if all(map(_latin, draft.text)):
        lone = len(draft.text) == 1
        if lone or any(letter.isalpha() for letter in draft.text):
            return lone  # letters are of any width: the ink beside them says nothing
    height, width = strip.shape[:2]
    band = strip[int(BODY[0] * height) : int(BODY[1] * height), :, 1]
    sample = np.sort(band[::3, ::3], axis=None)
    paper, dark = float(sample[int(0.85 * sample.size)]), float(sample[int(0.01 * sample.size)])
    level = paper - max(FAINT, 0.45 * (paper - dark))
    ink = np.count_nonzero(band < level, axis=0) >= max(2, 0.05 * height)
    for letter, (start, end) in zip(draft.text, draft.extents, strict=True):
        middle, reach = (start + end) / 2 * width, NARROW_REACH * height
        if ord(letter) >= 0x2E80:
            reach = max((end - start) / 2 * width, WIDE_REACH * height)
        ink[max(0, int(middle - reach)) : int(middle + reach) + 1] = False
    return bool(np.count_nonzero(ink) >= OUTSIDE * height)


def unsure_stretches(draft: Spelling) -> list[tuple[int, int]]:
    """Runs of doubtful characters with two sure neighbours on each side, overlaps joined."""
    runs: list[tuple[int, int]] = []
    least = SHORT_DOUBT if len(draft.text) <= SHORT else DOUBT
    for at, sure in enumerate(draft.confidences):
        if sure >= least:
            continue
        start, end = max(0, at - 2), min(len(draft.text), at + 3)
        if runs and start <= runs[-1][1]:
            runs[-1] = (runs[-1][0], end)
        else:
            runs.append((start, end))
    return runs


def _as_batch(strip: Image, squeeze: float) -> tuple[Floats, float]:
    """The strip at the network's height, its end filled up; and the share of the width it takes."""
    height, width = strip.shape[:2]
    wanted = math.ceil(HEIGHT * width / height * squeeze)
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


def _in_context(
    found: list[tuple[str, float, float]],
) -> list[tuple[str, float, float]]:
    """Signs that only their neighbours tell apart: 七〇年, not 七○年; 1954.1—1957, not 一."""
    letters = ["", *(letter for letter, _, _ in found), ""]
    told = []
    for at, (letter, middle, sure) in enumerate(found, start=1):
        before, after = letters[at - 1], letters[at + 1]
        sign = letter
        if letter in RINGS and {before, after} & NUMERALS:
            sign = "〇"
        elif letter == "一" and before in DIGITS and (after in DIGITS or not after):
            sign = "—" if before else letter
        told.append((sign, middle, sure))
    return told


def _latin(letter: str) -> bool:
    return "!" <= letter <= "~"


def _extents(middles: list[float], widest: float) -> tuple[tuple[float, float], ...]:
    """From half-way to the neighbour before to half-way to the one after, at most `widest` wide."""
    if not middles:
        return ()
    gaps = np.diff(middles)
    pitch = float(np.median(gaps)) if len(gaps) else min(1.0, 2 * min(middles[0], 1 - middles[0]))
    reach = min(max(pitch, 1e-3) * 0.6, widest / 2)
    edges = []
    for at, middle in enumerate(middles):
        before = (middles[at - 1] + middle) / 2 if at else 0.0
        after = (middle + middles[at + 1]) / 2 if at < len(middles) - 1 else 1.0
        edges.append((max(before, middle - reach), min(after, middle + reach)))
    return tuple(edges)
