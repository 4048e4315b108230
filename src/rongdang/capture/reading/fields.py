"""Values of a form: each behind, right of, or below its label, with box, confidence and a reason."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from rongdang.base.textlayer import Box, Mark
from rongdang.base.vocab.choices import is_choice, listed_choices
from rongdang.base.vocab.codes import lookup, words
from rongdang.base.vocab.fields import FieldEntry, dictionary, find_label
from rongdang.base.vocab.ids import parse_id
from rongdang.capture.reading import reasons
from rongdang.capture.reading.aligned import Aligned, aligned_tables
from rongdang.capture.reading.grid import Grid
from rongdang.capture.reading.labels import guessed_label, labels_in, starts_with_label
from rongdang.capture.reading.pieces import figures_beside, in_pieces
from rongdang.capture.reading.reasons import Reason
from rongdang.capture.reading.rowtables import RowTable, carried_over, row_tables
from rongdang.capture.reading.sheets import Glyph, Page, Row, around, overlap
from rongdang.capture.reading.spacing import has_hole
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.trust import Parts, confidence_of
from rongdang.capture.reading.values import FieldReading
from rongdang.capture.reading.valuing import value_of
from rongdang.capture.reading.words import any_of, bare

_LEADING = ":：_.,，、|-—·;；"
_TICKED = re.compile(r"[☑✓√■☒●✔]\s*([\u4e00-\u9fff]{1,6})")
_BOXES = "□☐☑✓√■☒●○✔口"
FREE = ("text", "place")  # types whose values stand in no closed list
# Fields whose closed lists share no word: a value tells which one it is.
SPEAKING = ("职务等级", "军衔", "政治面貌", "民族", "军休类别", "安置方式", "文化程度", "性别")
NAMES = ("name", "spouse", "former_name")  # no form prints choices for them
NOWHERE: Box = (0.0, 0.0, 0.0, 0.0)  # holds no mark
HEADING = 1.3  # times the usual size of writing: the title of a form begins with no label
FAR = 3.0  # rows of writing between a label and a value that "stands below"


@dataclass(frozen=True, slots=True)
class Found:
    """One value found for a field, `glyphs` are those that spell it."""

    entry: FieldEntry
    reading: FieldReading
    glyphs: tuple[Glyph, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a label asks for: its field, the page's index, how many of its characters are misread,
    whether the value stood below (1) where one looks right first (0), and whether nothing parts
    the label from its value.
    """

    entry: FieldEntry
    number: int
    wrong: int = 0
    step: int = 0
    close: bool = False


def fields_of(page: Page, number: int, before: Page | None = None) -> list[Found]:
    """All values on the page; `number` is its index in the stack. One field may be found twice.

    `before` is the page before it, whose table may go on here without a head.
    """
    grid = Grid(page)
    carried = carried_over(Grid(before), grid) if before else None
    ruled = [*row_tables(grid), carried] if carried else row_tables(grid)
    masked = {cell for table in ruled for cell in table.cells}
    free = aligned_tables(page)
    tables = [*_tables(ruled, number), *_aligned(free, number)]
    found = [*tables, *_in_cells(grid, masked, number)]
    passed = {at for table in free for at in table.taken}
    listed = {one.entry.name for one in tables}
    found.extend(
        one for one in _in_rows(page, masked, passed, number) if one.entry.name not in listed
    )
    known = {one.entry.name for one in found}
    return [*found, *_behind_bad_labels(grid, masked, known, number)]


def _tables(tables: Sequence[RowTable], number: int) -> Iterator[Found]:
    for table in tables:
        if not table.rows:
            continue
        glyphs = tuple(glyph for row in table.rows for glyph in row.glyphs)
        text = "；".join(row.text for row in table.rows)
        entry = dictionary()[table.kind]
        yield Found(entry, _of_table(text, glyphs, number, table.box), glyphs)


def _aligned(tables: Sequence[Aligned], number: int) -> Iterator[Found]:
    """Tables without rules: what belongs to which row is less sure than between rules."""
    for table in tables:
        glyphs = tuple(glyph for row in table.rows for glyph in row)
        text = "；".join("".join(glyph.text for glyph in row) for row in table.rows)
        entry = dictionary()[table.kind]
        yield Found(entry, _of_table(text, glyphs, number, table.box), glyphs)


