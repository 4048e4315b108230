"""What the networks pass over is found by its ink: cells, holes in lines, rings, strokes, blanks."""

import cv2
import pytest

from rongdang.base.textlayer import Cell, Char, Line
from rongdang.capture.ocr.choices import marked_choices
from rongdang.capture.ocr.engines.recognition import Spelling, passed_over
from rongdang.capture.ocr.holes import with_holes_read
from rongdang.capture.ocr.layout import lay_out
from rongdang.capture.ocr.ports import shared_engine
from rongdang.capture.ocr.tables import find_table
from rongdang.capture.ocr.tests.paper import HAND, Paper
from rongdang.capture.ocr.unread import with_unread


@pytest.fixture(scope="module")
def rapid():
    return shared_engine("rapid")


def narrow_form():
    page = Paper(1240, 1754)
    page.rules((100, 220, 620, 740, 1140), (200, 262, 324))
    page.write(118, 204, "健康状", size=24)
    page.write(148, 232, "况", size=24)
    page.write(240, 214, "有慢性胃病", typeface="kai")
    page.write(640, 214, "血型")
    page.write(760, 214, "AB型")
    page.write(118, 276, "籍贯")
    page.write(240, 276, "梧桐县")
    return page


def test_ink_in_a_cell_without_a_line_is_read_row_by_row(rapid):
    page = narrow_form()
    lines = rapid._lines(page.bgr)
    ruled = find_table(page.bgr)
    label = ruled.cells[0].box
    lost = [line for line in lines if line.box[0] > label[2] or line.box[1] > label[3]]
    assert "健康状" not in "".join(line.text for line in lost)
    found = with_unread(lost, ruled, (), lambda box: rapid._in_box(page.bgr, box))
    assert [line.text for line in found[len(lost) :]] == ["健康状", "况"]
    assert with_unread(found, ruled, (), lambda box: rapid._in_box(page.bgr, box)) == found
    under = with_unread(lost, ruled, (label,), lambda box: rapid._in_box(page.bgr, box))
    assert under == tuple(lost)  # ink of a seal is no writing


def test_the_lost_beginning_of_a_line_is_read_with_it(rapid):
    page = narrow_form()
    lines = [line for line in rapid._lines(page.bgr) if line.text == "AB型"]
    ruled = find_table(page.bgr)
    char = lines[0].chars[1]
    cut = lines[0].__class__(
        "B型", (char.box[0] + 0.002, *lines[0].box[1:]), 0.99, lines[0].chars[1:]
    )
    found = with_unread([cut], ruled, (), lambda box: rapid._in_box(page.bgr, box))
    assert "AB型" in [line.text for line in found] and "B型" not in [line.text for line in found]


def test_low_rows_and_little_squares_are_cells():
    page = Paper(1240, 1754)
    page.rules((100, 400, 700, 1140), (200, 244))
    page.rules(tuple(range(300, 300 + 19 * 34, 34)), (400, 440))
    cells = find_table(page.bgr).cells
    assert len([c for c in cells if c.box[1] < 0.13]) == 3
    assert len([c for c in cells if c.box[1] > 0.2]) == 18


