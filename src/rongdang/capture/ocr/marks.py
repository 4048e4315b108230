"""Check boxes, ticks and rings drawn round a printed word: what was chosen on a form.

Shapes are looked for in the ink, words in what was read; a character that only looks like a box
(口 in 人口) is told apart by the word it stands in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rongdang.base.textlayer import Box, Char, Line, Mark
from rongdang.base.vocab.choices import listed_choices
from rongdang.capture.ocr.boxes import around, common, covered, inside, middle, tall, with_chars
from rongdang.capture.ocr.shapes import Mask, Ring, find_squares

EMPTY_SIGNS, TICK_SIGNS = "□☐囗口ロ", "√✓✔☑☒✗✘■█●"
LOOKALIKES = frozenset("回区囚凶因团固困图国四日目田曰巳己")  # what a ticked box may be read as
WORDS_WITH_MOUTH = frozenset(
    "人口 户口 门口 出口 进口 入口 港口 河口 汉口 海口 营口 周口 家口 路口 渡口 关口 山口 伤口 创口 "
    "借口 缺口 切口 胸口 虎口 口头 口述 口令 口试 口语 口供 口粮 口号 口音 口腔 口径 口岸 口信".split()
)
EDGES = " ：:；;，,。.、（）()[]【】/|—_-"
CHOICES_APART = 9.0  # sides of a box: a choice of the same list begins no further away
FAR = 1.6  # sides of a box: the next word further away is not its label
LONGEST_LABEL = 14


@dataclass(frozen=True, slots=True)
class _Glyph:
    """A character, the line it was read in, and the printed choice (因战) it helps to spell."""

    line: int
    char: Char
    choice: str = ""


def worth_reading(ring: Ring, lines: Sequence[Line]) -> bool:
    """Whether the inside of a ring must be read by itself: nothing sure was read through it."""
    held = [c for line in lines for c in line.chars if inside(middle(c.box), ring.box)]
    if any(not _fits(char.box, ring) and char.confidence > 0.8 for char in held):
        return False  # a hole in a character
    return not held or min(char.confidence for char in held) < 0.9


def with_ringed(lines: Sequence[Line], ring: Ring, word: Line | None) -> tuple[Line, ...]:
    """The lines with what was read inside the ring in place of what was read through it."""
    return (*_without(lines, [ring.box]), word) if word else tuple(lines)


def find_marks(
    ink: Mask, rings: Sequence[Ring], lines: Sequence[Line]
) -> tuple[tuple[Mark, ...], tuple[Line, ...]]:
    """Marks of the page, and the lines without the characters that were read out of boxes.

    `ink` is the mask of the page's ink, `rings` what may be drawn round a word.
    """
    glyphs = [glyph for number, line in enumerate(lines) for glyph in _glyphs(number, line)]
    squares = _boxes(ink, glyphs)
    boxes = [square for square, _ in squares] + [g.char.box for g in _signs(glyphs, squares)]
    marks = [
        Mark("box", filled, _label(box, glyphs, boxes), box, 0.95 if filled else 0.9)
        for box, filled in squares
    ]
    marks += [_sign(glyph, glyphs, boxes) for glyph in _signs(glyphs, squares)]
    marks += _rings(rings, glyphs, lines)
    kept = tuple(mark for mark in marks if mark.label)
    return kept, _without(lines, [mark.box for mark in kept if mark.kind != "circle"])


def _glyphs(number: int, line: Line) -> list[_Glyph]:
    spelt = {
        at: one.word
        for run in listed_choices("".join(char.text for char in line.chars))
        for one in run
        for at in range(one.start, one.end)
    }
    return [_Glyph(number, char, spelt.get(at, "")) for at, char in enumerate(line.chars)]


def _boxes(ink: Mask, glyphs: Sequence[_Glyph]) -> list[tuple[Box, bool]]:
    """Squares that are boxes to tick, and whether something stands in them."""
    sure: list[tuple[Box, bool]] = []
    doubtful: list[tuple[Box, bool]] = []
    for box, filled in find_squares(ink):
        read = [g for g in glyphs if inside(middle(g.char.box), box)]
        letters = "".join(g.char.text for g in read)
        if any(_is_part_of(box, g.char) for g in glyphs) or any(len(g.choice) > 1 for g in read):
            continue
        if not filled:
            if not any(_in_a_word(g, glyphs) for g in read):
                sure.append((box, filled))
        elif (
            not any(_is_word_letter(letter) for letter in letters)
            or set(letters) <= LOOKALIKES | set(EMPTY_SIGNS)
            or all(g.char.confidence < 0.6 for g in read)
        ):
            doubtful.append((box, filled))
    # Alone a square with ink in it is a character; where a box of its size is empty it is a tick.
    empty = list(sure)
    sure += [found for found in doubtful if any(_alike(found[0], other) for other, _ in empty)]
    return sure


def _is_part_of(box: Box, char: Char) -> bool:
    """Whether a square is only a part of a character that was read for sure."""
    sign = char.text in EMPTY_SIGNS + TICK_SIGNS or char.text in LOOKALIKES
    return not sign and char.confidence > 0.8 and covered(box, char.box) > 0.45


def _alike(a: Box, b: Box) -> bool:
    apart = max(b[0] - a[2], a[0] - b[2])
    near = apart < CHOICES_APART * (b[2] - b[0])  # 田 in a name is a square too
    same = 0.75 < (a[2] - a[0]) / max(1e-6, b[2] - b[0]) < 1.33
    return near and same and common(tall(a), tall(b)) > 0.6


def _is_word_letter(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" and letter not in EMPTY_SIGNS


def _in_a_word(glyph: _Glyph, glyphs: Sequence[_Glyph]) -> bool:
    """Whether 口 stands close to the other half of a word."""
    if glyph.char.text != "口":
        return _is_word_letter(glyph.char.text) and glyph.char.confidence > 0.8
    box = glyph.char.box
    near = 0.9 * (box[2] - box[0])
    for other in glyphs:
        if other.line != glyph.line or other is glyph:
            continue
        before = 0 <= box[0] - middle(other.char.box)[0] < near
        after = 0 <= middle(other.char.box)[0] - box[2] < near
        if before and other.char.text + "口" in WORDS_WITH_MOUTH:
            return True
        if after and "口" + other.char.text in WORDS_WITH_MOUTH:
            return True
    return False


def _signs(glyphs: Sequence[_Glyph], squares: Sequence[tuple[Box, bool]]) -> list[_Glyph]:
    """Ticks and boxes read as such where no square was found."""
    return [
        glyph
        for glyph in glyphs
        if glyph.char.text in TICK_SIGNS + "□☐"
        and not any(inside(middle(glyph.char.box), square) for square, _ in squares)
    ]


def _sign(glyph: _Glyph, glyphs: Sequence[_Glyph], boxes: Sequence[Box]) -> Mark:
    letter, box = glyph.char.text, glyph.char.box
    ticked = letter in TICK_SIGNS
    kind = "tick" if letter in "√✓✔" else "box"
    label = _label(box, glyphs, boxes)
    if kind == "tick":
        label = _word_before(box, glyphs, boxes) or label
    return Mark(kind, ticked, label, box, round(0.9 * glyph.char.confidence, 3))


def _label(box: Box, glyphs: Sequence[_Glyph], boxes: Sequence[Box]) -> str:
    """The word right of a box, up to the next box or a wide gap; else the word left of it."""
    side = box[3] - box[1]
    found: list[str] = []
    edge = box[2]
    for glyph in _on_height(box, glyphs, boxes):
        start = glyph.char.box[0]
        if middle(glyph.char.box)[0] < box[2]:
            continue
        blocked = any(edge - 1e-4 <= other[0] <= start for other in boxes if other is not box)
        if blocked or (start - edge) > FAR * side * (0.5 if found else 1.0):
            break
        if glyph.choice and not found:
            return glyph.choice
        found.append(glyph.char.text)
        edge = glyph.char.box[2]
    word = "".join(found).strip(EDGES)
    return word[:LONGEST_LABEL] or _word_before(box, glyphs, boxes)


def _word_before(box: Box, glyphs: Sequence[_Glyph], boxes: Sequence[Box]) -> str:
    side, edge = box[3] - box[1], box[0]
    found: list[str] = []
    for glyph in reversed(_on_height(box, glyphs, boxes)):
        end = glyph.char.box[2]
        if middle(glyph.char.box)[0] > box[0]:
            continue
        blocked = any(end <= other[2] <= edge + 1e-4 for other in boxes if other is not box)
        if blocked or edge - end > FAR * side * (0.5 if found else 1.0):
            break
        if glyph.choice and not found:
            return glyph.choice
        if found and glyph.char.text in ":：":
            break
        if glyph.char.text not in EDGES or found:
            found.insert(0, glyph.char.text)
        edge = glyph.char.box[0]
    return "".join(found).strip(EDGES)[-LONGEST_LABEL:]


def _on_height(box: Box, glyphs: Sequence[_Glyph], boxes: Sequence[Box]) -> list[_Glyph]:
    """Characters beside a box, left to right, those read out of boxes left out."""
    beside = [
        glyph
        for glyph in glyphs
        if box[1] < middle(glyph.char.box)[1] < box[3] or _reaches(glyph.char.box, box)
        if not any(inside(middle(glyph.char.box), other) for other in boxes)
    ]
    return sorted(beside, key=lambda glyph: glyph.char.box[0])


def _reaches(outer: Box, inner: Box) -> bool:
    """Whether the middle of one lies at the height of the other."""
    return outer[1] < (inner[1] + inner[3]) / 2 < outer[3]


def _rings(rings: Sequence[Ring], glyphs: Sequence[_Glyph], lines: Sequence[Line]) -> list[Mark]:
    """Rings and the words in them; the other words of the same cell or line were not chosen."""
    marks: list[Mark] = []
    chosen: list[tuple[Line, Box]] = []
    for one in rings:
        ring = one.box
        held = [g for g in glyphs if inside(middle(g.char.box), ring)]
        if not all(_fits(g.char.box, one) for g in held):
            continue
        word = "".join(g.char.text for g in held).strip(EDGES + "OoCcUu0〇○")[:LONGEST_LABEL]
        if word[: len(word) // 2] * 2 == word:  # read twice, through its ring and within it
            word = word[: len(word) // 2]
        # Emblems hold Latin letters; 困 or 团 written by a quick hand is round itself.
        chinese = any(_is_word_letter(letter) and letter not in LOOKALIKES for letter in word)
        if chinese and len({g.line for g in held}) <= 2:
            sure = round(0.9 * min(g.char.confidence for g in held), 3)
            marks.append(Mark("circle", checked=True, label=word, box=ring, confidence=sure))
            chosen.append((lines[held[0].line], ring))
    return marks + _not_ringed(chosen, lines)


def _not_ringed(chosen: Sequence[tuple[Line, Box]], lines: Sequence[Line]) -> list[Mark]:
    """The words beside a ringed one, on its height and not far: they could have been ringed too."""
    marks: dict[Box, Mark] = {}
    rings = [ring for _, ring in chosen]
    for _, ring in chosen:
        for chars in (word for line in lines for word in _words(line)):
            box = around(char.box for char in chars)
            apart = max(box[0] - ring[2], ring[0] - box[2])
            if common(tall(box), tall(ring)) < 0.6 or apart > 2.5 * (ring[2] - ring[0]):
                continue
            if any(inside(middle(char.box), other) for char in chars for other in rings):
                continue
            label = "".join(char.text for char in chars).strip(EDGES)[:LONGEST_LABEL]
            if label:
                marks[box] = Mark("circle", checked=False, label=label, box=box, confidence=0.7)
    return list(marks.values())


def _fits(char: Box, ring: Ring) -> bool:
    """Whether a character is smaller than what should be a ring; a hole inside it is not."""
    x0, y0, x1, y1 = ring.box
    return ring.whole or (
        (char[2] - char[0]) * 1.2 <= x1 - x0 and (char[3] - char[1]) * 0.72 <= y1 - y0
    )


def _words(line: Line) -> list[list[Char]]:
    """Characters of a line in runs without wide gaps or dividing signs."""
    words: list[list[Char]] = [[]]
    for char in line.chars:
        width = char.box[2] - char.box[0]
        gap = char.box[0] - words[-1][-1].box[2] if words[-1] else 0.0
        if char.text in EDGES or gap > 0.6 * width:
            words.append([])
        if char.text not in EDGES:
            words[-1].append(char)
    return [word for word in words if word]


def _without(lines: Sequence[Line], boxes: Sequence[Box]) -> tuple[Line, ...]:
    """The lines without what was read out of the boxes, or out of a tick that leaves its box."""
    kept = []
    for line in lines:
        chars = [c for c in line.chars if not any(_stands_in(c, box) for box in boxes)]
        if len(chars) == len(line.chars):
            kept.append(line)
        elif chars:
            kept.append(with_chars(line, chars))
    return tuple(kept)


def _stands_in(char: Char, box: Box) -> bool:
    if inside(middle(char.box), box):
        return True
    side = (box[2] - box[0]) * 0.6
    reach = (box[0] - side, box[1], box[2] + side, box[3])
    return not char.text.isalnum() and inside(middle(char.box), reach)