def _of_table(text: str, glyphs: Sequence[Glyph], number: int, box: Box) -> FieldReading:
    reading = _reading(text, text, *confidence_of(glyphs, Parts(threshold("table_trust"))))
    return replace(reading, page=number, box=box)


def _in_cells(grid: Grid, masked: set[int], number: int) -> Iterator[Found]:
    """Label cells, and the value in the cell at their right or below."""
    for cell in grid.page.cells:
        label = find_label(grid.text(cell))
        if cell in masked or label is None:
            continue
        entry, wrong = label
        if _of_another(grid, cell) and entry.group == "person":
            continue
        spread = in_pieces(grid, cell, entry)
        if spread:
            made = _make(grid.page, Asked(entry, number, wrong), spread, NOWHERE)
            if made:
                yield made
                continue
        for step, other in enumerate((grid.right_of(cell), grid.below(cell))):
            if other is None or other in masked or find_label(grid.text(other)):
                continue
            made = _in_cell(grid, other, Asked(entry, number, wrong, step))
            if made:
                yield made
            if made or step == 0:
                break


def _in_cell(grid: Grid, cell: int, asked: Asked) -> Found | None:
    row = grid.page.cells.get(cell)
    return _make(grid.page, asked, row.glyphs if row else (), grid.boxes[cell])


def _behind_bad_labels(
    grid: Grid, masked: set[int], known: set[str], number: int
) -> Iterator[Found]:
    """Values whose label was read badly or not at all, for fields not found otherwise.

    An unread label is guessed only from a value that can be one thing alone, and the name from the
    first cell of the form.
    """
    for cell in grid.boxes:
        other = grid.right_of(cell)
        if cell in masked or other is None or other in masked or other not in grid.page.cells:
            continue
        label, value = grid.text(cell), grid.text(other)
        if find_label(label) or find_label(value):
            continue
        entry = guessed_label(label, value) if label else _speaks_for_itself(grid, cell, value)
        if entry and entry.name not in known and not _of_another(grid, cell):
            made = _in_cell(grid, other, Asked(entry, number, wrong=3))
            if made:
                yield made


def _speaks_for_itself(grid: Grid, cell: int, value: str) -> FieldEntry | None:
    """The field of a value that needs no label."""
    entries = dictionary()
    parsed = parse_id(value)
    if parsed and parsed.valid:
        return entries["公民身份号码"]
    for name in SPEAKING:
        code = lookup(entries[name].table, value.removesuffix("职"))
        if code and (len(value) > 1 or name == "性别"):
            return entries[name]
    if re.fullmatch(r"0\d{2,3}-?\d{7,8}", value):
        return entries["联系电话"]
    if re.fullmatch(r".{2,4}(?:省|自治区|市).{1,6}[县市区旗]", value):
        return entries["籍贯"]
    first = min(grid.boxes, key=lambda one: (round(grid.boxes[one][1], 2), grid.boxes[one][0]))
    return entries["姓名"] if cell == first and 2 <= len(value) <= 4 else None


def _of_another(grid: Grid, cell: int) -> bool:
    """The label stands in a part of the form that asks about somebody else (配偶, 证明人)."""
    return any(
        any_of("other_person").fullmatch(bare(grid.text(left))) for left in grid.left_of(cell)
    )


