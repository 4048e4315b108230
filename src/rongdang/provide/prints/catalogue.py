"""The official 干部人事档案目录: A4, one grid, class rows and their materials (domain 1.2)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rongdang.provide.prints.ink import HEADS, HEIGHT, WIDTH, Ink, wrap
from rongdang.provide.prints.values import Catalogue, ClassRows, Line

TOP, SIDE = 25.0, 20.0
ROW, LEADING, SIZE = 8.0, 4.8, 10.5
# 序号, 材料名称, 年, 月, 日, 页数, 备注: 170 mm between the margins.
COLUMNS = (16.0, 82.0, 14.0, 9.0, 9.0, 12.0, 28.0)
EDGES = tuple(SIDE + sum(COLUMNS[:n]) for n in range(len(COLUMNS) + 1))
FOOT = HEIGHT - TOP


@dataclass(frozen=True, slots=True)
class Look:
    """What differs between the editions of the form."""

    title: str
    dated: str
    holes: bool  # three punched holes at the left edge, as the 2012 form prescribes


LOOKS = {
    "2018": Look("干部人事档案目录", "形成时间", holes=False),
    "2012": Look("干部人事档案材料目录", "材料形成时间", holes=True),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the grid: its cells, each as lines of text; a class row stands in the head face."""

    cells: tuple[list[str], ...]
    is_class: bool

    @property
    def height(self) -> float:
        return ROW + LEADING * (max(len(cell) for cell in self.cells) - 1)


def draw_catalogue(catalogue: Catalogue, *, foot: str = "", mark: str = "") -> bytes:
    """The catalogue as PDF, as many sheets as it takes, each with heading and page number."""
    look = LOOKS[catalogue.scheme]
    sheets = _sheets([row for group in catalogue.classes for row in _rows(group)])
    ink = Ink(f"{look.title} {catalogue.person}", foot, mark)
    for number, rows in enumerate(sheets, 1):
        _heading(ink, catalogue, look, continued=number > 1)
        y = _grid_head(ink, look)
        for row in rows:
            y = _draw_row(ink, row, y)
        ink.text(WIDTH / 2, HEIGHT - 12, f"第 {number} 页　共 {len(sheets)} 页", 9, align="middle")
        ink.end_page()
    return ink.pdf()


def _rows(group: ClassRows) -> Iterator[Row]:
    room = sum(COLUMNS[1:]) - 4
    empty: list[str] = [""]
    name = wrap(group.name, room, SIZE, HEADS)
    yield Row(([group.numeral], name, *[empty] * 5), is_class=True)
    for line in group.lines:
        yield Row(_cells(line), is_class=False)


def _cells(line: Line) -> tuple[list[str], ...]:
    return (
        [str(line.number)],
        wrap(line.title, COLUMNS[1] - 4, SIZE),
        *([part] for part in line.date),
        [str(line.pages)],
        wrap(line.note, COLUMNS[6] - 3, SIZE - 1.5),
    )


def _sheets(rows: list[Row]) -> list[list[Row]]:
    """Fill sheet after sheet; a class row never stands alone at the foot."""
    room = FOOT - (TOP + 26)
    sheets: list[list[Row]] = [[]]
    used = 0.0
    for at, row in enumerate(rows):
        follower = rows[at + 1] if at + 1 < len(rows) else None
        needed = row.height
        if row.is_class and follower is not None and not follower.is_class:
            needed += follower.height
        if used + needed > room and sheets[-1]:
            sheets.append([])
            used = 0.0
        sheets[-1].append(row)
        used += row.height
    return sheets


def _heading(ink: Ink, catalogue: Catalogue, look: Look, *, continued: bool) -> None:
    marks = ("（节录）" if catalogue.extract else "") + ("（续）" if continued else "")
    ink.text(WIDTH / 2, TOP + 2, look.title + marks, 18, align="middle")
    ink.text(SIDE, TOP + 8.5, f"姓名：{catalogue.person}", SIZE)
    ink.text(WIDTH - SIDE, TOP + 8.5, f"档号：{catalogue.number}", SIZE, align="right")
    if look.holes:
        for share in (0.25, 0.5, 0.75):
            ink.canvas.circle(30, HEIGHT * share * 72 / 25.4, 7, stroke=1, fill=0)
    if catalogue.extract:
        ink.text(SIDE, HEIGHT - 12, "节录：只列本岗位可看的类别", 9)


def _grid_head(ink: Ink, look: Look) -> float:
    """Two header rows; the date spans three columns. Gives the y where the rows begin."""
    top, middle, bottom = TOP + 11, TOP + 18.5, TOP + 26
    for n, label in ((0, "序号"), (1, "材　料　名　称"), (5, "页数"), (6, "备　注")):
        ink.box(EDGES[n], top, COLUMNS[n], bottom - top)
        ink.text((EDGES[n] + EDGES[n + 1]) / 2, middle + 1.6, label, SIZE, align="middle")
    ink.box(EDGES[2], top, EDGES[5] - EDGES[2], middle - top)
    ink.text((EDGES[2] + EDGES[5]) / 2, middle - 2.2, look.dated, SIZE, align="middle")
    for n, label in ((2, "年"), (3, "月"), (4, "日")):
        ink.box(EDGES[n], middle, COLUMNS[n], bottom - middle)
        ink.text((EDGES[n] + EDGES[n + 1]) / 2, bottom - 2.2, label, SIZE, align="middle")
    return bottom


def _draw_row(ink: Ink, row: Row, y: float) -> float:
    face = {"face": HEADS} if row.is_class else {}
    last = 2 if row.is_class else len(COLUMNS)
    for n, cell in enumerate(row.cells[:last]):
        right = EDGES[-1] if row.is_class and n == 1 else EDGES[n + 1]
        ink.box(EDGES[n], y, right - EDGES[n], row.height)
        size = SIZE - 1.5 if n == 6 else SIZE
        base = y + (row.height - LEADING * (len(cell) - 1)) / 2 + size * 0.127
        for words in cell:
            if n == 1:
                ink.text(EDGES[n] + 2, base, words, size, **face)
            else:
                ink.text((EDGES[n] + right) / 2, base, words, size, align="middle", **face)
            base += LEADING
    return y + row.height
