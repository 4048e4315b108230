"""The title of a page: the large centred line near its top, against the list of official names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rongdang.base.textlayer import Box
from rongdang.base.vocab.titles import FormTitle, best_title, fold
from rongdang.capture.reading.sheets import Glyph, Page, Row, around
from rongdang.capture.reading.thresholds import threshold
from rongdang.capture.reading.trust import chance, taken_for
from rongdang.capture.reading.words import any_of, bare, words

NUMBERED = re.compile(
    r"[〔\[［（(【]\d{4}[〕\]］）)】][\u4e00-\u9fff]{0,6}?第?\d+号|\d{4}第?\d+号|字第?\d+号"
)
HAN = re.compile(r"[\u3400-\u9fff]")
LONGEST = 46
LEAST = 0.54  # below this no line is a title
KNOWN = 0.8  # from here on a title is one of the list
SOMEWHAT = 1.1  # than the page's writing: larger
LARGER = 1.2  # than the page's writing: large
HEADING = 0.88  # layout of a line that heads its page whatever its size


@dataclass(frozen=True, slots=True)
class PageTitle:
    """What heads a page. `known` is the official form it is, with `match` 0..1; `layout` says how
    much it looks like a title by size and place alone.
    """

    text: str
    known: FormTitle | None
    match: float
    layout: float
    box: Box
    read: float = 1.0  # chance that what no list bears out is read right

    @property
    def sure(self) -> float:
        """How sure it is that this is the title, letter by letter."""
        return self.score * self.read

    @property
    def score(self) -> float:
        """How sure it is that this line is a title at all, 0..1."""
        if self.match >= KNOWN:
            return min(1.0, 0.45 + 0.3 * self.match + 0.25 * self.layout)
        return 0.78 * self.layout


def page_title(page: Page) -> PageTitle | None:
    """The best title of the page, or None where no line looks like one."""
    found = [_judge(page, rows) for rows in _candidates(page)]
    likely = [title for title in found if title and title.score >= LEAST]
    return max(likely, key=lambda title: (title.score, len(title.text)), default=None)


def _candidates(page: Page) -> Iterator[tuple[Row, ...]]:
    """Rows near the top that may be a title: alone, or two or three of one size together."""
    top = [row for row in page.rows if _may_head(row, page)][:9]
    for first, row in enumerate(top):
        yield (row,)
        joined = [row]
        for other in top[first + 1 : first + 4]:
            if not _goes_on(joined[-1], other):
                break
            joined.append(other)
            yield tuple(joined)


def _may_head(row: Row, page: Page) -> bool:
    text = row.text
    if row.vertical:
        return row.box[2] > 0.6 and len(HAN.findall(text)) >= 2
    if row.cell is not None:
        cell = page.frames[row.cell]
        if cell[2] - cell[0] < 0.6 or row.box[1] > 0.3:
            return False
    return row.box[1] < 0.5 and len(HAN.findall(text)) >= 2 and len(text) <= LONGEST


def _goes_on(above: Row, below: Row) -> bool:
    """Whether `below` is the next line of the same title."""
    if above.vertical or below.vertical:
        return False
    alike = 0.72 < below.size / max(above.size, 1e-6) < 1.38
    near = 0 <= below.box[1] - above.box[3] + 0.3 * above.size < 1.9 * above.size
    return alike and near


def _judge(page: Page, rows: Sequence[Row]) -> PageTitle | None:
    text = "".join(row.text for row in rows)
    if NUMBERED.search(text) or len(text) > LONGEST or re.search(r"[。；;]|[：:].", text):
        return None
    start, plain = _tidied(text)
    if len(plain) < 2 or _is_issuer(plain) or (len(rows) > 1 and _is_issuer(tidy(rows[-1].text))):
        return None
    known, match = _known(plain)
    names = (known.name, *known.aliases) if known else ()
    whole = any(fold(plain) == fold(name) for name in names)
    if len(rows) > 1 and not whole and _last_alone(page, rows, match):
        return None
    heads = _heads(page, rows, plain) or _leads(page, rows, plain)
    layout = max(_layout(page, rows, plain), HEADING if heads else 0.0)
    section = fold(plain) in _sections() or bare(plain) in _sections()
    if section and (page.layer.cells or layout < 0.9):
        return None
    glyphs = [glyph for row in rows for glyph in row.glyphs][start : start + len(plain)]
    said = corrected(plain, [glyph.confidence for glyph in glyphs], known, match)
    return PageTitle(said, known, match, layout, _box(rows), _read(said, glyphs, names))


def _read(said: str, glyphs: Sequence[Glyph], names: Sequence[str]) -> float:
    """Chance that a title is right but for the official name it is, or ends with."""
    if any(fold(said) == fold(name) for name in names):
        return 1.0
    ends = [len(name) for name in names if said.endswith(name)]
    before = glyphs[: len(glyphs) - max(ends, default=0)]
    return chance(before)[0] * (1.0 if ends else threshold("title_unlisted"))


def _last_alone(page: Page, rows: Sequence[Row], match: float) -> bool:
    """An issuer's line above a title is not part of it, unless the list knows them together."""
    head = tidy("".join(row.text for row in rows[:-1]))
    tail = tidy(rows[-1].text)
    likely = KNOWN <= _known(tail)[1] >= match or _heads(page, rows[-1:], tail)
    return likely and _ends_as_organisation(head)


def tidy(text: str) -> str:
    """A title without blanks and edge punctuation, its brackets full width."""
    return _tidied(text)[1]


