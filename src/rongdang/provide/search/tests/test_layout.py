"""Which lines run on, and where a found phrase stands on the page."""

import pytest

from rongdang.base.textlayer import Cell, Char, Line, TextLayer
from rongdang.provide.search.layout import Layout, around, boxes, lay_out


def line(text, x0, y0, x1, y1, **more):
    return Line(text, (x0, y0, x1, y1), 0.9, **more)


def text_of(*lines, cells=()):
    return lay_out(TextLayer("null 1", 1000, 1400, lines, tuple(cells), ())).text


PROSE = (
    line("　　我于一九五三年", 0.15, 0.10, 0.90, 0.13),
    line("七月入伍，同年立功。", 0.10, 0.14, 0.50, 0.17),
    line("家庭成员", 0.10, 0.18, 0.25, 0.21),
)


def test_prose_runs_on_from_margin_to_margin():
    assert text_of(*PROSE) == "　　我于一九五三年七月入伍，同年立功。\n家庭成员"


def test_a_blank_page_has_no_text():
    assert text_of() == ""


@pytest.mark.parametrize(
    "second",
    [
        line("三连战士", 0.55, 0.10, 0.90, 0.13),  # beside it, not below
        line("三连战士", 0.30, 0.14, 0.90, 0.17),  # does not begin at the margin
        line("三连战士", 0.10, 0.40, 0.90, 0.43),  # far below
    ],
)
def test_lines_that_are_not_one_sentence_stay_apart(second):
    first = line("某部一九五三年张", 0.10, 0.10, 0.90, 0.13)
    assert "\n" in text_of(first, second)


def test_the_second_line_of_prose_counts_only_if_the_first_reaches_the_margin():
    assert (
        text_of(line("一九五三年", 0.1, 0.1, 0.6, 0.13), line("七月", 0.1, 0.14, 0.9, 0.17))
        == "一九五三年\n七月"
    )


def test_cells_stay_apart_and_a_full_cell_runs_on_inside():
    cells = [Cell(0, 0, 0, 1, 1, (0.1, 0.1, 0.3, 0.2)), Cell(0, 0, 1, 1, 1, (0.3, 0.1, 0.9, 0.2))]
    lines = (
        line("参加革命", 0.11, 0.11, 0.28, 0.14, cell=0),
        line("工作时间", 0.11, 0.15, 0.28, 0.18, cell=0),
        line("一九四九年", 0.31, 0.11, 0.5, 0.14, cell=1),
        line("八月", 0.31, 0.15, 0.4, 0.18, cell=1),
    )
    assert text_of(*lines, cells=cells) == "参加革命工作时间\n一九四九年\n八月"


def test_columns_run_on_to_the_left():
    lines = (
        line("自一九五三年起任", 0.80, 0.1, 0.84, 0.9, vertical=True),
        line("排长", 0.74, 0.1, 0.78, 0.3, vertical=True),
    )
    assert text_of(*lines) == "自一九五三年起任排长"


def chars(text, box):
    step = (box[2] - box[0]) / len(text)
    return tuple(
        Char(c, (box[0] + n * step, box[1], box[0] + (n + 1) * step, box[3]), 0.9)
        for n, c in enumerate(text)
    )


def test_a_place_has_the_box_of_its_characters():
    box = (0.2, 0.1, 0.6, 0.13)
    with_chars = Line("王 伟同志", box, 0.9, chars("王伟同志", box))
    laid = lay_out(TextLayer("null 1", 1000, 1400, (with_chars,), (), ()))
    [found] = boxes(laid, ["伟同"])
    assert found == pytest.approx((0.3, 0.1, 0.5, 0.13), abs=1e-4)
    [without] = boxes(
        lay_out(TextLayer("null 1", 1000, 1400, (line("一二三四", *box),), (), ())), ["四"]
    )
    assert without == pytest.approx((0.5, 0.1, 0.6, 0.13), abs=1e-4)


def test_a_column_is_cut_along_its_length():
    column = line("一二三四", 0.8, 0.2, 0.84, 0.6, vertical=True)
    [found] = boxes(lay_out(TextLayer("null 1", 1000, 1400, (column,), (), ())), ["二三"])
    assert found == pytest.approx((0.8, 0.3, 0.84, 0.5), abs=1e-4)


def test_a_phrase_over_two_lines_has_two_boxes_and_every_place_its_own():
    laid = lay_out(TextLayer("null 1", 1000, 1400, PROSE, (), ()))
    assert len(boxes(laid, ["三年七月"])) == 2
    assert len(boxes(laid, ["年"])) == 2
    assert boxes(laid, ["没有"]) == []


def test_the_words_around_are_shown_as_they_are_written():
    before, match, after = around(Layout("第一行\n調後勤部　三连，回家", b""), ["后勤部三连-回"])
    assert (before, match, after) == ("第一行 調", "後勤部 三连，回", "家")
    assert around(Layout("没有的词在别处", b""), ["三连"]) == ("没有的词在别处", "", "")
