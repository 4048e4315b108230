"""Windows on a page image: the piece beside a field, and the band round a hit.

A box is shown through an SVG window on the page image, so no second image is made.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

Box = Sequence[float]  # x0, y0, x1, y1 as parts of the page

# Room round a box in the little picture beside a field, as parts of the page.
MARGIN_X, MARGIN_Y = 0.012, 0.006
WIDEST = 300  # CSS pixels
BAND = 0.6  # how much of the page's width the picture of a hit shows
BAND_WIDTH = 640  # CSS pixels


def crop_view(box: Box, width: int, height: int, tall: int = 34) -> dict[str, Any]:
    """Window (viewBox) and size of the piece of a page round `box`, `tall` CSS pixels high at most."""
    width, height = width or 1, height or 1
    left, top = max(0.0, box[0] - MARGIN_X) * width, max(0.0, box[1] - MARGIN_Y) * height
    wide = min(1.0, box[2] + MARGIN_X) * width - left
    high = min(1.0, box[3] + MARGIN_Y) * height - top
    scale = min(tall * 2 / high if high > wide else tall / high, WIDEST / wide)
    return {
        "view": f"{left:.0f} {top:.0f} {max(1, wide):.0f} {max(1, high):.0f}",
        "width": max(8, round(wide * scale)),
        "height": max(8, round(high * scale)),
        "page_width": width,
        "page_height": height,
    }


def band_view(boxes: Sequence[Box], width: int, height: int) -> dict[str, Any]:
    """A band of the page round the first hit, a line above and below, with the hits in it."""
    width, height = width or 1, height or 1
    first = boxes[0]
    wide = min(1.0, max(BAND, first[2] - first[0] + 0.1))
    left = min(1.0 - wide, max(0.0, (first[0] + first[2] - wide) / 2))
    top = max(0.0, first[1] - 0.02)
    end = min(1.0, max(first[3] + 0.02, top + 0.06))
    view = (left * width, top * height, wide * width, (end - top) * height)
    return {
        "view": " ".join(f"{part:.0f}" for part in view),
        "width": BAND_WIDTH,
        "height": max(8, round(BAND_WIDTH * view[3] / view[2])),
        "page_width": width,
        "page_height": height,
        "rects": [_rect(box, width, height) for box in boxes if box[1] >= top and box[3] <= end],
    }


def _rect(box: Box, width: int, height: int) -> dict[str, str]:
    return {
        "x": f"{box[0] * width:.0f}",
        "y": f"{box[1] * height:.0f}",
        "width": f"{(box[2] - box[0]) * width:.0f}",
        "height": f"{(box[3] - box[1]) * height:.0f}",
    }