def _in_rows(page: Page, masked: set[int], passed: set[int], number: int) -> Iterator[Found]:
    """Labels inside rows of writing, outside cells and in cells that hold label and value."""
    form = _is_form(page)
    for at, row in enumerate(page.rows):
        if (
            at in passed
            or row.cell in masked
            or (row.cell is not None and find_label(page.cells[row.cell].text))
        ):
            continue
        if any_of("family_head").search(row.text) and "姓名" in row.text and ":" not in row.text:
            continue
        hits = labels_in(row.glyphs, form=form and row.size < HEADING * page.size)
        for order, hit in enumerate(hits):
            stop = hits[order + 1].start if order + 1 < len(hits) else len(row.glyphs)
            glyphs = _trimmed(row.glyphs[hit.end : stop])
            place = _value_box(row, hit.end, stop)
            if not glyphs and hit.entry.type == "id":
                glyphs = figures_beside(
                    page, around(g.box for g in row.glyphs[hit.start : hit.end])
                )
            if glyphs or page.marks_in(place):
                asked = Asked(hit.entry, number, hit.wrong, close=hit.close)
                made = _make(page, asked, glyphs, place)
            else:
                made = _below(
                    page, at, row.glyphs[hit.start : hit.end], Asked(hit.entry, number, step=1)
                )
            if made:
                yield made


def _is_form(page: Page) -> bool:
    """Whether rows of the page begin with labels: three do, or half of a short page."""
    rows = [row for row in page.rows if row.cell is None and len(row.glyphs) > 2]
    begun = sum(starts_with_label(row.text) for row in rows)
    return begun >= 3 or (begun > 0 and 2 * begun >= len(rows))


def _value_box(row: Row, start: int, stop: int) -> Box:
    """From the end of a label to the next one, or to the end of the row."""
    box = row.box
    left = row.glyphs[start - 1].box[2]
    right = row.glyphs[stop].box[0] if stop < len(row.glyphs) else min(1.0, box[2] + 0.25)
    return (left, box[1], max(left, right), box[3])


def _trimmed(glyphs: Sequence[Glyph]) -> tuple[Glyph, ...]:
    kept = list(glyphs)
    while kept and kept[0].text in _LEADING:
        kept.pop(0)
    while kept and kept[-1].text in _LEADING:
        kept.pop()
    return tuple(kept)


def _below(page: Page, at: int, label: Sequence[Glyph], asked: Asked) -> Found | None:
    """The words under a label that has nothing behind it, unless they are a label too."""
    box = around(glyph.box for glyph in label)
    if page.rows[at].cell is not None:
        return None
    for row in page.rows[at + 1 : at + 6]:
        away = row.box[1] - box[3]
        if away > FAR * page.size or row.vertical:
            return None
        under = _word_under(row, box)
        if away < -0.3 * page.size or not under:
            continue
        if find_label("".join(glyph.text for glyph in under)):
            return None
        return _make(page, asked, under, around(g.box for g in under))
    return None


def _word_under(row: Row, box: Box) -> tuple[Glyph, ...]:
    """The word of a row that stands under `box`: glyphs between two gaps."""
    words: list[list[Glyph]] = [[]]
    for glyph in row.glyphs:
        if glyph.gap:
            words.append([])
        words[-1].append(glyph)
    for word in words:
        span = around(glyph.box for glyph in word)
        if overlap((span[0], span[2]), (box[0], box[2])) > 0.3:
            return tuple(word)
    return ()


def _make(page: Page, asked: Asked, glyphs: Sequence[Glyph], place: Box) -> Found | None:
    marked = _by_mark(page, asked.entry, place, "".join(glyph.text for glyph in glyphs))
    if marked:
        value, sure, reason = marked
        reading = _reading(value, value, sure, reason)
        return Found(asked.entry, replace(reading, page=asked.number, box=place), tuple(glyphs))
    whole = tuple(glyph for glyph in glyphs if glyph.text != "_")
    kept = page.without_struck(whole)
    if _is_left_open(page, place, "".join(glyph.text for glyph in kept)):
        return None
    if asked.entry.code in NAMES:
        kept = _first_word(kept)
    text = "".join(glyph.text for glyph in kept)
    if _is_labelled(text):
        return None
    worth = value_of(asked.entry, text) if kept else None
    if worth is None:
        return None
    trust, reason = worth.trust, worth.reason
    if asked.close and asked.entry.type in ("text", "place"):
        trust, reason = trust * threshold("label_close"), reasons.CLOSE_LABEL
    if asked.entry.type in FREE and reason is None and has_hole(kept):
        trust, reason = trust * threshold("hole_trust"), reasons.CUT_MIDDLE
    if len(kept) < len(whole) or page.is_rewritten(whole):
        why = reasons.REWRITTEN if len(kept) < len(whole) else reasons.MAYBE_REWRITTEN
        trust, reason = trust * threshold("struck_trust"), why
    free = asked.entry.type in FREE and not worth.borne
    parts = Parts(trust, reason, asked.wrong, asked.step, worth.borne, free)
    written = "".join(glyph.written for glyph in kept)
    reading = _reading(worth.value, written, *confidence_of(kept, parts))
    box = around(glyph.box for glyph in kept)
    return Found(asked.entry, replace(reading, page=asked.number, box=box), kept)


