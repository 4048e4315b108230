"""Blank backs as they come from the scanner, and the little writing that must never be lost."""

import cv2
import numpy as np
import pytest

from rongdang.capture.imaging.deskew import rotate
from rongdang.capture.imaging.page import clean_page
from rongdang.capture.imaging.tests.pages import on_bed

BED, PAPER, HOLE = 20, 222, 20  # millimetres below are of an A4 sheet 1240 pixels wide
MM = 1240 / 210


def back(paper=PAPER):
    """A back without writing: paper and its grain."""
    sheet = np.full((1754, 1240, 3), paper, np.uint8)
    grain = np.random.default_rng(5).integers(0, 6, sheet.shape, np.uint8)
    return np.asarray(cv2.subtract(sheet, grain), np.uint8)


def punched(sheet):
    """Two holes whose rim lies in the margin that is not looked at."""
    for share in (0.25, 0.5, 0.75):
        centre = (round(8.0 * MM), round(1754 * share))
        cv2.circle(sheet, centre, round(2.6 * MM), (HOLE,) * 3, -1, cv2.LINE_AA)
    return sheet


def folded(sheet):
    strip = sheet[870:874]
    strip[:] = (strip * 0.84).astype(np.uint8)
    return sheet


def torn(sheet):
    corner = np.array([(1240 - 95, 0), (1240 - 40, 50), (1240, 95), (1240, 0)], np.int32)
    cv2.fillPoly(sheet, [corner], (BED,) * 3)
    return sheet


def laid(sheet, degrees=0.0):
    """On the dark bed of the scanner, a little askew."""
    return rotate(on_bed(sheet, BED), degrees, (BED,) * 3)


@pytest.mark.parametrize("degrees", [0.0, 1.3, -2.6])
@pytest.mark.parametrize(
    "sheet",
    [back, lambda: punched(back()), lambda: torn(back()), lambda: folded(punched(back()))],
    ids=["plain", "punched", "torn", "folded through a hole"],
)
def test_a_back_laid_askew_on_the_bed_is_blank(sheet, degrees):
    assert clean_page(laid(sheet(), degrees), 150).blank


def test_a_fold_through_a_hole_is_no_writing_where_no_bed_is_seen():
    assert clean_page(folded(punched(back())), 150).blank


def written(sheet, text, place, strength):
    """A few figures in a thin pen, `strength` darker than the paper."""
    x, y = round(place[0] * MM), round(place[1] * MM)
    ink = (int(PAPER - strength),) * 3
    cv2.putText(sheet, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.75, ink, 2, cv2.LINE_AA)
    return sheet


@pytest.mark.parametrize("degrees", [0.0, 2.0])
@pytest.mark.parametrize("place", [(100, 285), (12, 14), (190, 150), (60, 90)])
def test_a_page_number_alone_is_writing_wherever_it_stands(place, degrees):
    sheet = written(punched(torn(back())), "12", place, 110)
    assert not clean_page(laid(sheet, degrees), 150).blank


@pytest.mark.parametrize("degrees", [0.0, -1.5])
def test_a_line_in_pale_pencil_is_writing(degrees):
    sheet = written(folded(punched(back())), "1953 7 12 N 35", (40, 120), 62)
    assert not clean_page(laid(sheet, degrees), 150).blank
