"""The mark of whoever looks: on every part of the page, in the pixels, and the writing still readable."""

import datetime as dt
import io

import cv2
import numpy as np
import pytest
from PIL import Image

from rongdang.base.pagemark import Mark, marked
from rongdang.capture.imaging.shown import shown_jpeg

WHEN = dt.datetime(2026, 11, 25, 11, 30)
MARK = Mark("李建国 lijg", WHEN, "整理著录")
SIZES = [(226, 160), (565, 400), (1273, 900), (2264, 1600), (3508, 2480), (2700, 900), (500, 1600)]


def paper(size, tone=255):
    return np.full((*size, 3), tone, np.uint8)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("tone", [255, 0])
def test_every_part_of_a_page_and_its_foot_bear_the_mark(size, tone):
    page = marked(paper(size, tone), MARK)
    touched = np.abs(page.astype(int) - tone).max(axis=2) > 12
    high, wide = size
    step = max(60, wide // 2)  # what a photograph of a piece shows
    for top in range(0, high - step + 1, step):
        for left in range(0, wide - step + 1, step):
            assert touched[top : top + step, left : left + step].any(), (top, left)
    foot = touched[-max(12, wide // 46) :]
    assert foot.mean() > 0.03


def test_the_page_given_in_is_left_as_it_was():
    page = paper((400, 300))
    assert (marked(page, MARK) < 255).any() and (page == 255).all()


def test_two_people_two_minutes_two_purposes_give_three_marks():
    page = paper((1273, 900))
    others = (
        Mark("王秀兰 wangxl", WHEN, "整理著录"),
        Mark("李建国 lijg", WHEN + dt.timedelta(minutes=1), "整理著录"),
        Mark("李建国 lijg", WHEN, "治丧"),
    )
    first = marked(page, MARK)
    assert all((marked(page, other) != first).any() for other in others)


def test_black_writing_under_the_mark_keeps_its_contrast():
    page = paper((1273, 900))
    page[::8] = 20  # lines of ink
    shown = cv2.cvtColor(marked(page, MARK), cv2.COLOR_BGR2GRAY).astype(int)
    ink, ground = shown[::8][:-4], shown[4::8][: len(shown[::8]) - 4]
    body = slice(0, -8)  # the foot is darker
    assert ink[body].max() < 60 and ground[body].min() > 200


def test_the_mark_survives_the_jpeg_and_a_print_at_half_the_size():
    file = Image.open(io.BytesIO(shown_jpeg(paper((2264, 1600)), MARK))).convert("L")
    small = np.asarray(file.resize((800, 1132), Image.Resampling.BOX), int)
    assert (small < 245).mean() > 0.02


def test_a_character_no_face_knows_is_not_a_reason_to_show_nothing():
    assert (marked(paper((565, 400)), Mark("\U0002a6d6某", WHEN, "治丧")) < 255).any()


@pytest.mark.parametrize("who,purpose", [("", "治丧"), (" ", "治丧"), ("李建国", "")])
def test_n40_a_mark_without_a_name_or_a_purpose_does_not_exist(who, purpose):
    with pytest.raises(ValueError, match="who"):
        Mark(who, WHEN, purpose)
