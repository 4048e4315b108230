"""PP-OCRv6 small: places found on the whole page, each read from the full picture."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.base.textlayer import Box, Char, Line, TextLayer
from rongdang.capture.ocr import seals, tables
from rongdang.capture.ocr.boxes import moved
from rongdang.capture.ocr.choices import marked_choices
from rongdang.capture.ocr.columns import with_column_signs
from rongdang.capture.ocr.engines.detection import Detector, Place, Quad
from rongdang.capture.ocr.engines.gaps import with_word_gaps
from rongdang.capture.ocr.engines.nets import identity
from rongdang.capture.ocr.engines.recognition import Reader, Spelling
from rongdang.capture.ocr.holes import with_holes_read
from rongdang.capture.ocr.layout import lay_out
from rongdang.capture.ocr.marks import find_marks, with_ringed, worth_reading
from rongdang.capture.ocr.shapes import Ring, find_rings
from rongdang.capture.ocr.strikes import struck_words
from rongdang.capture.ocr.unread import with_unread

Image = npt.NDArray[np.uint8]

TALL = 1.5  # a place so much taller than wide is a column
WITHIN = 0.93  # of a ring's inside that is read: its stroke may be uneven
MARGIN = 0.1  # of its breadth, before and after a line
HEADING = 1.35  # times the usual size: few characters, on which the most depends
LEAST = 0.5  # what is read with less confidence is dirt


class RapidEngine:
    """Its networks are loaded with the first page and stay until the process ends."""

    def __init__(self, runtime: str = "onnxruntime") -> None:
        self._runtime = runtime

    @property
    def identity(self) -> str:
        return identity(self._runtime)

    @cached_property
    def _detector(self) -> Detector:
        return Detector(self._runtime)

    @cached_property
    def _reader(self) -> Reader:
        return Reader(self._runtime)

    def read(self, bgr: Image) -> TextLayer:
        height, width = bgr.shape[:2]
        stamps = seals.find_seals(bgr)
        plain = seals.cleared(bgr, stamps)
        lines = self._lines(bgr)
        if stamps:
            lines = seals.merge(lines, self._under(plain, stamps), stamps, bgr)
        ruled = tables.find_table(plain)
        lines = with_holes_read(lines, ruled, lambda box: self._in_box(plain, box))
        lines = with_unread(lines, ruled, stamps, lambda box: self._in_box(plain, box))
        rings = find_rings(ruled.ink, ruled.drawn)
        for ring in rings:
            if worth_reading(ring, lines):
                lines = with_ringed(lines, ring, self._inside(plain, ring))
        marks, lines = find_marks(ruled.ink, rings, lines)
        lines = lay_out(with_column_signs(lines, ruled), ruled.cells)
        marks += marked_choices(ruled, lines, marks) + struck_words(ruled, lines)
        return TextLayer(self.identity, width, height, lines, ruled.cells, marks, stamps)

    def _lines(self, bgr: Image, *, part: bool = False) -> tuple[Line, ...]:
        places = self._detector.find(bgr, part=part)
        heading = HEADING * float(np.median([place.breadth for place in places] or [0.0]))
        found = (self._line(bgr, place, careful=place.breadth > heading) for place in places)
        return tuple(line for line in found if line is not None)

    def _under(self, plain: Image, stamps: tuple[Box, ...]) -> tuple[Line, ...]:
        """Lines in and around the seals, read where their red has been taken away."""
        height, width = plain.shape[:2]
        found: list[Line] = []
        for stamp in stamps:
            x0, y0, x1, y1 = seals.surroundings(stamp, (width, height))
            part = np.ascontiguousarray(plain[y0:y1, x0:x1])
            share = ((x1 - x0) / width, (y1 - y0) / height)
            corner = (x0 / width, y0 / height)
            found += [moved(line, corner, share) for line in self._lines(part, part=True)]
        return tuple(found)

    def _in_box(self, bgr: Image, box: Box) -> Line | None:
        """The one row of writing in a part of the page."""
        x0, y0, x1, y1 = box
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
        quad = np.asarray(corners * (bgr.shape[1], bgr.shape[0]), np.float32)
        spelling = self._reader.spell(_cut_out(bgr, quad))
        if not spelling.text or spelling.confidence < LEAST:
            return None
        return _as_line(spelling, corners, (1, 1), vertical=False)

    def _inside(self, bgr: Image, ring: Ring) -> Line | None:
        """The word in a ring, read with the ring taken away."""
        height, width = bgr.shape[:2]
        x0, y0, x1, y1 = ring.box
        left, top = int(x0 * width), int(y0 * height)
        strip = bgr[top : int(y1 * height) + 1, left : int(x1 * width) + 1].copy()
        hull = ring.inside * np.array([width, height], np.float32) - (left, top)
        middle = hull.mean(axis=0)
        mask = np.zeros(strip.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.asarray(middle + (hull - middle) * WITHIN, np.int32)], 1)
        strip[mask == 0] = np.percentile(strip.reshape(-1, 3), 85, axis=0).astype(np.uint8)
        spelling = self._reader.spell(strip)
        if not spelling.text or spelling.confidence < 0.6:
            return None
        corners = np.array([[x0, y0], [x1, y0], [x1, y1], [x0, y1]], np.float32)
        return _as_line(spelling, corners, (1, 1), vertical=False)

    def _line(self, bgr: Image, place: Place, *, careful: bool) -> Line | None:
        strip = _cut_out(bgr, _with_margin(place.quad))
        vertical = strip.shape[0] >= TALL * strip.shape[1]
        if vertical:
            strip = np.asarray(cv2.rotate(strip, cv2.ROTATE_90_COUNTERCLOCKWISE), np.uint8)
        spelling = self._reader.spell(strip, careful=careful)
        if vertical and len(spelling.text) <= 1:  # no column: a 1 or a 3 is tall and narrow
            upright = np.asarray(cv2.rotate(strip, cv2.ROTATE_90_CLOCKWISE), np.uint8)
            alone = self._reader.spell(upright, careful=True)
            if alone.text and alone.confidence >= min(0.6, spelling.confidence):
                spelling, vertical = alone, False
        if not spelling.text or spelling.confidence < LEAST:
            return None
        if not vertical:
            spelling = with_word_gaps(strip, spelling)
        return _as_line(
            spelling, _with_margin(place.quad), (bgr.shape[1], bgr.shape[0]), vertical=vertical
        )


def _cut_out(bgr: Image, quad: Quad) -> Image:
    """The place made a rectangle of its own size."""
    width = max(np.linalg.norm(quad[0] - quad[1]), np.linalg.norm(quad[2] - quad[3]))
    height = max(np.linalg.norm(quad[0] - quad[3]), np.linalg.norm(quad[1] - quad[2]))
    size = (max(1, int(width)), max(1, int(height)))
    corners = np.array([[0, 0], [size[0], 0], [size[0], size[1]], [0, size[1]]], np.float32)
    matrix = cv2.getPerspectiveTransform(quad, corners)
    strip = cv2.warpPerspective(
        bgr, matrix, size, flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(strip, np.uint8)


def _with_margin(quad: Quad) -> Quad:
    """The place with a little paper before and after its text: a cut stroke is another letter."""
    right, down = quad[1] - quad[0], quad[3] - quad[0]
    wide, high = float(np.linalg.norm(right)), float(np.linalg.norm(down))
    along = (right / max(wide, 1.0)) if wide >= high else (down / max(high, 1.0))
    step = along * min(wide, high) * MARGIN
    signs = (-1, 1, 1, -1) if wide >= high else (-1, -1, 1, 1)
    return np.asarray([c + s * step for c, s in zip(quad, signs, strict=True)], np.float32)


def _as_line(spelling: Spelling, quad: Quad, page: tuple[int, int], *, vertical: bool) -> Line:
    corners = np.asarray(quad / np.array(page, np.float32), np.float32)
    chars = tuple(
        Char(letter, _part(corners, extent, vertical=vertical), confidence)
        for letter, extent, confidence in zip(
            spelling.text, spelling.extents, spelling.confidences, strict=True
        )
    )
    return Line(spelling.text, _around(corners), spelling.confidence, chars, vertical=vertical)


def _part(corners: Quad, extent: tuple[float, float], *, vertical: bool) -> Box:
    """The box around a stretch of a place, along its text."""
    top_left, top_right, bottom_right, bottom_left = corners
    if vertical:
        near, far = (top_left, bottom_left), (top_right, bottom_right)
    else:
        near, far = (top_left, top_right), (bottom_left, bottom_right)
    points = [a + (b - a) * share for a, b in (near, far) for share in extent]
    return _around(np.stack(points))


def _around(points: npt.NDArray[np.float32]) -> Box:
    x0, y0 = np.clip(points.min(axis=0), 0, 1)
    x1, y1 = np.clip(points.max(axis=0), 0, 1)
    return (float(x0), float(y0), float(x1), float(y1))
