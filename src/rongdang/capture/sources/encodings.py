"""Which encoding a text of an old system is in, told by the characters it would then consist of.

Every candidate is read to the end and the most likely text wins, as bytes: a byte string is as
likely as the characters it stands for. Characters are ranked in `data/characters.txt`.
"""

from __future__ import annotations

import codecs
import math
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources

CANDIDATES = ("utf-8", "gb18030", "big5", "utf-16-le", "utf-16-be")
NAMES = {
    "utf-8": "UTF-8",
    "utf-8-sig": "UTF-8",
    "gb18030": "GB18030（GBK）",
    "big5": "Big5",
    "utf-16-le": "UTF-16LE",
    "utf-16-be": "UTF-16BE",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
SAMPLE = 1 << 16

# Natural logarithms of likelihood per character; what the ranks do not know.
_ASCII, _PUNCTUATION, _CONTROL, _COMMON, _KNOWN, _RARE, _PRIVATE, _BROKEN = (
    *(-4.6, -6.0, -16.0, -9.0, -12.0, -15.0, -24.0, -28.0),
)
_LETTERS = "etaoinsrhldcumfpgwybvkxjqz"  # of English, the commonest first
_SELDOM = {"big5": 0.5, "utf-16-le": 0.5, "utf-16-be": 0.5}  # met less often than the others
_CLEAR = 3.0  # a lead in likelihood below which a clerk should look twice


@dataclass(frozen=True, slots=True)
class Guess:
    """`sure` is False where a second encoding reads nearly as well."""

    encoding: str
    sure: bool


def detect(sample: bytes) -> Guess:
    """Encoding of a beginning of a file, or of a single cell; plain ASCII is UTF-8."""
    for mark, name in _MARKS:
        if sample.startswith(mark):
            return Guess(name, sure=True)
    weighed = ((likelihood(sample, name) - _SELDOM.get(name, 0.0), name) for name in CANDIDATES)
    ranked = sorted(weighed, reverse=True)
    (best, name), (second, _other) = ranked[:2]
    return Guess(name, sure=best - second > _CLEAR)


def prepare() -> None:
    """Read the ranks now: later the file system may be out of reach."""
    _likelihoods()


def likelihood(sample: bytes, encoding: str) -> float:
    """Logarithm of how likely these bytes are as a text in that encoding."""
    text = sample.decode(encoding, errors=MARKED)
    known = _likelihoods()
    total = 0.0
    for character in text:
        value = known.get(character)
        total += value if value is not None else _unranked(character)
    return total


def _unranked(character: str) -> float:
    code = ord(character)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return _CONTROL
    if 0xDC00 <= code <= 0xDFFF:
        return _BROKEN
    if 0xE000 <= code <= 0xF8FF:
        return _PRIVATE
    return _RARE


@cache
def _likelihoods() -> dict[str, float]:
    """Character → logarithm of its likelihood: ASCII, punctuation, ranked, common, in any standard."""
    found: dict[str, float] = {}
    found |= dict.fromkeys(_of_rows("gb2312", 0xD8, 0xF8) + _of_rows("big5", 0xC9, 0xFA), _KNOWN)
    found |= dict.fromkeys(_of_rows("gb2312", 0xB0, 0xD8) + _of_rows("big5", 0xA4, 0xC7), _COMMON)
    lists = resources.files("rongdang.capture.sources").joinpath("data/characters.txt")
    both = re.sub(r"#.*\n", "", lists.read_text(encoding="utf-8")).split("\n\n")
    for characters in reversed(both):
        for rank, character in enumerate(characters.replace("\n", "")):
            found[character] = math.log(0.11 / (rank + 12))
    found |= dict.fromkeys(
        "，。、；：“”‘’（）《》〈〉【】？！·—…～－％／＋＝　０１２３４５６７８９", _PUNCTUATION
    )
    found |= {chr(code): _ASCII for code in range(0x20, 0x7F)} | dict.fromkeys("\t\r\n", _ASCII)
    for rank, letter in enumerate(_LETTERS):  # zrrr is no word
        found[letter] = found[letter.upper()] = -3.6 - 0.14 * rank
    return found


def _of_rows(encoding: str, first: int, end: int) -> list[str]:
    """Characters of a double-byte standard by their first byte."""
    pairs = (bytes((lead, trail)) for lead in range(first, end) for trail in range(0x40, 0xFF))
    found = [pair.decode(encoding, errors="ignore") for pair in pairs]
    return [one for one in found if len(one) == 1 and "\u4e00" <= one <= "\u9fff"]


MARKED = "rongdang-marked"
_LOST = re.compile("[\udc00-\udcff]+")


def _mark(error: UnicodeError) -> tuple[str, int]:
    """A byte that is none in this encoding becomes U+DC00 + its value, in every encoding."""
    assert isinstance(error, UnicodeDecodeError)
    return "".join(chr(0xDC00 + byte) for byte in error.object[error.start : error.end]), error.end


codecs.register_error(MARKED, _mark)


def shown(text: str) -> str:
    """Bytes that were no text, written as ‹D5 C5›: never silently left out or replaced."""
    return _LOST.sub(
        lambda lost: "‹" + " ".join(f"{ord(one) - 0xDC00:02X}" for one in lost[0]) + "›", text
    )


def broken(text: str) -> bool:
    return _LOST.search(text) is not None
