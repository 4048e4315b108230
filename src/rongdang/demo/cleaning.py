"""How well a scan is cleaned: direction, angle, cut, and what whitening leaves of seals and writing.

On pages drawn for this alone, whose every stroke has a known place: where it ought to be after
turning, straightening and cutting is reckoned, and looked at there.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from random import Random
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.crop import paper_colour
from rongdang.capture.imaging.decode import decode_image
from rongdang.capture.imaging.deskew import turning
from rongdang.capture.imaging.direction import turn
from rongdang.capture.imaging.page import LEVEL, clean_page
from rongdang.capture.imaging.spread import split_spread
from rongdang.capture.imaging.values import CleanedPage, Image
from rongdang.demo.paper.ageing import Condition, placing, scan
from rongdang.demo.paper.lives import invent
from rongdang.demo.paper.materials import DrawnMaterial
from rongdang.demo.paper.sheet import Sheet
from rongdang.demo.paper.stack import FIRST_LIFE, draw_materials, laid
from rongdang.demo.scoring import Counts

PAGES = 8  # sheets of a seed, when nothing else is asked for
KEPT = 0.8  # share of its colour and blackness that must be left
FAITHFUL = 0.95  # correlation of a photograph with itself before
MARGIN_MM = (2.0, 3.0)  # DA/T 31-2017, 10
FOLD_MM = 3.0  # so near the fold a spread must be cut
INKED = 200  # of 255: the middle of a stroke
FEWEST, MOST = 200, 6000  # points that are looked at of one thing
Matrix = npt.NDArray[np.float64]
Points = npt.NDArray[np.float64]  # n x 2: x, y


@dataclass(frozen=True, slots=True)
class _Look:
    """One picture and where a pixel of the sheet lies in it."""

    image: Image
    matrix: Matrix

    def at(self, points: Points) -> npt.NDArray[np.float64]:
        """What is there, as share of the paper's own light taken away: n x 3."""
        height, width = self.image.shape[:2]
        placed = np.rint(points @ self.matrix[:, :2].T + self.matrix[:, 2]).astype(int)
        x, y = placed[:, 0].clip(0, width - 1), placed[:, 1].clip(0, height - 1)
        paper = np.maximum(np.array(paper_colour(self.image), np.float64), 1.0)
        return np.asarray(1 - self.image[y, x] / paper, np.float64)


def measure_cleaning(seed: int, pages: int | None = None) -> dict[str, Any]:
    """Counts and the angles left (degrees) of the pages of one seed of the test split."""
    chance = Random(f"cleaning:{seed}")  # noqa: S311  # the same seed, the same pages
    dice = np.random.default_rng(chance.randrange(2**63))
    counts, angles = Counts(), list[float]()
    wanted = pages or PAGES
    drawn = draw_materials(invent(FIRST_LIFE["test"] + seed), "test", wanted, chance)
    sheets = [(sheet, material) for material in drawn for sheet in material.sheets][:wanted]
    for at, (sheet, material) in enumerate(sheets):
        condition, behind = laid(material, chance), sheets[at - 1][0]
        bgr = decode_image(scan(sheet, behind, condition, dice)).bgr
        angles += _score_page(counts, sheet, condition, bgr)
    for (sheet, material), (other, _) in zip(sheets[::2], sheets[1::2], strict=False):
        if (sheet.width, sheet.dpi) == (other.width, other.dpi):
            _score_spread(counts, (sheet, other), material, chance, dice)
    return {"counts": counts.to_dict(), "angles": angles}


def _score_page(counts: Counts, sheet: Sheet, condition: Condition, bgr: Image) -> Iterator[float]:
    """The angle left, where the page was set upright; what lies elsewhere then is not looked for."""
    cleaned = clean_page(bgr, sheet.dpi)
    upright = cleaned.rotation == condition.upright and not cleaned.blank
    counts.add("clean", "rotation", right=upright)
    if not upright:
        return
    before = _Look(turn(bgr, condition.upright), _placed(sheet, condition))
    after = _Look(cleaned.optimised, _moved(before, cleaned))
    if condition.bed is not None:
        for margin in _margins(sheet, after):
            counts.add("clean", "margin", right=MARGIN_MM[0] <= margin <= MARGIN_MM[1])
    for what, points in _things(sheet):
        counts.add("clean", what, right=is_kept(before.at(points), after.at(points), what))
    yield abs(_taken_out(cleaned) + condition.skew)


