"""备考表: what stands at the end of a file (DA/T 22-2015), with room for signatures on paper."""

from __future__ import annotations

from rongdang.provide.prints.ink import HEIGHT, WIDTH, Ink, wrap
from rongdang.provide.prints.values import Notes

TOP, SIDE, SIZE = 25.0, 20.0, 12.0
BREADTH = WIDTH - 2 * SIDE
LEADING = 8.5


def draw_notes(notes: Notes, *, foot: str = "", mark: str = "") -> bytes:
    """One sheet, or more when there is much to say; the signatures stand on the last."""
    lines = [
        line
        for statement in notes.statements
        for line in wrap(f"　　{statement}", BREADTH - 10, SIZE)
    ]
    room = int((HEIGHT - 2 * TOP - 80) / LEADING)
    sheets = [lines[at : at + room] for at in range(0, max(1, len(lines)), room)]
    ink = Ink(f"备考表 {notes.person}", foot, mark)
    for number, part in enumerate(sheets, 1):
        _sheet(ink, notes, part, last=number == len(sheets))
        ink.text(WIDTH / 2, HEIGHT - 12, f"第 {number} 页　共 {len(sheets)} 页", 9, align="middle")
        ink.end_page()
    return ink.pdf()


def _sheet(ink: Ink, notes: Notes, lines: list[str], *, last: bool) -> None:
    ink.text(WIDTH / 2, TOP + 4, "卷　内　备　考　表", 20, align="middle")
    ink.text(SIDE, TOP + 14, f"姓名：{notes.person}", SIZE)
    ink.text(WIDTH - SIDE, TOP + 14, f"档号：{notes.number}", SIZE, align="right")
    ink.text(SIDE, TOP + 21, f"保管单位：{notes.unit}", SIZE)
    top, bottom = TOP + 25, HEIGHT - TOP
    ink.box(SIDE, top, BREADTH, bottom - top, thick=0.8)
    ink.text(SIDE + 5, top + 10, "本卷情况说明：", SIZE)
    y = top + 10 + LEADING
    for line in lines:
        ink.text(SIDE + 5, y, line, SIZE)
        y += LEADING
    if last:
        _signatures(ink, notes, bottom)


def _signatures(ink: Ink, notes: Notes, bottom: float) -> None:
    """Names the system knows are printed; the line beside them is for the hand."""
    rows = (
        ("整　理　人", notes.arranged_by),
        ("整理日期", notes.arranged_on),
        ("检　查　人", notes.checked_by),
        ("检查日期", notes.checked_on),
    )
    x, y = WIDTH - SIDE - 80, bottom - 4 * 9
    for label, value in rows:
        ink.text(x, y, f"{label}：", SIZE)
        ink.text(x + 27, y, value, SIZE)
        ink.line(x + 26, y + 1.5, WIDTH - SIDE - 8, y + 1.5)
        y += 9
