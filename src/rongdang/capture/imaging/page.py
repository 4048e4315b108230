"""One page through all steps: cut, turned, straightened, judged, made white."""

from __future__ import annotations

from rongdang.capture.imaging import quality
from rongdang.capture.imaging.blank import is_blank
from rongdang.capture.imaging.crop import Bed, crop_to, find_bed, paper_colour
from rongdang.capture.imaging.deskew import find_skew, rotate
from rongdang.capture.imaging.direction import find_rotation, turn
from rongdang.capture.imaging.values import CleanedPage, Image, shrunk
from rongdang.capture.imaging.whiten import whiten

LEVEL = 0.03  # degrees; turning by less only softens the picture
ASSUMED_DPI = 300


def clean_page(bgr: Image, dpi: int | None = None) -> CleanedPage:
    """One page image in, all steps; `bgr` itself is never changed and comes back as `original`."""
    small = _half(bgr)  # enough for every judgement; only turning and whitening need all pixels
    bed = find_bed(small)
    resolution = dpi or quality.estimate_dpi((bgr.shape[0], bgr.shape[1])) or ASSUMED_DPI
    page = crop_to(small, bed, 0)[0] if bed else small
    blank = is_blank(page, bed.colour if bed else None)
    rotation = 0 if blank else find_rotation(page)
    upright = turn(bgr, rotation)
    skew = 0.0 if blank else find_skew(turn(page, rotation))
    figures = quality.measure(
        page, bgr.shape[:2], dpi=dpi, skew=skew, blank=blank, on_bed=_sides_on_bed(small, bed)
    )
    if abs(skew) < LEVEL:
        straight = upright
    else:
        straight = rotate(upright, skew, bed.colour if bed else paper_colour(upright))
    image, kept = _cut(straight, had_bed=bed is not None, dpi=resolution)
    height, width = straight.shape[:2]
    box = (kept[0] / width, kept[1] / height, kept[2] / width, kept[3] / height)
    return CleanedPage(bgr, whiten(image), rotation, skew, blank, figures, box)


def _half(bgr: Image) -> Image:
    """The scan at half its size if it is larger than 200 dpi of A4."""
    if max(bgr.shape[:2]) < 2400:
        return bgr
    return shrunk(bgr, 0.5)


def _cut(straight: Image, *, had_bed: bool, dpi: int) -> tuple[Image, tuple[int, int, int, int]]:
    """The page with its margin, the bed inside that margin painted as paper."""
    bed = find_bed(straight) if had_bed else None
    if bed is None:
        return straight, (0, 0, straight.shape[1], straight.shape[0])
    cut, kept = crop_to(straight, bed, dpi)
    image = cut.copy()
    paper = paper_colour(image)
    x0, y0 = bed.left - kept[0], bed.top - kept[1]
    x1, y1 = bed.right - kept[0], bed.bottom - kept[1]
    image[:y0] = image[y1:] = paper
    image[:, :x0] = image[:, x1:] = paper
    return image, kept


def _sides_on_bed(bgr: Image, bed: Bed | None) -> frozenset[str]:
    """Sides where bed lies beyond the paper: nothing can be cut off there."""
    if bed is None:
        return frozenset()
    height, width = bgr.shape[:2]
    seen = {
        "top": bed.top > 0.004 * height,
        "left": bed.left > 0.004 * width,
        "bottom": bed.bottom < 0.996 * height,
        "right": bed.right < 0.996 * width,
    }
    return frozenset(side for side, there in seen.items() if there)
