"""Small hand-made text layers: what an engine would say of a page, without an engine."""

from rongdang.base.textlayer import Box, Cell, Char, Line, Mark, TextLayer

WIDTH, HEIGHT = 2480, 3508
RATIO = WIDTH / HEIGHT
SIZE = 0.0125  # of body characters, in page heights


class Paper:
    """A page to write on; x and y are shares of width and height, `size` of the height."""

    def __init__(self, engine="made 1"):
        self.engine = engine
        self.lines: list[Line] = []
        self.cells: list[Cell] = []
        self.marks: list[Mark] = []
        self.seals: list[Box] = []
        self.tables = 0

    def write(self, text, x, y, *, size=SIZE, sure=0.99, doubt=None, cell=None, under_seal=False):
        """One line whose upper left corner is there; `doubt` maps characters to their confidence."""
        step = size / RATIO
        chars, at = [], x
        for character in text:
            wide = step if ord(character) > 0x2E7F or character in "：（）" else step * 0.55
            if not character.isspace():
                confidence = (doubt or {}).get(character, sure)
                chars.append(Char(character, (at, y, at + wide, y + size), confidence))
            at += wide
        mean = sum(char.confidence for char in chars) / max(1, len(chars))
        box = (x, y, at, y + size)
        self.lines.append(Line(text, box, mean, tuple(chars), cell=cell, under_seal=under_seal))
        return self

    def column(self, text, x, y, *, size=SIZE, sure=0.99):
        """A column of vertical writing whose upper left corner is there."""
        wide = size / RATIO
        chars = tuple(
            Char(c, (x, y + n * size, x + wide, y + (n + 1) * size), sure)
            for n, c in enumerate(text)
        )
        box = (x, y, x + wide, y + len(text) * size)
        self.lines.append(Line(text, box, sure, chars, vertical=True))
        return self

    def title(self, text, y=0.08, *, size=0.022, sure=0.99):
        width = len(text) * size / RATIO
        return self.write(text, 0.5 - width / 2, y, size=size, sure=sure)

    def paragraph(self, text, y, *, x=0.12, wide=44, sure=0.99):
        for number in range(0, len(text), wide):
            self.write(text[number : number + wide], x, y, sure=sure)
            y += SIZE * 1.6
        return self

    def table(self, rows, y, *, x=0.1, widths=None, height=0.035, doubt=None, sure=0.99):
        """A ruled table of texts; None joins the cell to the one before it."""
        columns = len(rows[0])
        widths = widths or [0.8 / columns] * columns
        edges = [x + sum(widths[:n]) for n in range(columns + 1)]
        for r, row in enumerate(rows):
            c = 0
            while c < columns:
                span = 1
                while c + span < columns and row[c + span] is None:
                    span += 1
                top = y + r * height
                box = (edges[c], top, edges[c + span], top + height)
                self.cells.append(Cell(self.tables, r, c, 1, span, box))
                self._fill(row[c] or "", box, doubt, sure)
                c += span
        self.tables += 1
        return self

    def _fill(self, text, box, doubt, sure):
        parts = text.split("\n") if text else []
        for n, part in enumerate(parts):
            top = box[1] + 0.006 + n * SIZE * 1.15
            self.write(part, box[0] + 0.006, top, doubt=doubt, cell=len(self.cells) - 1, sure=sure)

    def mark(self, label, box, *, checked, kind="box", sure=0.97):
        self.marks.append(Mark(kind, checked, label, box, sure))
        return self

    def seal(self, box):
        self.seals.append(box)
        return self

    def layer(self):
        return TextLayer(
            self.engine,
            WIDTH,
            HEIGHT,
            tuple(self.lines),
            tuple(self.cells),
            tuple(self.marks),
            tuple(self.seals),
        )


HEAD = [["姓名", "林长河", "性别", "男"], ["出生年月", "1932年5月", "民族", "汉"]]


def form(title, *, name="林长河", signed="1962年3月5日", rows=(), foot=()):
    """A page of a form: title, head with name, further rows, signature and date."""
    paper = Paper().title(title)
    table = [["姓名", name, "性别", "男"], ["出生年月", "1932年5月", "民族", "汉族"], *rows]
    paper.table(table, 0.15)
    y = 0.15 + 0.035 * len(table) + 0.05
    for line in foot:
        paper.write(line, 0.12, y)
        y += 0.03
    if signed:
        paper.write(f"填表人签名：{name}", 0.5, 0.8).write(signed, 0.6, 0.84)
    return paper.layer()
