"""Ruled cells as neighbours."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rongdang.base.textlayer import Box
from rongdang.capture.reading.sheets import Page, overlap

TOUCH = 0.02  # cells nearer than this share of the page touch
SAME = 0.55  # share of a side two neighbours have in common


class Grid:
    """The cells of one page."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.boxes = page.frames

    def text(self, cell: int) -> str:
        row = self.page.cells.get(cell)
        return row.text if row else ""

    def right_of(self, cell: int) -> int | None:
        """The cell that begins where this one ends, on the same height."""
        box = self.boxes[cell]
        return self._nearest(
            cell,
            lambda other: (
                abs(other[0] - box[2]) if overlap(_tall(box), _tall(other)) > SAME else None
            ),
        )

    def below(self, cell: int) -> int | None:
        box = self.boxes[cell]
        return self._nearest(
            cell,
            lambda other: (
                abs(other[1] - box[3]) if overlap(_wide(box), _wide(other)) > SAME else None
            ),
        )

    def left_of(self, cell: int) -> Iterator[int]:
        """All cells to the left on the same height, nearest first."""
        box = self.boxes[cell]
        found = [
            (box[0] - other[2], number)
            for number, other in self.boxes.items()
            if number != cell
            and other[2] <= box[0] + TOUCH
            and overlap(_tall(box), _tall(other)) > SAME
        ]
        yield from (number for _away, number in sorted(found))

    def row_of(self, cell: int) -> list[int]:
        """The frames of one height, left to right."""
        box = self.boxes[cell]
        height = box[3] - box[1]
        return sorted(
            (
                number
                for number, other in self.boxes.items()
                if overlap(_tall(box), _tall(other)) > SAME and other[3] - other[1] < 1.7 * height
            ),
            key=lambda number: self.boxes[number][0],
        )

    def _nearest(self, cell: int, away: Callable[[Box], float | None]) -> int | None:
        found = []
        for number, other in self.boxes.items():
            if number == cell:
                continue
            distance = away(other)
            if distance is not None and distance < TOUCH:
                found.append((distance, other[0] + other[1], number))
        return min(found)[2] if found else None


def _tall(box: Box) -> tuple[float, float]:
    return (box[1], box[3])


def _wide(box: Box) -> tuple[float, float]:
    return (box[0], box[2])