def _is_labelled(text: str) -> bool:
    """Whether the words are another label with its value (族别:汉), not a value."""
    label, colon, _rest = text.partition(":")
    return bool(colon) and find_label(label) is not None


def _first_word(glyphs: tuple[Glyph, ...]) -> tuple[Glyph, ...]:
    """A name ends at a wide gap, unless it is itself written wide (林 长 河)."""
    end = next((n for n, glyph in enumerate(glyphs) if n > 1 and glyph.gap), len(glyphs))
    spaced = any(glyph.gap for glyph in glyphs[1:2])
    return glyphs if spaced else glyphs[:end]


def _by_mark(
    page: Page, entry: FieldEntry, place: Box, text: str
) -> tuple[str, float, Reason | None] | None:
    """The value told by a tick, a circle or a filled box among printed choices."""
    marks = [named for mark in page.marks_in(place) if (named := _of_entry(entry, mark))]
    if marks:
        return _of_marks(entry, marks)
    ticked = _TICKED.findall(text)
    if len(ticked) == 1 and sum(text.count(box) for box in _BOXES) > 1:
        return _coded(entry, ticked[0]), threshold("mark_as_read"), reasons.FROM_MARK
    return None


def _of_marks(entry: FieldEntry, marks: Sequence[Mark]) -> tuple[str, float, Reason | None] | None:
    chosen = [mark for mark in marks if mark.checked]
    if not chosen:
        return None
    best = max(chosen, key=lambda mark: mark.confidence)
    value = _coded(entry, best.label)
    if len({mark.label for mark in chosen}) > 1:
        return value, threshold("mark_two"), reasons.TWO_MARKS
    if len(marks) > 1:
        return value, threshold("mark_among_several") * best.confidence, reasons.FROM_MARK
    if best.kind == "tick":
        return value, threshold("mark_tick") * best.confidence, reasons.FROM_MARK
    # Its fellow was not seen: which word is it the box of?
    return value, threshold("mark_alone"), reasons.TWO_MARKS


def _is_left_open(page: Page, place: Box, text: str) -> bool:
    """Whether every printed choice has a box and none of the boxes is ticked."""
    runs = listed_choices(text)
    marks = page.marks_in(place)
    return bool(runs) and not any(mark.checked for mark in marks) and len(marks) >= len(runs[0])


def _of_entry(entry: FieldEntry, mark: Mark) -> Mark | None:
    """The mark if its word may be a value of the field, with the one word its rest belongs to."""
    if entry.type != "code":
        chosen = entry.type == "text" and entry.code not in NAMES and is_choice(mark.label)
        return mark if chosen else None
    if lookup(entry.table, mark.label):
        return mark
    ends = {word for word in words(entry.table) if len(word) > 1 and _is_rest(mark.label, word)}
    if len(ends) != 1:
        return None
    return replace(mark, label=ends.pop(), confidence=threshold("mark_of_rest") * mark.confidence)


def _is_rest(part: str, word: str) -> bool:
    """Whether `part` is a word without its first character, which was taken for a box."""
    return word.endswith(part) and len(part) == len(word) - 1


def _coded(entry: FieldEntry, word: str) -> str:
    code = lookup(entry.table, word) if entry.type == "code" else None
    return code.name if code else word


def _reading(value: str, original: str, sure: float, reason: Reason | None) -> FieldReading:
    zh, en = reason or ("", "")
    return FieldReading(value, original, round(sure, 3), 0, None, zh, en)
