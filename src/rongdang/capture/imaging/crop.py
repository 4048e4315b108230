"""The page on the bed of the scanner: where it lies, and a cut that leaves 2-3 mm around it."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.values import Image, shrunk

MARGIN_MM = 2.5  # DA/T 31-2017, 10: leave 2-3 mm outside the edge
LONGEST = 600
FURTHEST = 22  # how far the bed may vary around its own median, per channel
APART = 34  # how far paper must differ from bed
NEAR_MM, WRONG_MM = 1.5, 1.0  # so near the edge of the small picture lies the true one
HALF = 0.5  # of a small pixel, 0.25 mm
SMALLEST_PAGE = 0.3  # share of the scan; less is no page but a note, left as it is


@dataclass(frozen=True, slots=True)
class Bed:
    """What surrounds the page: its colour, and the page's edges in pixels of the scan."""

    colour: tuple[int, int, int]
    left: int
    top: int
    right: int
    bottom: int


def find_bed(bgr: Image) -> Bed | None:
    """The bed and the page on it, or None when the page fills the scan or nothing is sure."""
    scale = min(1.0, LONGEST / max(bgr.shape[:2]))
    small = np.asarray(cv2.medianBlur(shrunk(bgr, scale), 3), np.uint8)
    colour = _bed_colour(small)
    if colour is None:
        return None
    page = page_mask(small, colour)
    count, _, stats, _ = cv2.connectedComponentsWithStats(page)
    if count < 2:
        return None
    biggest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
    x, y, width, height = (int(value) for value in stats[biggest, :4])
    if stats[biggest, cv2.CC_STAT_AREA] < SMALLEST_PAGE * page.size:
        return None
    if _loses_writing(small, colour, (x, y, x + width, y + height)):
        return None
    # An edge runs through the outermost small pixel, part of it bed, that still counted as sheet.
    left, top = (round((at + HALF) / scale) if at else 0 for at in (x, y))
    right, bottom = (
        round((at - HALF) / scale) if at < end else full
        for at, end, full in zip(
            (x + width, y + height), small.shape[1::-1], bgr.shape[1::-1], strict=True
        )
    )
    return Bed(colour, left, top, right, bottom)


def crop_to(bgr: Image, bed: Bed, dpi: int) -> tuple[Image, tuple[int, int, int, int]]:
    """The page with 2.5 mm around it, and the pixels kept (x0, y0, x1, y1)."""
    margin = round(MARGIN_MM / 25.4 * dpi)
    height, width = bgr.shape[:2]
    left, top, right, bottom = _exact(bgr, bed, dpi)
    x0, y0 = max(0, left - margin), max(0, top - margin)
    x1, y1 = min(width, right + margin), min(height, bottom + margin)
    return bgr[y0:y1, x0:x1], (x0, y0, x1, y1)


def _exact(bgr: Image, bed: Bed, dpi: int) -> tuple[int, int, int, int]:
    """The edges to the pixel: where the middle half of each side turns from bed to paper. An edge
    that would move further than the small picture could be wrong stays: the sheet lies askew.
    """
    left, top, right, bottom = bed.left, bed.top, bed.right, bed.bottom
    down = slice(top + (bottom - top) // 4, bottom - (bottom - top) // 4, 4)
    across = slice(left + (right - left) // 4, right - (right - left) // 4, 4)
    rows, columns = bgr[down], bgr[:, across].transpose(1, 0, 2)
    reach, most = round(NEAR_MM / 25.4 * dpi), WRONG_MM / 25.4 * dpi

    def edge(lines: Image, at: int, ahead: int) -> int:
        if not 0 < reach <= at <= lines.shape[1] - reach:
            return at  # the sheet reaches the end of the scan, or no resolution is told
        moved = _turns(lines[:, at - reach : at + reach], bed.colour, ahead) - reach
        return at + moved if abs(moved) <= most else at

    return (
        edge(rows, left, 1),
        edge(columns, top, 1),
        edge(rows, right, -1),
        edge(columns, bottom, -1),
    )


def _turns(lines: Image, colour: tuple[int, int, int], ahead: int) -> int:
    """At which column bed becomes paper (`ahead` 1: paper right of it); the middle where none does."""
    away = np.abs(lines.astype(np.int16) - np.array(colour, np.int16)).max(axis=2)
    profile = np.median(away, axis=0)[::ahead]
    bed, paper = float(profile[:3].mean()), float(np.percentile(profile, 90))
    if paper - bed < FURTHEST:
        return int(lines.shape[1] // 2)
    at = int((profile > (bed + paper) / 2).argmax())
    return at if ahead == 1 else int(lines.shape[1] - at)


def paper_colour(bgr: Image) -> tuple[int, int, int]:
    """The commonest light colour of the page: the 70th percentile of a thinned grid."""
    grid = bgr[:: max(1, bgr.shape[0] // 200), :: max(1, bgr.shape[1] // 200)].reshape(-1, 3)
    blue, green, red = np.percentile(grid, 70, axis=0)
    return int(blue), int(green), int(red)


def _bed_colour(small: Image) -> tuple[int, int, int] | None:
    """The colour most of the outermost ring shares, if it is not the colour of the paper."""
    ring = np.concatenate([small[:2], small[-2:]], axis=1).reshape(-1, 3)
    sides = np.concatenate([small[:, :2], small[:, -2:]], axis=0).reshape(-1, 3)
    ring = np.concatenate([ring, sides]).astype(np.int16)
    middle = small[
        small.shape[0] // 6 : -small.shape[0] // 6, small.shape[1] // 6 : -small.shape[1] // 6
    ]
    paper = np.array(paper_colour(middle), np.int16)
    different = np.abs(ring - paper).max(axis=1) > APART
    if different.mean() < 0.2:
        return None
    colour = np.median(ring[different], axis=0)
    alike = np.abs(ring[different] - colour).max(axis=1) <= FURTHEST
    if alike.mean() < 0.7:
        return None
    return int(colour[0]), int(colour[1]), int(colour[2])


def page_mask(small: Image, colour: tuple[int, int, int]) -> npt.NDArray[np.uint8]:
    """Everything the bed does not reach from the outside; thin bridges of ink are cut."""
    far = np.abs(small.astype(np.int16) - np.array(colour, np.int16)).max(axis=2) > FURTHEST
    framed = cv2.copyMakeBorder(far.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    closed = cv2.morphologyEx(framed, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))
    cv2.floodFill(closed, None, (0, 0), 2)
    page = (closed != 2).astype(np.uint8)
    page = cv2.morphologyEx(page, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
    return np.ascontiguousarray(page[1:-1, 1:-1], np.uint8)


def _loses_writing(
    small: Image, colour: tuple[int, int, int], box: tuple[int, int, int, int]
) -> bool:
    """Whether marks lie on what would be cut away: then it is paper, not bed, and stays."""
    far = np.abs(small.astype(np.int16) - np.array(colour, np.int16)).max(axis=2) > 2 * FURTHEST
    outside = far.astype(np.uint8)
    x0, y0, x1, y1 = box
    outside[max(0, y0 - 3) : y1 + 3, max(0, x0 - 3) : x1 + 3] = 0
    outside[:2] = outside[-2:] = 0
    outside[:, :2] = outside[:, -2:] = 0
    return int(outside.sum()) > 40