def choices(ring=None, tick=None):
    page = Paper(1240, 1754)
    page.rules((100, 300, 900), (200, 280, 360))
    page.write(120, 220, "残废性质")
    page.write(330, 220, "因战　　因公　　因病")
    page.write(120, 300, "籍贯")
    if ring:  # an open ring that touches its word: it encloses nothing
        middle, half = ((ring[0] + ring[2]) // 2, (ring[1] + ring[3]) // 2), (44, 24)
        cv2.ellipse(page.bgr, middle, half, 0, 20, 330, HAND, 2)
    if tick:
        x, y = tick
        cv2.line(page.bgr, (x, y), (x + 8, y + 14), HAND, 3)
        cv2.line(page.bgr, (x + 8, y + 14), (x + 28, y - 16), HAND, 3)
    return page


@pytest.mark.parametrize(
    "drawn,chosen",
    [({"ring": (450, 220, 510, 256)}, "因公"), ({"tick": (512, 226)}, "因公"), ({}, None)],
)
def test_the_marked_one_of_printed_choices_is_told_by_the_ink_round_it(rapid, drawn, chosen):
    layer = rapid.read(choices(**drawn).bgr)
    marks = {mark.label: mark.checked for mark in layer.marks}
    assert {label for label, checked in marks.items() if checked} == ({chosen} if chosen else set())
    if chosen:
        assert not marks["因战"] and not marks["因病"]


def test_words_of_a_sentence_are_no_choices(rapid):
    page = Paper(1240, 400)
    page.write(60, 60, "男女老少离休退休都在就地易地安置")
    ruled = find_table(page.bgr)
    assert marked_choices(ruled, rapid.read(page.bgr).lines, ()) == ()


def test_words_struck_out_are_marked_and_rules_to_write_on_are_none(rapid):
    page = Paper(1240, 500)
    right = page.write(200, 60, "排长")
    cv2.line(page.bgr, (196, 80), (right + 4, 77), HAND, 3)
    page.write(right + 30, 60, "副连长")
    page.write(200, 200, "一九五三年七月一日——三十一日")
    page.write(200, 340, "籍贯")
    cv2.line(page.bgr, (262, 376), (640, 376), HAND, 2)
    page.write(290, 340, "梧桐县")
    struck = [mark.label for mark in rapid.read(page.bgr).marks if mark.kind == "struck"]
    assert struck == ["排长"]


def piece(text, x0, x1, *, y=0.1, sure=0.99):
    wide = (x1 - x0) / len(text)
    chars = tuple(
        Char(letter, (x0 + n * wide, y, x0 + (n + 1) * wide, y + 0.02), sure)
        for n, letter in enumerate(text)
    )
    return Line(text, (x0, y, x1, y + 0.02), sure, chars)


@pytest.mark.parametrize(
    ("pieces", "said"),
    [
        ((piece("姓", 0.11, 0.15), piece("生名", 0.13, 0.2, sure=0.8)), ["姓名"]),
        ((piece("七三年十一", 0.1, 0.2), piece("十一月", 0.16, 0.22)), ["七三年十一月"]),
        ((piece("入伍日", 0.11, 0.17), piece("期", 0.13, 0.15, y=0.109)), ["入伍日期"]),
        ((piece("性", 0.11, 0.14), piece("别", 0.16, 0.19)), ["性别"]),
        ((piece("Registrat", 0.1, 0.2), piece("ionNo", 0.185, 0.25)), ["RegistrationNo"]),
    ],
)
def test_a_character_two_pieces_of_a_row_hold_is_read_once(pieces, said):
    cell = Cell(0, 0, 0, 1, 1, (0.05, 0.05, 0.5, 0.2))
    assert [line.text for line in lay_out(pieces, (cell,))] == said


def test_a_square_character_of_a_name_far_from_the_boxes_is_no_ticked_box(rapid):
    page = Paper(1240, 300)
    page.write(100, 100, "姓名", typeface="hei")
    page.write(300, 100, "田勇平", typeface="hei", size=32)
    for x, word, ticked in ((800, "男", True), (900, "女", False)):
        page.box(x, 104, side=26, tick=ticked)
        page.write(x + 34, 100, word, typeface="hei")
    layer = rapid.read(page.bgr)
    assert "田勇平" in [line.text for line in layer.lines]
    assert {mark.label for mark in layer.marks if mark.checked} == {"男"}


@pytest.mark.parametrize("size", [24, 28])
@pytest.mark.parametrize("blur", [0.8, 1.2])
def test_strokes_of_blurred_print_that_meet_strike_nothing_out(rapid, size, blur):
    page = Paper(1240, 400)
    for number, words in enumerate(("某部七连排长", "起止年月", "1939年06月16日", "何时入伍")):
        page.write(100, 40 + number * 80, words, size=size, typeface="hei")
    marks = rapid.read(cv2.GaussianBlur(page.bgr, (0, 0), blur)).marks
    assert not [mark.label for mark in marks if mark.kind == "struck" and mark.confidence > 0.5]


@pytest.mark.parametrize(
    ("printed", "read", "missed"),
    [
        ("长女", (("女", 0.5, 1.0),), True),
        ("长女", (("长", 0.0, 0.5), ("女", 0.5, 1.0)), False),
        ("1985.4", (("1", 0.1, 0.2), ("9", 0.2, 0.35), ("8", 0.35, 0.5), ("5", 0.5, 0.65)), True),
        ("妻", (("妻", 0.0, 1.0),), False),
        ("41", (("4", 0.1, 0.9),), True),
        ("Mm", (("M", 0.0, 0.1), ("m", 0.1, 0.2)), False),
    ],
)
def test_ink_beside_all_characters_read_is_a_character_passed_over(printed, read, missed):
    page = Paper(400, 60)
    right = page.write(12, 14, printed, size=32)
    letters = "".join(letter for letter, _, _ in read)
    extents = tuple((start, end) for _, start, end in read)
    strip = page.bgr[:, 6 : right + 6]
    assert passed_over(strip, Spelling(letters, extents, (1.0,) * len(read))) is missed


def test_the_paper_between_latin_words_is_a_blank(rapid):
    page = Paper(1100, 300)
    page.write(30, 30, "RED STAR FACTORY 1953 年 7 月")
    page.write(30, 120, "RED STAR FACTORY 1953 年", size=36, typeface="kai")
    page.write(30, 210, "RED　STAR　FACTORY", size=26, typeface="hei")
    said = [line.text for line in rapid.read(page.bgr).lines]
    assert said == ["RED STAR FACTORY 1953年7月", "RED STAR FACTORY 1953年", "RED STAR FACTORY"]


def test_signs_of_columns_are_read_by_their_shape(rapid):
    page = Paper(500, 900)
    for number, column in enumerate(("寒光照铁衣，将军百战死。", "归来见天子；天子坐明堂。")):
        page.write(340 - number * 140, 60, column, size=56, down=True, typeface="kai")
    said = [line.text for line in rapid.read(page.bgr).lines]
    assert said == ["寒光照铁衣，将军百战死。", "归来见天子；天子坐明堂。"]


def test_ink_between_two_characters_of_a_line_is_read_again(rapid):
    page = Paper(1240, 300)
    page.write(60, 60, "入伍日期：一九七二年十一月十八日")
    (line,) = rapid._lines(page.bgr)
    chars = (*line.chars[:7], *line.chars[12:])
    holed = line.__class__("".join(c.text for c in chars), line.box, 0.99, chars)
    ruled = find_table(page.bgr)
    (mended,) = with_holes_read([holed], ruled, lambda box: rapid._in_box(page.bgr, box))
    assert mended.text == line.text
    assert with_holes_read([line], ruled, lambda _box: None) == (line,)
