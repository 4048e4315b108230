"""Synthetic pages with known truth."""

import cv2
import numpy as np


def written(height=1754, width=1240, paper=235, lines=30, seed=1):
    chance = np.random.default_rng(seed)
    page = np.full((height, width, 3), paper, np.uint8)
    for row in range(lines):
        y = int(height * 0.1 + row * height * 0.8 / lines)
        for x in range(int(width * 0.12), int(width * 0.86), 30):
            for _ in range(4):
                a, b = chance.integers(0, 22, 2), chance.integers(0, 22, 2)
                cv2.line(
                    page,
                    (x + int(a[0]), y + int(a[1])),
                    (x + int(b[0]), int(y + b[1])),
                    (40, 40, 40),
                    2,
                )
            cv2.line(page, (x, y + 11), (x + 22, y + 11), (40, 40, 40), 2)
    return page


def on_bed(page, bed=25, edge=60):
    return cv2.copyMakeBorder(page, edge, edge, edge, edge, cv2.BORDER_CONSTANT, value=(bed,) * 3)