def _placed(sheet: Sheet, condition: Condition) -> Matrix:
    size = (sheet.px(sheet.width), sheet.px(sheet.height))
    return placing(size, condition, sheet.dpi)


def _taken_out(cleaned: CleanedPage) -> float:
    return cleaned.skew if abs(cleaned.skew) >= LEVEL else 0.0


def _moved(before: _Look, cleaned: CleanedPage) -> Matrix:
    """Where a pixel of the sheet lies once the scan was straightened and cut."""
    height, width = before.image.shape[:2]
    matrix, size = turning((width, height), _taken_out(cleaned))
    moved = matrix @ np.vstack([before.matrix, [0.0, 0.0, 1.0]])
    moved[:, 2] -= (cleaned.crop[0] * size[0], cleaned.crop[1] * size[1])
    return np.asarray(moved, np.float64)


def _margins(sheet: Sheet, after: _Look) -> tuple[float, ...]:
    """Millimetres left round the sheet: left, top, right, bottom; by the middles of its edges."""
    across, down = sheet.px(sheet.width), sheet.px(sheet.height)
    middles = np.array(
        [(0, down / 2), (across / 2, 0), (across, down / 2), (across / 2, down)], np.float64
    )
    placed = middles @ after.matrix[:, :2].T + after.matrix[:, 2]
    height, width = after.image.shape[:2]
    left, top, right, bottom = placed[0, 0], placed[1, 1], placed[2, 0], placed[3, 1]
    pixels = (left, top, width - right, height - bottom)
    return tuple(float(one) / sheet.scale for one in pixels)


def _things(sheet: Sheet) -> Iterator[tuple[str, Points]]:
    """What whitening must keep, each with the pixels of the sheet that make it up."""
    for x, y, seal in sheet.seals:
        yield "seal", _inked(np.asarray(seal), (x, y))
    for x, y, picture in sheet.pictures:
        yield "photo", _inked(np.full((picture.height, picture.width), 255), (x, y))
    for layer in ("red", "hand"):
        if layer in sheet.layers:
            points = _inked(np.asarray(sheet.layers[layer]), (0, 0))
            if len(points) >= FEWEST:
                yield layer, points


def _inked(coverage: npt.NDArray[Any], corner: tuple[int, int]) -> Points:
    rows, columns = np.nonzero(coverage > INKED)
    step = max(1, len(rows) // MOST)
    return np.stack([columns + corner[0], rows + corner[1]], axis=1)[::step].astype(np.float64)


def is_kept(before: npt.NDArray[Any], after: npt.NDArray[Any], what: str) -> bool:
    """Whether the mean colour that was taken from the paper is still taken from it."""
    was, now = before.mean(axis=0), after.mean(axis=0)
    kept = float(was @ now) >= KEPT * float(was @ was)
    if what == "photo":
        tones = before.mean(axis=1), after.mean(axis=1)
        kept &= min(float(tone.std()) for tone in tones) > 0
        kept = kept and bool(np.corrcoef(*tones)[0, 1] >= FAITHFUL)
    return kept


def _score_spread(
    counts: Counts,
    sheets: tuple[Sheet, Sheet],
    material: DrawnMaterial,
    chance: Random,
    dice: np.random.Generator,
) -> None:
    """Two pages side by side on a sheet with a fold between them, laid on the glass as one."""
    flat = replace(material.style.condition, skew=0.0, turned=0, bed=None, torn=False)
    halves = [decode_image(scan(sheet, None, flat, dice)).bgr for sheet in sheets]
    both: Any = np.hstack(halves)
    fold, reach = halves[0].shape[1], sheets[0].px(chance.uniform(2, 5))
    shade = 1 - chance.uniform(0.12, 0.3) * (1 - np.abs(np.arange(-reach, reach + 1)) / reach)
    strip = both[:, fold - reach : fold + reach + 1].astype(np.float32) * shade[None, :, None]
    both[:, fold - reach : fold + reach + 1] = strip.astype(np.uint8)
    middle = (both.shape[1] / 2, both.shape[0] / 2)
    matrix = cv2.getRotationMatrix2D(middle, chance.gauss(0, 0.3), 1.0)
    ground = tuple(int(one) for one in flat.paper)
    both = cv2.warpAffine(both, matrix, both.shape[1::-1], borderValue=ground)
    cut = split_spread(both, sheets[0].dpi)
    near = abs(cut[0].shape[1] - fold) <= sheets[0].px(FOLD_MM)
    counts.add("clean", "spread", right=len(cut) == 2 and near)
