"""The one function that turns text into what is indexed and what is asked: overlapping bigrams.

Measured on 200,000 pages: recall of two-character names 1.00, against 0.24 for word segmentation
and 0 for trigrams. Text is first made canonical: folded character by character, blanks left out,
any punctuation one STOP, the end of a line one END. "张三，李四" gives 张三-李四_ and of it the
bigrams 张三 三- 李四 四_. So a phrase holds across punctuation but never across the end of a line,
and a single character is found as the beginning of a bigram.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from pathlib import Path

from opencc import OpenCC

STOP, END, START = "-", "_", "^"
MARKS = STOP + END
MOST_PARTS = 8  # of one question
LINE_ENDS = frozenset("\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029")
# Standard characters OpenCC takes for traditional ones: they are words of their own.
DISTINCT = frozenset("吒拚捱薹袷醣麴")
QUOTED = re.compile('["“”「『]([^"“”「」『』]*)["“”」』]|([^\\s"“”「」『』]+)')


@cache
def _standard() -> dict[int, str]:
    """Code point of a traditional or variant form → standard simplified character, one for one.

    By character, never by phrase: a question holds a part of the page's phrase, and must fold alike.
    """
    blocks = [(0x3400, 0xA000), (0xF900, 0xFB00), (0x20000, 0x32400)]
    forms = [chr(code) for first, last in blocks for code in range(first, last)]
    simple = OpenCC("t2s").convert("\n".join(forms)).split("\n")
    table = {
        ord(form): plain
        for form, plain in zip(forms, simple, strict=True)
        if plain != form and form not in DISTINCT
    }
    variants = Path(__file__).with_name("data") / "variants.tsv"
    for row in variants.read_text("utf-8").splitlines():
        if not row.startswith("#"):
            form, plain = row.split("\t")
            table[ord(form)] = plain
    table[ord("○")] = "〇"  # nought in 一九五○年, as typed and as read
    return table


class _Folded(dict[str, str]):
    """Character → what is kept of it: letters and digits folded, STOP, END, or "" for a blank."""

    def __missing__(self, character: str) -> str:
        self[character] = folded = _fold(character)
        return folded


FOLDED = _Folded()


def _fold(character: str) -> str:
    if character in LINE_ENDS:
        return END
    kept = ""
    for part in unicodedata.normalize("NFKC", character).lower().translate(_standard()):
        if unicodedata.category(part)[0] in "LNM":
            kept += part
        elif not part.isspace() and not unicodedata.category(part).startswith("C"):
            kept += STOP
    return kept


def canonical(text: str) -> str:
    """The text as it is indexed and compared; lines without a letter or digit are left out."""
    return canonical_places(text)[0]


def letters(text: str) -> str:
    """The folded letters and digits of the text and its ENDs: what canonical form keeps but for STOPs."""
    return "".join(map(FOLDED.__getitem__, text)).replace(STOP, "")


def canonical_places(text: str) -> tuple[str, list[int]]:
    """Canonical form, and for each of its characters the place in `text` it comes from.

    A blank counts for nothing beside a Chinese character (typists pad names, OCR splits words), and
    as a STOP between two letters or digits of another script.
    """
    kept: list[str] = []
    places: list[int] = []
    stop, blank = False, False
    for place, character in enumerate(text):
        folded = FOLDED[character]
        if folded == END:
            if kept and kept[-1] != END:
                kept.append(END)
                places.append(place)
            stop = blank = False
            continue
        if not folded:
            blank = True
            continue
        for part in folded:
            if part == STOP:
                stop = True
                continue
            inside = bool(kept) and kept[-1] != END
            if inside and (stop or (blank and _spelled(kept[-1]) and _spelled(part))):
                kept.append(STOP)
                places.append(place)
            stop = blank = False
            kept.append(part)
            places.append(place)
    if kept and kept[-1] != END:
        kept.append(END)
        places.append(len(text))
    return "".join(kept), places


def _spelled(character: str) -> bool:
    return character < "\u2e80"  # scripts that separate words by blanks


def phrases(query: str) -> list[str]:
    """The parts of a question in canonical form; all must be found, each as it is written.

    Blanks separate parts, except inside quotation marks.
    """
    parts = []
    for quoted, plain in QUOTED.findall(unicodedata.normalize("NFC", query)):
        parts += canonical(quoted or plain).split(END)
    return list(dict.fromkeys(filter(None, parts)))[:MOST_PARTS]


def tokens(text: str) -> list[str]:
    """Bigrams of a canonical text in order; none begins with a mark."""
    return [text[i : i + 2] for i in range(len(text) - 1) if text[i] not in MARKS]


def phrase_tokens(phrase: str) -> tuple[list[str], str]:
    """Bigrams of a phrase, and the single character it ends in if no bigram holds that ("")."""
    single = len(phrase) == 1 or phrase[-2] in MARKS
    return tokens(phrase), phrase[-1] if single else ""


def scope_tokens(path: str, *, category: str = "", year: str = "") -> list[str]:
    """What a row may be narrowed by inside the index: its unit and all above it, class, year."""
    segments = path.split(".")
    found = [unit_token(".".join(segments[: depth + 1])) for depth in range(len(segments))]
    if category:
        found += sorted({category_token(category), category_token(category.partition("-")[0])})
    if year:
        found.append(year_token(year))
    return found


def unit_token(path: str) -> str:
    return "u" + path.replace(".", "x")


def category_token(code: str) -> str:
    return "c" + code.replace("-", "x")


def year_token(year: str) -> str:
    return f"y{year}"
