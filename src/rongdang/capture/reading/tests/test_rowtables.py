"""Tables of many rows: what a fold does to their rules, and what a cell alone can be."""

from dataclasses import replace

import pytest

from rongdang.base.textlayer import Cell
from rongdang.capture.reading.fields import fields_of
from rongdang.capture.reading.sheets import Page
from rongdang.capture.reading.tests.papers import Paper

HEAD = ["称谓", "姓名", "年龄", "职业及单位"]
FAMILY = [
    ["父亲", "林大海", "67", "务农"],
    ["母亲", "赵桂兰", "65", "家务"],
    ["妻", "陈秀", "40", "教师"],
]
WHOLE = "父亲林大海67务农；母亲赵桂兰65家务；妻陈秀40教师"


def paper(rows=FAMILY, head=HEAD):
    return Paper().title("干部履历表").table([head, *rows], 0.3)


def read(made, name="家庭成员"):
    page = Page(made.layer() if isinstance(made, Paper) else made)
    return {one.entry.name: one.reading for one in fields_of(page, 0)}.get(name)


def cell_of(made, text):
    line = next(one for one in made.lines if one.text == text)
    return made.cells[line.cell]


def joined(made, above, below):
    """The rule between two rows is not seen: each column's two cells are one."""
    layer = made.layer()
    tops = {cell_of(made, below).box[1]: cell_of(made, above).box}
    cells, moved = [], {}
    for number, cell in enumerate(layer.cells):
        top = cell.box[1]
        if top in tops:
            moved[number] = next(
                n for n, c in enumerate(cells) if c.box[0] == cell.box[0] and c.box[3] == top
            )
            upper = cells[moved[number]]
            whole = (*upper.box[:3], cell.box[3])
            cells[moved[number]] = replace(upper, box=whole)
        else:
            moved[number] = len(cells)
            cells.append(cell)
    lines = tuple(
        one if one.cell is None else replace(one, cell=moved[one.cell]) for one in layer.lines
    )
    return replace(layer, cells=tuple(cells), lines=lines)


def test_two_rows_whose_rule_a_fold_hides_are_two():
    made = paper()
    assert read(made).value == WHOLE
    assert read(joined(made, "母亲", "妻")).value == WHOLE


def test_a_cell_of_two_lines_is_one_row():
    rows = [*FAMILY, ["子", "林小河", "12", "梧桐县第一\n中学学生"]]
    assert read(paper(rows)).value == f"{WHOLE}；子林小河12梧桐县第一中学学生"


def test_a_fold_through_one_cell_ends_no_table():
    made = paper()
    layer = made.layer()
    number = next(n for n, c in enumerate(layer.cells) if c == cell_of(made, "65"))
    x0, y0, x1, y1 = layer.cells[number].box
    middle = (y0 + y1) / 2
    cut = [
        replace(layer.cells[number], box=(x0, y0, x1, middle)),
        Cell(0, 9, 2, 1, 1, (x0, middle, x1, y1)),
    ]
    cells = (*layer.cells[:number], cut[0], *layer.cells[number + 1 :], cut[1])
    assert read(replace(layer, cells=cells)).value == WHOLE


def test_a_head_whose_upper_rule_is_missing_still_heads_its_columns():
    made = paper()
    layer = made.layer()
    cells, lines = layer.cells[4:], []
    for one in layer.lines:
        cell = None if one.cell is None or one.cell < 4 else one.cell - 4
        lines.append(replace(one, cell=cell))
    assert read(replace(layer, cells=cells, lines=tuple(lines))).value == WHOLE


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (("1953.41957.4", "某部七连排长", "林大海"), "1953.4—1957.4某部七连排长林大海"),
        (("1953.11—", "某部七连排长", "负长昌"), "1953.11—某部七连排长贠长昌"),
        (("1953.11—", "某部七连排长", "林负昌"), "1953.11—某部七连排长林负昌"),
        (("1953.11—", "某部后动处文书", "林大海"), "1953.11—某部后勤处文书林大海"),
        (("1953.11—", "某军分区服长", "林大海"), "1953.11—某军分区服长林大海"),  # which?
    ],
)
def test_a_cell_is_mended_where_one_thing_alone_it_can_be(cells, said):
    head = ["起止年月", "在何地何单位任何职务", "证明人"]
    doubt = {"动": 0.5, "服": 0.5}
    made = Paper().title("干部履历表")
    made.table([head, list(cells)], 0.3, doubt=doubt)
    assert read(made, "简历").value == said


def test_a_rare_character_of_a_name_stays_on_a_page_set_in_simplified_ones():
    rows = [*FAMILY[:2], ["妻", "赖秀昇", "40", "教師"]]
    assert "赖秀昇40教师" in read(paper(rows)).value
    made = paper(
        [*FAMILY[:2], ["妻", "賴秀蘭", "40", "醫院護士長"]], ["稱謂", "姓名", "年齡", "職業"]
    )
    assert "赖秀兰40医院护士长" in read(made).value
