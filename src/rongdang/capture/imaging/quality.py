"""Figures of a scan and the reasons to scan it again, for the person at the scanner."""

from __future__ import annotations

import cv2
import numpy as np

from rongdang.capture.imaging.values import Image, Quality, Reject, grey, ink_contrast

LOWEST_DPI = 200  # DA/T 31-2017, 9: at least 200 dpi
FEWEST_PIXELS = 1100  # of the long side, where no resolution is known
BLURRED, STEEP = 0.7, 10.0
# Over what real scans measure where no back shows through: up to 0.085 on a patterned certificate,
# 0.097 on a photographed letter. With a page behind them at a fifth of its blackness these two
# measure 0.16 and 0.12; a form with little ink of its own measures 0 either way, and a photograph
# of a bent page 0.21 by its shadow alone: no figure of this kind tells them all apart.
SHOWING = 0.105
SIDES = {"top": "上", "bottom": "下", "left": "左", "right": "右"}


def measure(
    bgr: Image,
    scanned: tuple[int, int],
    *,
    dpi: int | None,
    skew: float,
    blank: bool,
    on_bed: frozenset[str] = frozenset(),
) -> Quality:
    """Judge a page; `scanned` is the height and width of the scan, of which `bgr` may be a reduction.

    `on_bed` names the sides where bed is seen beyond the paper: nothing is cut off there.
    """
    blur = 0.0 if blank else blur_of(bgr)
    clipped = () if blank else tuple(side for side in clipped_edges(bgr) if side not in on_bed)
    showing = show_through(bgr)
    rejects: list[Reject] = []
    longest = max(scanned)
    if (dpi is not None and dpi < LOWEST_DPI) or (dpi is None and longest < FEWEST_PIXELS):
        what = f"{dpi} dpi" if dpi else f"{longest} px"
        rejects.append(
            _again("low-resolution", f"分辨率太低（{what}）", f"Resolution too low ({what})")
        )
    if blur > BLURRED:
        rejects.append(_again("blurred", "字迹模糊", "The writing is blurred"))
    if abs(skew) > STEEP:
        rejects.append(_again("steep", f"歪斜 {abs(skew):.1f}°", f"Skewed by {abs(skew):.1f}°"))
    if clipped:
        zh = "、".join(SIDES[side] for side in clipped)
        rejects.append(
            _again("clipped", f"{zh}边的字被切掉", f"Writing cut off: {', '.join(clipped)}")
        )
    if showing > SHOWING:
        rejects.append(
            _again("show-through", "背面字迹透过来", "The back shows through", backing=True)
        )
    return Quality(dpi or estimate_dpi(scanned), blur, skew, clipped, showing, tuple(rejects))


def estimate_dpi(size: tuple[int, int]) -> int:
    """Resolution if the sheet is A4 (or A3 when it has so many pixels); 0 when it has no such shape."""
    longest, shortest = max(size), min(size)
    if not 1.3 <= longest / shortest <= 1.55:
        return 0
    return round(longest / 11.69) if longest < 4400 else round(longest / 16.54)


def blur_of(bgr: Image) -> float:
    """0 sharp to 1 unreadable: how far the steepest edges fall short of the ink's contrast."""
    longest = min(max(bgr.shape[:2]), 1754)  # about 150 dpi of A4, half of what was scanned
    luminance = grey(bgr, longest)
    contrast = ink_contrast(luminance, 61)
    ink = contrast > 28
    if int(ink.sum()) < 200:
        return 0.0
    depth = float(np.percentile(contrast[ink], 90))
    across = cv2.absdiff(luminance[:, 2:], luminance[:, :-2])[1:-1]
    down = cv2.absdiff(luminance[2:], luminance[:-2])[:, 1:-1]
    steps = np.maximum(across, down)[ink[1:-1, 1:-1]]
    steepest = float(np.percentile(steps, 90)) / max(depth, 1.0)
    return float(np.clip(1.25 - steepest, 0.0, 1.0))


def clipped_edges(bgr: Image) -> tuple[str, ...]:
    """Sides where at least three marks the size of characters run out of the picture."""
    luminance = grey(bgr, 1100)
    ink = (ink_contrast(luminance, 61) > 45).astype(np.uint8)
    height, width = ink.shape
    stats = cv2.connectedComponentsWithStats(ink)[2][1:]
    x, y, w, h = (stats[:, column] for column in range(4))
    small, large = max(height, width) // 180, max(height, width) // 28
    character = (np.maximum(w, h) >= small) & (np.maximum(w, h) <= large) & (np.minimum(w, h) > 2)
    touching = {
        "top": y == 0,
        "bottom": y + h >= height,
        "left": x == 0,
        "right": x + w >= width,
    }
    return tuple(side for side, at in touching.items() if int((character & at).sum()) >= 3)


def show_through(bgr: Image) -> float:
    """Share of the paper with marks fainter than the page's own ink and not beside it.

    Where faint marks are most of what there is they are pencil or a carbon copy: 0.
    """
    luminance = cv2.GaussianBlur(grey(bgr, 900), (5, 5), 0)
    contrast = ink_contrast(np.asarray(luminance, np.uint8), 61)
    ink = contrast > 60
    paper = cv2.dilate(ink.astype(np.uint8), np.ones((7, 7), np.uint8)) == 0
    faint = (contrast > 8) & paper
    if int(paper.sum()) < 1000 or ink.sum() < 0.3 * faint.sum():
        return 0.0
    return float(faint.sum() / paper.sum())


def _again(code: str, zh: str, en: str, *, backing: bool = False) -> Reject:
    how_zh = "请垫黑纸重新扫描。" if backing else "请重新扫描。"
    how_en = "Lay black paper behind it and scan again." if backing else "Scan again."
    return Reject(code, f"{zh}，{how_zh}", f"{en}. {how_en}")
