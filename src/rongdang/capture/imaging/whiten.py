"""Paper made white in the optimised image; seals, red heads, signatures and photographs stay."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from rongdang.capture.imaging.crop import paper_colour
from rongdang.capture.imaging.values import Box, Image, shrunk

WHITE = 250  # what plain paper becomes
DARK_GROUND = 0.72  # a ground darker than this share of the paper is a picture, not shade
SMALL = 440  # pixels of the shorter side: shade is smooth
COLOURED = 48  # paper with more colour than this keeps its colour: certificates, coloured forms


def whiten(bgr: Image) -> Image:
    """The page divided by its own background, at most down to the paper's colour in pictures."""
    paper = np.array(paper_colour(bgr), np.float32)
    if paper.max() < 60:
        return bgr  # a negative or a black cover: nothing here is paper
    background = _background(bgr, paper)
    if paper.max() - paper.min() > COLOURED:  # keep the hue: take out only light and shade
        level = background.max(axis=2, keepdims=True)
        background = np.repeat(level, 3, axis=2)
    full = cv2.resize(background, (bgr.shape[1], bgr.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.divide(bgr, full, scale=WHITE + 4), np.uint8)


def find_pictures(bgr: Image) -> tuple[Box, ...]:
    """Photographs on the page: solid patches of tone of more than about 15 mm, normalised."""
    small = shrunk(bgr, 600 / max(bgr.shape[:2]))
    paper = np.array(paper_colour(small), np.float32)
    light = small.astype(np.float32).max(axis=2) / max(1.0, float(paper.max()))
    tone = (cv2.blur(light, (3, 3)) < 0.86).astype(np.uint8)
    tone = cv2.morphologyEx(tone, cv2.MORPH_OPEN, np.ones((9, 9), np.uint8))
    tone = cv2.morphologyEx(tone, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    height, width = tone.shape
    boxes: list[Box] = []
    for x, y, w, h, area in cv2.connectedComponentsWithStats(tone)[2][1:]:
        if min(w, h) < 0.04 * max(width, height) or w * h > 0.6 * width * height:
            continue
        if area >= 0.45 * w * h and 0.3 < w / h < 3.3:
            boxes.append((x / width, y / height, (x + w) / width, (y + h) / height))
    return tuple(boxes)


def _background(bgr: Image, paper: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """Colour of the paper under every pixel, made small: lightest nearby, then smoothed."""
    small = shrunk(bgr, min(0.25, SMALL / min(bgr.shape[:2])))
    reach = max(9, min(small.shape[:2]) // 36 | 1)
    ground = cv2.dilate(small, np.ones((reach, reach), np.uint8))
    ground = cv2.medianBlur(ground, min(31, reach))
    blue, green, red = cv2.split(ground)
    lightest = cv2.max(cv2.max(blue, green), red)
    darkest = cv2.min(cv2.min(blue, green), red)
    dark = lightest < DARK_GROUND * paper.max()
    spread = cv2.subtract(lightest, darkest).astype(np.float32)
    tinted = np.abs(spread - (paper.max() - paper.min())) > COLOURED
    keep = np.asarray(dark | tinted, np.uint8)
    for x0, y0, x1, y1 in find_pictures(small):
        height, width = keep.shape
        pad = reach
        top, left = max(0, int(y0 * height) - pad), max(0, int(x0 * width) - pad)
        keep[top : int(y1 * height) + pad, left : int(x1 * width) + pad] = 1
    ground[keep.astype(bool)] = paper.astype(np.uint8)
    return np.maximum(cv2.blur(ground, (reach, reach)), 1).astype(np.uint8)
