"""Rules and cells, without any network."""

import numpy as np
import pytest

from rongdang.capture.imaging.deskew import rotate
from rongdang.capture.ocr.tables import find_table
from rongdang.capture.ocr.tests.paper import Paper


def grid(**more):
    page = Paper(**more)
    page.rules((60, 260, 460, 840), (80, 180, 280, 600))
    return page


def places(page):
    return [(c.row, c.column, c.row_span, c.column_span) for c in find_table(page.bgr).cells]


def test_cells_by_row_and_column_and_where_they_lie():
    cells = find_table(grid().bgr).cells
    assert [(c.row, c.column) for c in cells] == [(r, c) for r in range(3) for c in range(3)]
    assert np.allclose(cells[0].box, (60 / 900, 80 / 700, 260 / 900, 180 / 700), atol=0.005)


def test_merged_cells_have_spans():
    page = grid()
    page.erase(265, 170, 835, 190)
    page.erase(450, 85, 470, 275)
    assert (0, 1, 2, 2) in places(page) and len(places(page)) == 6


@pytest.mark.parametrize("gap", [(300, 170, 309, 190), (450, 400, 470, 408)])
def test_a_broken_rule_is_mended(gap):
    page = grid()
    page.erase(*gap)
    assert len(places(page)) == 9


def test_a_page_that_lies_a_little_askew():
    for angle in (0.3, -0.4):
        page = grid()
        page.bgr = rotate(page.bgr, angle, (250, 250, 250))
        assert len(places(page)) == 9


def test_writing_underlining_and_a_frame_are_no_table():
    page = Paper()
    page.write(60, 60, "中国人民解放军三五零一部队政治部干部履历表", size=36)
    page.rules((60, 800), (130, 130))
    page.rules((500, 840), (200, 600))
    assert places(page) == []


def test_two_tables_are_numbered_from_the_top():
    page = Paper(900, 900)
    page.rules((60, 300, 600), (500, 600, 700))
    page.rules((100, 400, 800), (60, 160, 260))
    assert [cell.table for cell in find_table(page.bgr).cells] == [0] * 4 + [1] * 4


def test_a_fold_across_the_sheet_is_no_rule():
    page = grid()
    page.rules((5, 895), (440, 440))
    assert len(places(page)) == 9


def test_words_in_a_wide_cell_do_not_carry_a_rule_across_it():
    page = Paper()
    page.rules((60, 840), (80, 160, 240, 320))
    for x in (260, 460):
        page.rules((x, x), (80, 160))
        page.rules((x, x), (240, 320))
    page.write(180, 170, "工作单位", size=30)
    page.write(180, 203, "及其职务", size=30)
    assert [c.column_span for c in find_table(page.bgr).cells] == [1, 1, 1, 3, 1, 1, 1]


@pytest.mark.parametrize("aside", [4, 5, 6, 7, 8, 9, 12])
def test_sides_of_two_rows_that_lie_a_little_apart_are_two_rules(aside):
    page = Paper()
    page.rules((60, 840), (80, 160, 240))
    page.rules((400, 400), (80, 160), thick=3)
    page.rules((400 + aside, 400 + aside), (160, 240), thick=3)
    assert len(places(page)) == 4
