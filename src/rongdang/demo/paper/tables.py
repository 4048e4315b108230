"""The table of fields at the head of a form, in several layouts."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache
from random import Random

from rongdang.demo.paper.people import DATA
from rongdang.demo.paper.sheet import Sheet, TrueMark
from rongdang.demo.paper.stamps import portrait
from rongdang.demo.paper.work import Place, Work
from rongdang.demo.paper.writing import OPTIONS, Clerk, Written

SHORT = frozenset(
    "性别 民族 血型 婚姻状况 军衔 职务等级 健康状况 文化程度 政治面貌 安置方式 军休类别".split()
)
LONG = frozenset("公民身份号码 部职别 毕业院校 现住址 奖励 处分 出生地".split())
COLUMNS = {"thirds": 3, "quarters": 4, "halves": 2, "ragged": 3}
PHOTO = (30.0, 40.0)


@cache
def labels() -> dict[str, list[str]]:
    """Field → labels printed for it, all of them known to the field dictionary."""
    loaded: dict[str, list[str]] = json.loads((DATA / "labels.json").read_text("utf-8"))
    return loaded


def label_for(field: str, retirement_kind: str, chance: Random) -> str:
    """One of the printed labels of a field."""
    if field == "离退休日期":
        return chance.choice((f"{retirement_kind}时间", f"批准{retirement_kind}时间", "离退休时间"))
    return chance.choice(labels()[field])


def draw_fields(work: Work, fields: list[str], clerk: Clerk, *, photo: bool) -> None:
    """All fields, each with its value, as the layout of the style has it."""
    entries = [(name, label_for(name, clerk.life.retirement_kind, work.chance)) for name in fields]
    if work.style.layout in COLUMNS:
        _ruled(work, entries, clerk, photo=photo)
    else:
        _free(work, entries, clerk)


def _span(field: str, columns: int) -> int:
    if field in LONG:
        return min(columns, 2)
    return 2 if columns == 4 and field not in SHORT else 1


def _ruled(work: Work, entries: list[tuple[str, str]], clerk: Clerk, *, photo: bool) -> None:
    columns = COLUMNS[work.style.layout]
    height = work.chance.uniform(10.5, 13.5)
    top, photo_rows = work.y, 4 if photo else 0
    if photo:
        height = max(height, 10.5)
        _photo(work, work.right - PHOTO[0], top, height * photo_rows)
    row: list[tuple[str, str, int]] = []
    number = 0
    for at, (name, label) in enumerate(entries):
        row.append((name, label, _span(name, columns)))
        used = sum(span for _, _, span in row)
        following = _span(entries[at + 1][0], columns) if at + 1 < len(entries) else columns
        if used + following > columns:
            work.room(height)
            right = work.right - (PHOTO[0] if number < photo_rows and len(work.sheets) == 1 else 0)
            _row(work, row, clerk, (right, height))
            row, number = [], number + 1
    work.y = max(work.y, top + height * photo_rows) if len(work.sheets) == 1 else work.y


def _photo(work: Work, x: float, y: float, height: float) -> None:
    work.sheet.box(x, y, work.right, y + height)
    if work.chance.random() < 0.75:
        wide = min(PHOTO[0] - 4, (height - 3) * 0.72)
        portrait(work.sheet, x + (PHOTO[0] - wide) / 2, y + 1.5, wide, height - 3)
    else:
        work.sheet.write(x + 9, y + height / 2 - 2, "相片", work.style.label)


def _row(
    work: Work, row: list[tuple[str, str, int]], clerk: Clerk, shape: tuple[float, float]
) -> None:
    right, height = shape
    wide = right - work.left
    shares = [
        span * (work.chance.uniform(0.8, 1.25) if work.style.layout == "ragged" else 1)
        for _, _, span in row
    ]
    x = work.left
    for (name, label, _), share in zip(row, shares, strict=True):
        cell = wide * share / sum(shares)
        name_width = min(cell * 0.46, max(15.0, len(label) * work.style.label.size * 0.62 + 2))
        work.sheet.box(x, work.y, x + name_width, work.y + height)
        work.sheet.box(x + name_width, work.y, x + cell, work.y + height)
        _label(work, x, x + name_width, height, label)
        place = (x + name_width, work.y, x + cell, work.y + height)
        fill(work, name, clerk.written(name, label), place)
        x += cell
    work.y += height


def _label(work: Work, x0: float, x1: float, height: float, label: str) -> None:
    pen = work.style.label
    if len(label) == 2 and x1 - x0 > 3.2 * pen.size:
        label = f"{label[0]}　{label[1]}"
    work.fitted((x0, work.y, x1, work.y + height), label, pen)


def fill(work: Work, name: str, written: Written, place: Place) -> None:
    """A value into its cell, by words or by a mark on printed options; and into the truth."""
    if not written.text:
        return
    work.fields[name] = written.value
    work.hands[name] = "typed" if work.style.typed else "hand"
    options = OPTIONS.get(name, ())
    if written.value in options and work.chance.random() < 0.4:
        _options(work, options, written.value, place)
        return
    work.fitted(place, written.text, work.style.value)


def _options(work: Work, options: tuple[str, ...], chosen: str, place: Place) -> None:
    """Printed words of which one is ticked in its box, or circled."""
    x0, y0, x1, y1 = place
    ring = work.chance.random() < 0.4
    pen = work.style.label
    letters = sum(len(option) for option in options) + len(options) * (1 if ring else 2)
    pen = replace(pen, size=min(pen.size, (x1 - x0 - 2) / letters / pen.pitch))
    x, y = x0 + 1.5, (y0 + y1) / 2 - pen.size / 2
    for option in options:
        if not ring:
            _tick_box(work.sheet, x, y, pen.size, checked=option == chosen)
            x += pen.size * 1.15
        wide = work.sheet.write(x, y, option, pen, said=False)
        if ring and option == chosen:
            work.sheet.ring(x - 0.9, y - 0.8, x + wide + 0.9, y + pen.size + 1.2)
        work.sheet.marks.append(TrueMark("circle" if ring else "box", option, option == chosen))
        x += wide + pen.size * 0.8
    work.sheet.lines.append("　".join(f"{'' if ring else '□'}{option}" for option in options))


def _tick_box(sheet: Sheet, x: float, y: float, size: float, *, checked: bool) -> None:
    side = size * 0.82
    sheet.box(x, y + size * 0.08, x + side, y + size * 0.08 + side, thick=0.25)
    if checked:
        low = (x + side * 0.42, y + size * 0.8)
        sheet.rule(x + side * 0.1, y + size * 0.45, *low, layer="hand", thick=0.5)
        sheet.rule(*low, x + side * 1.15, y - size * 0.08, layer="hand", thick=0.5)


def _free(work: Work, entries: list[tuple[str, str]], clerk: Clerk) -> None:
    """Label, colon, value on a line; underlined, or with dots to write on."""
    pen, x = work.style.label, work.left
    wide = work.right - work.left
    for name, label in entries:
        share = wide if name in LONG else wide / 2
        if x + share > work.right + 1:
            x, work.y = work.left, work.y + 9.5
        work.room(10)
        written = clerk.written(name, label)
        taken = work.sheet.write(x, work.y, f"{label}：", pen)
        place = (x + taken, work.y - 2.5, x + share - 3, work.y + pen.size + 2.0)
        fill(work, name, written, place)
        _line_below(work, place)
        x += share
    work.y += 12


def _line_below(work: Work, place: Place) -> None:
    x0, _, x1, y1 = place
    if work.style.layout == "underlined":
        work.sheet.rule(x0, y1 - 0.6, x1, y1 - 0.6, thick=0.2)
        return
    at = x0
    while at < x1:
        work.sheet.rule(at, y1 - 0.6, at + 0.5, y1 - 0.6, thick=0.3)
        at += 1.4