def _tidied(text: str) -> tuple[int, str]:
    """Where the tidy title begins in the text without blanks, and the title itself."""
    whole = "".join(text.split())
    plain = re.sub(r"^[\W_]+(?<![（《“\(])|[^\w）》”\)]+$", "", whole)
    return whole.find(plain), plain.replace("(", "（").replace(")", "）")


def _known(text: str) -> tuple[FormTitle | None, float]:
    best = best_title(text, most=1)
    return best[0] if best else (None, 0.0)


def _sections() -> frozenset[str]:
    return frozenset(words("section"))


def _ends_as_organisation(text: str) -> bool:
    return text.endswith(words("organisation"))


def _is_issuer(text: str) -> bool:
    return _ends_as_organisation(text) and not text.startswith("关于")


def _layout(page: Page, rows: Sequence[Row], text: str) -> float:
    """0..1 by size against the page, centring, place, and how it ends."""
    if rows[0].vertical:
        return _layout_vertical(page, rows[0], text)
    box = _box(rows)
    larger = rows[0].size / max(page.size, 1e-6)
    size = min(1.0, max(0.0, (larger - 1.0) / 0.7))
    left, right = _extent(page)
    off = abs((box[0] + box[2]) / 2 - (left + right) / 2)
    centre = max(0.0, 1 - off / 0.16)
    above = sum(1 for row in page.rows if row.box[3] <= box[1] and len(row.glyphs) > 3)
    place = max(0.0, 1 - above / 8)
    closing = 1.0 if any_of("closing").search(text[-4:]) or text.startswith("关于") else 0.0
    wide = 0.5 if len(text) > 30 else 1.0
    return wide * (0.38 * size + 0.22 * centre + 0.15 * place + 0.25 * closing)


def _heads(page: Page, rows: Sequence[Row], text: str) -> bool:
    """It stands alone and centred at the head, under an issuer at most, and ends as titles do or is large."""
    box, (left, right) = _box(rows), _extent(page)
    if rows[0].vertical or rows[0].cell is not None or box[1] > 0.3 or box[2] - box[0] > 0.6:
        return False
    closes = any_of("closing").search(text[-4:]) or text.startswith("关于")
    closes = closes or (len(text) > 2 and rows[0].size > LARGER * page.size)
    centred = abs((box[0] + box[2]) / 2 - (left + right) / 2) < 0.06
    alone = box[0] > left + 0.06 and box[2] < right - 0.06
    return bool(closes and centred and alone) and all(
        _may_stand_above(row.text) for row in page.rows if row.box[3] <= box[1] + 0.3 * row.size
    )


def _leads(page: Page, rows: Sequence[Row], text: str) -> bool:
    """At the left, right over a form, larger than its writing, under an issuer at most."""
    box = _box(rows)
    tops = [frame[1] for frame in page.frames.values()]
    if rows[0].vertical or rows[0].cell is not None or not tops or box[1] > 0.3 or len(text) < 4:
        return False
    over = 0 <= min(tops) - box[3] + 0.5 * rows[0].size < 3 * rows[0].size
    large = rows[0].size > SOMEWHAT * page.size and any_of("closing").search(text[-4:]) is not None
    return (
        over
        and large
        and not any(glyph.gap for glyph in rows[0].glyphs)
        and all(
            _may_stand_above(row.text) for row in page.rows if row.box[3] <= box[1] + 0.3 * row.size
        )
    )


def _may_stand_above(text: str) -> bool:
    """An issuer, a number, a mark of the form: what stands over a title."""
    plain = tidy(text)
    return _is_issuer(plain) or len(plain) <= 3 or NUMBERED.search(text) is not None


def _layout_vertical(page: Page, row: Row, text: str) -> float:
    right = max(other.box[2] for other in page.rows)
    first = 1.0 if row.box[2] > right - 0.06 else 0.0
    size = min(1.0, max(0.0, (row.size / max(page.size, 1e-6) - 1.0) / 0.5))
    closing = 1.0 if any_of("closing").search(text[-4:]) else 0.0
    short = 1.0 if len(text) <= 16 else 0.4
    return short * (0.4 * first + 0.3 * size + 0.3 * closing)


def _extent(page: Page) -> tuple[float, float]:
    """Left and right end of the page's writing, or the page itself where it is nearly empty."""
    if len(page.rows) < 5:
        return 0.0, 1.0
    box = around(row.box for row in page.rows)
    return min(box[0], 0.2), max(box[2], 0.8)


def _box(rows: Sequence[Row]) -> Box:
    return around(row.box for row in rows)


def corrected(text: str, sure: Sequence[float], known: FormTitle | None, match: float) -> str:
    """Misread characters put right where the end of the text is an official name but for few.

    `sure` holds the engine's figure for each character of `text`. One that was read surely, and
    that nobody takes for the other, is a difference: 入党申请书 is no misread 入伍申请书.
    """
    if known is None or match < KNOWN:
        return text
    for name in sorted((known.name, *known.aliases), key=len, reverse=True):
        start = len(text) - len(name)
        if start < 0 or fold(text[start:]) == fold(name):
            continue
        wrong = [at for at, char in enumerate(name) if text[start + at] != char]
        likely = all(
            sure[start + at] < threshold("title_character") or taken_for(text[start + at], name[at])
            for at in wrong
        )
        if len(wrong) <= max(1, len(name) // 6) and likely:
            return text[:start] + name
    return text
