"""Small pages drawn for the tests: print, rules, boxes, rings and seals, at 150 dpi of A4 or less."""

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from rongdang.base.typefaces import face

INK, HAND, RED = (40, 40, 40), (120, 60, 30), (60, 60, 215)  # BGR


class Paper:
    """A white page; lengths are pixels."""

    def __init__(self, width=900, height=700):
        self.bgr = np.full((height, width, 3), 250, np.uint8)

    def write(self, x, y, text, size=30, ink=INK, down=False, typeface="song"):
        picture = Image.fromarray(self.bgr)
        pen = ImageDraw.Draw(picture)
        for char in text:
            font = ImageFont.truetype(str(face(typeface).file_for(char)), size)
            pen.text((x, y), char, fill=ink, font=font)
            x, y = (x, y + size * 1.1) if down else (x + pen.textlength(char, font=font), y)
        self.bgr = np.asarray(picture).copy()
        return int(x)

    def rules(self, xs, ys, thick=2):
        for x in xs:
            cv2.line(self.bgr, (x, ys[0]), (x, ys[-1]), INK, thick)
        for y in ys:
            cv2.line(self.bgr, (xs[0], y), (xs[-1], y), INK, thick)

    def erase(self, x0, y0, x1, y1):
        self.bgr[y0:y1, x0:x1] = 250

    def box(self, x, y, side=22, tick=False):
        cv2.rectangle(self.bgr, (x, y), (x + side, y + side), INK, 1)
        if tick:
            points = np.array(
                [[x + 3, y + side // 2], [x + 9, y + side - 3], [x + side + 5, y - 4]]
            )
            cv2.polylines(self.bgr, [points], False, HAND, 3)

    def ring(self, x0, y0, x1, y1, ink=HAND):
        middle, half = ((x0 + x1) // 2, (y0 + y1) // 2), ((x1 - x0) // 2, (y1 - y0) // 2)
        cv2.ellipse(self.bgr, middle, half, 0, 0, 360, ink, 2)

    def seal(self, x, y, radius=95):
        """Round, with a star; what lies under it stays dark."""
        stamp = np.full_like(self.bgr, 255)
        cv2.circle(stamp, (x, y), radius, RED, 6)
        angles = -np.pi / 2 + np.arange(10) * np.pi / 5
        reach = np.where(np.arange(10) % 2, 0.16, 0.42) * radius
        star = np.stack([x + reach * np.cos(angles), y + reach * np.sin(angles)], 1)
        cv2.fillPoly(stamp, [star.astype(np.int32)], RED)
        for angle in np.linspace(0.8 * np.pi, 2.2 * np.pi, 9):
            at = (int(x + 0.72 * radius * np.cos(angle)), int(y + 0.72 * radius * np.sin(angle)))
            cv2.rectangle(stamp, (at[0] - 9, at[1] - 9), (at[0] + 9, at[1] + 9), RED, 4)
        self.bgr = np.minimum(self.bgr, stamp)
