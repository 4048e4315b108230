"""Tables of career and family without rules: a row of heads, and rows of words that keep below it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rongdang.base.textlayer import Box
from rongdang.base.vocab.fields import find_label
from rongdang.capture.reading.sheets import Glyph, Page, Row, around, overlap
from rongdang.capture.reading.words import any_of, bare

FEWEST_COLUMNS = 3
FARTHEST = 3.4  # sizes of a character from one row to the next
CROWDED = 1.1  # of two rows this near the second one goes on where the first one broke off


@dataclass(frozen=True, slots=True)
class Aligned:
    """A head and its rows; `taken` are the indexes of all of them among the page's rows."""

    kind: str  # 家庭成员, 简历
    rows: tuple[tuple[Glyph, ...], ...]
    taken: frozenset[int]

    @property
    def box(self) -> Box:
        return around(glyph.box for row in self.rows for glyph in row)


def kind_of(heads: Sequence[str]) -> str:
    """The field a row of heads belongs to, "" for none."""
    said = "|".join(heads)
    if len([head for head in heads if head]) < FEWEST_COLUMNS:
        return ""
    if any_of("family_head").search(said) and "姓名" in said:
        return "家庭成员"
    return "简历" if any_of("resume_head").search(said) else ""


def aligned_tables(page: Page) -> list[Aligned]:
    """Tables on the free page, from the top."""
    found: list[Aligned] = []
    for at, row in enumerate(page.rows):
        if row.cell is not None or row.vertical or any(at in table.taken for table in found):
            continue
        heads = words_of(row)
        kind = kind_of([bare("".join(glyph.text for glyph in head)) for head in heads])
        if kind:
            rows, taken = _under(page, at, [around(g.box for g in head) for head in heads])
            if rows:
                found.append(Aligned(kind, tuple(rows), frozenset({at, *taken})))
    return found


def words_of(row: Row) -> list[tuple[Glyph, ...]]:
    """The words of a row: runs of glyphs without a wide gap."""
    words: list[list[Glyph]] = []
    for glyph in row.glyphs:
        if glyph.gap or not words:
            words.append([])
        words[-1].append(glyph)
    return [tuple(word) for word in words]


def _under(
    page: Page, head: int, columns: Sequence[Box]
) -> tuple[list[tuple[Glyph, ...]], list[int]]:
    rows: list[tuple[Glyph, ...]] = []
    taken: list[int] = []
    above = page.rows[head]
    for at, row in _below(page, head):
        away = row.box[1] - above.box[3]
        if away > FARTHEST * max(row.size, page.size) or not _fits(row, columns):
            break
        words = words_of(row)
        broken = rows and len(words) == 1 and away < CROWDED * row.size
        if broken and _column(words[0], columns) > 0:
            rows[-1] += row.glyphs
        else:
            rows.append(row.glyphs)
        taken.append(at)
        above = row
    return rows, taken


def _below(page: Page, head: int) -> Iterator[tuple[int, Row]]:
    """Free rows below a row, downwards."""
    edge = (page.rows[head].box[1] + page.rows[head].box[3]) / 2
    for at, row in enumerate(page.rows):
        if at != head and row.cell is None and not row.vertical and row.box[1] > edge:
            yield at, row


def _fits(row: Row, columns: Sequence[Box]) -> bool:
    """Whether each word of a row stands below a head, none of them a label with its value."""
    words = words_of(row)
    if ":" in row.text or (len(words) == 1 and find_label(row.text)):
        return False
    right = columns[-1][2] + (columns[-1][2] - columns[-1][0])
    inside = columns[0][0] - 0.05 < row.box[0] and row.box[0] < right
    held = {_column(word, columns) for word in words}
    return inside and (len(words) == 1 or len(held) > 1)


def _column(word: Sequence[Glyph], columns: Sequence[Box]) -> int:
    """The column a word stands in: below its head, else the last one that begins before it."""
    box = around(glyph.box for glyph in word)
    shared = [overlap((box[0], box[2]), (one[0], one[2])) for one in columns]
    best = max(range(len(columns)), key=lambda number: shared[number])
    if shared[best] > 0:
        return best
    return max([n for n, one in enumerate(columns) if one[0] <= box[0] + 0.01], default=0)
