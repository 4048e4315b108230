"""A text file of any size as blocks of whole lines; a line in another encoding is marked, never guessed away.

The memory needed is that of a block, whatever the size of the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from rongdang.capture.sources.connectors.reading import Part, refused
from rongdang.capture.sources.encodings import (
    MARKED,
    SAMPLE,
    Guess,
    broken,
    detect,
    likelihood,
    shown,
)

BLOCK = 1 << 18
LONGEST_LINE = 1 << 24
FOREIGN = "\x1d"  # before a line that is not in the file's encoding; a letter says in which it is
OTHERS = {"u": "utf-8", "g": "gb18030", "b": "big5"}
_OURS = re.compile("[\x1c-\x1f]")
# Two ideographs in UTF-8 one after the other, when bytes are drawn as what they can be there.
_TWO_HAN = b"LttLtt"
_DRAWN = bytes(
    ord("L") if 0xE4 <= byte <= 0xE9 else ord("t") if 0x80 <= byte <= 0xBF else ord(".")
    for byte in range(256)
)
_WIDTH = {"utf-16-le": 2, "utf-16-be": 2}
_LIKELY = 16_000  # bytes of a sample that are weighed


def encoding_of(part: Part) -> Guess:
    """By the first lines that are more than ASCII, wherever in the file they are."""
    part.stream.seek(0)
    head = part.stream.read(SAMPLE)
    if detect(head[:4]).encoding == "utf-8-sig" or head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return detect(head[:4])
    sample = head
    while sample.isascii() and b"\0" not in sample:
        more = part.stream.read(SAMPLE)
        if not more:
            return Guess("utf-8", sure=True) if len(head) > 64 else detect(head[:_LIKELY])
        sample = sample[-256:] + more
    if b"\0" in sample or part.size < 512:
        return detect(sample[:_LIKELY])
    lines = [line for line in sample.split(b"\n") if not line.isascii()]
    return detect(b"\n".join(lines)[:_LIKELY])


class Lines:
    """The lines of one file. `marked`: how many were in another encoding so far."""

    def __init__(self, part: Part, encoding: str) -> None:
        self._part, self.encoding = part, encoding
        self._width = _WIDTH.get(encoding, 1)
        self._codec = "utf-8" if encoding == "utf-8-sig" else encoding
        self._newline = self._first_newline()

    def blocks(self) -> Iterator[str]:
        """Whole lines, each with its line break; the marks of `blocks` are not in them."""
        for raw in self._raw():
            text = self._text(raw)
            if "\r" in text:
                text = text.replace("\r\n", "\n").replace("\r", "\n")
            yield text if text.endswith("\n") else text + "\n"

    def _first_newline(self) -> bytes:
        self._part.stream.seek(0)
        head = self._part.stream.read(SAMPLE)
        for mark in ("\n", "\r"):
            if self._aligned(head, mark.encode(self._codec)) >= 0:
                return mark.encode(self._codec)
        return "\n".encode(self._codec)

    def _aligned(self, data: bytes, mark: bytes) -> int:
        """The last place of `mark` that is one character and not two halves; -1 for none."""
        at = data.rfind(mark)
        while at >= 0 and at % self._width:
            at = data.rfind(mark, 0, at + len(mark) - 1)
        return at

    def _raw(self) -> Iterator[bytes]:
        self._part.stream.seek(0)
        rest = b""
        first = True
        while data := self._part.stream.read(BLOCK):
            if first:
                data, first = _without_mark(data, self.encoding), False
            data = rest + data
            end = self._aligned(data, self._newline)
            if end < 0:
                rest = data
                if len(rest) > LONGEST_LINE:
                    raise _no_lines()
                continue
            end += len(self._newline)
            yield data[:end]
            rest = data[end:]
        if rest:
            yield rest

    def _text(self, raw: bytes) -> str:
        try:
            text = raw.decode(self._codec)
        except UnicodeDecodeError:
            return self._line_by_line(raw)
        if any(mark in text for mark in "\x1c\x1d\x1e\x1f"):
            text = _OURS.sub(" ", text)
        if self._codec in ("gb18030", "big5"):
            return self._with_foreign_marked(raw, text)
        return text

    def _with_foreign_marked(self, raw: bytes, text: str) -> str:
        """UTF-8 reads as GBK without an error more often than not: lines that could be it are weighed."""
        foreign = [at for at, line in _suspects(raw) if self._other(line) == "u"]
        if not foreign:
            return text
        lines, read = raw.split(b"\n"), text.split("\n")
        for place in (raw.count(b"\n", 0, at) for at in foreign):
            read[place] = f"{FOREIGN}u{lines[place].decode()}"
        return "\n".join(read)

    def _line_by_line(self, raw: bytes) -> str:
        if self._width == 2:
            lines = raw.decode(self._codec, errors=MARKED).split("\n")
            return "\n".join(f"{FOREIGN}?{shown(one)}" if broken(one) else one for one in lines)
        return "\n".join(map(self._line, raw.split(b"\n")))

    def _line(self, line: bytes) -> str:
        try:
            if line.isascii() or self._other(line) == "":
                return _OURS.sub(" ", line.decode(self._codec))
        except UnicodeDecodeError:
            pass
        other = self._other(line) or "?"
        if other == "?":
            return f"{FOREIGN}?{_OURS.sub(' ', shown(line.decode(self._codec, errors=MARKED)))}"
        return f"{FOREIGN}{other}{_OURS.sub(' ', line.decode(OTHERS[other]))}"

    def _other(self, line: bytes) -> str:
        """The encoding that fits this line clearly better than the file's own; "" for none."""
        own = likelihood(line, self._codec)
        best, found = own + 6.0, ""
        for letter, name in OTHERS.items():
            if name == self._codec or not _decodes(line, name):
                continue
            value = likelihood(line, name)
            if value > best:
                best, found = value, letter
        return found


def _suspects(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """Lines that are UTF-8 with some Han in it, each with its place."""
    drawn, at = raw.translate(_DRAWN), 0
    while (hit := drawn.find(_TWO_HAN, at)) >= 0:
        start = raw.rfind(b"\n", 0, hit) + 1
        at = raw.find(b"\n", hit)
        at = at if at >= 0 else len(raw)
        if _decodes(line := raw[start:at], "utf-8"):
            yield start, line


def _decodes(line: bytes, encoding: str) -> bool:
    try:
        line.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _without_mark(data: bytes, encoding: str) -> bytes:
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16-le")):
        if encoding == name and data.startswith(mark):
            return data[len(mark) :]
    return data[2:] if encoding == "utf-16-be" and data.startswith(b"\xfe\xff") else data


def _no_lines() -> Exception:
    return refused(
        "文件里很久没有换行，不像是一张表",
        "The file goes on without a line break; it does not look like a table",
        "请看是不是交错了文件，或从原系统按“每人一行”重新导出。",
        "See whether it is the right file, or export it again with one line per person.",
        code="no-lines",
    )
