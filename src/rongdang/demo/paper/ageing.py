"""What time and the scanner do to a sheet: ink, paper, light from behind, the bed of the glass."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image

from rongdang.demo.paper.sheet import Sheet

Pixels = npt.NDArray[np.uint8]
INKS = {  # BGR
    "black": (35, 32, 30),
    "letterpress": (48, 44, 42),
    "typewriter": (62, 52, 52),
    "mimeograph": (92, 58, 48),
    "carbon": (128, 78, 66),
    "laser": (28, 28, 28),
    "blue-black": (96, 58, 42),
    "blue": (150, 74, 44),
    "pencil": (110, 108, 106),
    "red": (52, 44, 196),
}
# How far ink spreads (pixels), how speckled and how patchy it lies.
WAYS = {
    "letterpress": (0.7, 30, 0.0),
    "typewriter": (0.6, 60, 0.0),
    "mimeograph": (0.9, 80, 0.35),
    "carbon": (1.2, 40, 0.25),
    "blue": (0.6, 0, 0.15),
    "blue-black": (0.6, 0, 0.15),
    "pencil": (0.6, 0, 0.15),
}
PAPERS = ((252, 252, 252), (236, 243, 246), (206, 224, 234), (186, 210, 226), (212, 222, 224))


@dataclass(frozen=True, slots=True)
class Condition:
    """How a sheet has fared and how it was scanned."""

    paper: tuple[int, int, int]
    print_ink: str = "letterpress"
    hand_ink: str = "blue-black"
    stains: int = 0
    torn: bool = False
    holes: bool = False
    folded: bool = False
    show_through: float = 0.0  # share of the next page's ink that shines through
    skew: float = 0.0  # degrees
    turned: int = 0  # quarter turns clockwise
    bed: int | None = None  # grey of the scanner's bed round the sheet, None: cropped
    noise: float = 2.0
    colour: bool = True
    quality: int = 82

    @property
    def upright(self) -> int:
        """Degrees clockwise that set the scan upright again."""
        return (360 - 90 * self.turned) % 360


def scan(
    sheet: Sheet, behind: Sheet | None, condition: Condition, dice: np.random.Generator
) -> bytes:
    """The sheet as a JPEG file; `behind` is what shines through."""
    shape = (sheet.px(sheet.height), sheet.px(sheet.width))
    page = _paper(shape, condition, dice)
    if behind is not None and condition.show_through and "print" in behind.layers:
        _shine(page, behind, condition.show_through)
    for x, y, picture in sheet.pictures:
        grey = np.asarray(picture.convert("L"), np.uint8)
        _region(page, x, y, grey.shape)[:] = cv2.cvtColor(grey, cv2.COLOR_GRAY2BGR)
    for layer, coverage in sheet.layers.items():
        ink = {"print": condition.print_ink, "hand": condition.hand_ink}.get(layer, layer)
        _lay(page, _aged(np.asarray(coverage, np.uint8), ink, dice), INKS[ink])
    for x, y, seal in sheet.seals:
        _lay(_region(page, x, y, (seal.height, seal.width)), _worn(seal, dice), INKS["red"])
    _wear(page, sheet, condition, dice)
    return _capture(page, condition, dice, sheet.dpi)


def _region(page: Pixels, x: int, y: int, shape: tuple[int, ...]) -> Pixels:
    return page[y : y + shape[0], x : x + shape[1]]


def _lay(page: Pixels, coverage: Pixels, ink: tuple[int, int, int]) -> None:
    """Ink darkens what it lies on, in place."""
    coverage = coverage[: page.shape[0], : page.shape[1]]
    ramp = np.arange(256)
    table = np.stack([255 - ramp * (255 - channel) // 255 for channel in ink], axis=-1)
    factor = cv2.LUT(cv2.merge([coverage] * 3), table[None].astype(np.uint8))
    page[:] = cv2.multiply(page, factor, scale=1 / 255)


def _aged(coverage: Pixels, ink: str, dice: np.random.Generator) -> Pixels:
    """The marks each way of printing leaves: spread, gaps, haze."""
    if ink not in WAYS:
        return coverage
    haze, speckle, patches = WAYS[ink]
    spread = np.asarray(cv2.GaussianBlur(coverage, (5, 5) if haze > 1 else (3, 3), haze), np.uint8)
    if speckle:
        spread = _speckled(spread, dice, speckle)
    return _patchy(spread, dice, patches) if patches else spread


def _speckled(coverage: Pixels, dice: np.random.Generator, depth: int) -> Pixels:
    grain = _tile(coverage.shape, dice)
    table = np.clip((128 - np.arange(256)) * depth / 64, 0, 255).astype(np.uint8)
    return np.asarray(cv2.subtract(coverage, cv2.LUT(grain, table)), np.uint8)


def _patchy(coverage: Pixels, dice: np.random.Generator, depth: float) -> Pixels:
    coarse = (255 - dice.random((9, 7)) * 255 * depth).astype(np.uint8)
    wide = cv2.resize(coarse, (coverage.shape[1], coverage.shape[0]), interpolation=cv2.INTER_CUBIC)
    return np.asarray(cv2.multiply(coverage, wide, scale=1 / 255), np.uint8)


def _worn(seal: Image.Image, dice: np.random.Generator) -> Pixels:
    return _patchy(_speckled(np.asarray(seal, np.uint8), dice, 90), dice, 0.4)


@cache
def _grain() -> Pixels:
    noise = np.random.default_rng(1955).normal(128, 34, (1024, 1024))
    return np.asarray(np.clip(noise, 0, 255), np.uint8)


def _tile(shape: tuple[int, ...], dice: np.random.Generator) -> Pixels:
    """Grain of that size, mean 128, moved at random."""
    rolled = np.roll(_grain(), tuple(int(n) for n in dice.integers(0, 1024, 2)), (0, 1))
    repeats = (-(-shape[0] // 1024), -(-shape[1] // 1024))
    return np.ascontiguousarray(np.tile(rolled, repeats)[: shape[0], : shape[1]])


def _paper(shape: tuple[int, int], condition: Condition, dice: np.random.Generator) -> Pixels:
    """Paper with its yellowed rim, stains and grain."""
    rows, columns = 92, 65
    yy, xx = np.mgrid[0:rows, 0:columns].astype(np.float32)
    rim = np.minimum.reduce([yy, xx, rows - 1 - yy, columns - 1 - xx]) / 10
    shade = 1 - (0.10 if min(condition.paper) < 235 else 0.01) * np.exp(-rim)
    colour = np.array(condition.paper, np.float32)[None, None] * shade[..., None]
    for _ in range(condition.stains):
        cy, cx, size = dice.uniform(0, rows), dice.uniform(0, columns), dice.uniform(4, 16)
        ragged = cv2.resize(
            dice.normal(0, 3.2, (9, 7)).astype(np.float32),
            (columns, rows),
            interpolation=cv2.INTER_CUBIC,
        )
        distance = np.hypot(yy - cy, (xx - cx) * dice.uniform(0.7, 1.3)) + ragged
        depth = dice.uniform(0.04, 0.14) / (1 + np.exp(np.clip((distance - size) * 1.6, -30, 30)))
        depth += 0.06 * np.exp(-((distance - size) ** 2) / 2)  # the tide line of water
        colour *= 1 - depth[..., None] * np.array([1.6, 1.0, 0.7], np.float32)
    small = np.clip(colour, 0, 255).astype(np.uint8)
    return np.asarray(
        cv2.resize(small, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC), np.uint8
    )


def _shine(page: Pixels, behind: Sheet, share: float) -> None:
    mirrored = cv2.flip(np.asarray(behind.layers["print"], np.uint8), 1)
    mirrored = cv2.resize(mirrored, (page.shape[1], page.shape[0]))
    soft = np.asarray(cv2.GaussianBlur(mirrored, (7, 7), 2.0), np.float32)
    _lay(page, (soft * share).astype(np.uint8), (90, 90, 90))


def _wear(page: Pixels, sheet: Sheet, condition: Condition, dice: np.random.Generator) -> None:
    """Punch holes, a fold and a torn corner; through holes one sees the bed."""
    bed = condition.bed if condition.bed is not None else 250
    height, width = page.shape[:2]
    if condition.holes:
        for share in (0.25, 0.5, 0.75):
            centre = (sheet.px(9), int(height * share + dice.uniform(-9, 9)))
            cv2.circle(page, centre, sheet.px(2.6), (bed,) * 3, -1, cv2.LINE_AA)
    if condition.folded:
        row = int(height * dice.uniform(0.47, 0.53))
        strip = page[row : row + max(2, sheet.px(0.5))]
        strip[:] = cv2.multiply(strip, np.full_like(strip, 222), scale=1 / 255)
    if condition.torn:
        size = sheet.px(dice.uniform(6, 16))
        steps = [
            (width - size + i * size // 5, int(dice.uniform(0, size * (i + 1) / 5)))
            for i in range(5)
        ]
        corner = np.array([(width - size, 0), *steps, (width, size), (width, 0)], np.int32)
        cv2.fillPoly(page, [corner], (bed,) * 3)


def _capture(page: Pixels, condition: Condition, dice: np.random.Generator, dpi: int) -> bytes:
    """Laid askew on the glass, lit, turned, and written as JPEG."""
    height, width = page.shape[:2]
    edge = _bed_seen(condition, dpi)
    ground = (condition.bed,) * 3 if condition.bed is not None else tuple(condition.paper)
    matrix = placing((width, height), condition, dpi)
    size = (width + 2 * edge, height + 2 * edge)
    image: Any = cv2.warpAffine(page, matrix, size, flags=cv2.INTER_LINEAR, borderValue=ground)
    if not condition.colour:
        image = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    grain: Any = _tile(image.shape[:2], dice)
    table = np.clip((np.arange(256) - 128.0) * condition.noise / 34 + 128, 0, 255).astype(np.uint8)
    grain = cv2.LUT(grain, table)
    if condition.colour:
        grain = cv2.merge([grain] * 3)
    image = cv2.addWeighted(image, 1.0, grain, 1.0, -128)
    if condition.turned:
        image = np.rot90(image, -condition.turned)
    options = [cv2.IMWRITE_JPEG_QUALITY, condition.quality]
    ok, encoded = cv2.imencode(".jpg", np.ascontiguousarray(image), options)
    assert ok
    return _with_dpi(encoded.tobytes(), dpi)


def placing(size: tuple[int, int], condition: Condition, dpi: int) -> npt.NDArray[np.float64]:
    """2 x 3: where a pixel of the sheet of that width and height lies in the scan before it is turned."""
    matrix = cv2.getRotationMatrix2D((size[0] / 2, size[1] / 2), condition.skew, 1.0)
    matrix[:, 2] += _bed_seen(condition, dpi)
    return np.asarray(matrix, np.float64)


def _bed_seen(condition: Condition, dpi: int) -> int:
    return int(dpi * 0.25) if condition.bed is not None else 0


def _with_dpi(jpeg: bytes, dpi: int) -> bytes:
    """The JFIF header says the resolution, as a scanner's does."""
    head = bytearray(jpeg[:20])
    head[13:18] = bytes([1]) + dpi.to_bytes(2, "big") * 2
    return bytes(head) + jpeg[20:]
