"""CSV, TSV, other delimiters and fixed places: one table, in whatever encoding it came."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePath

from rongdang.capture.sources.connectors import delimited, fixed, heads
from rongdang.capture.sources.connectors.blocks import Block
from rongdang.capture.sources.connectors.lines import FOREIGN, Lines, encoding_of
from rongdang.capture.sources.connectors.reading import Part, refused
from rongdang.capture.sources.encodings import NAMES
from rongdang.capture.sources.port import Oddity, TableInfo

_SAMPLE = 200_000  # characters in which the layout is looked for
_NAMED = 20  # rows in another encoding that are named one by one


class TextReader:
    """One text file. Reading it through once tells its rows and every line in another encoding."""

    def __init__(self, part: Part) -> None:
        self._part = part
        guess = encoding_of(part)
        self._encoding, self._sure = guess.encoding, guess.sure
        self._records, sample = self._layout()
        self._head = heads.find(self._records.first(sample, heads.LOOKED_AT), stray=True)
        self._info: TableInfo | None = None

    def tables(self) -> list[TableInfo]:
        if self._info is None:
            rows, foreign = self._counted()
            self._info = TableInfo(
                PurePath(self._part.name).stem or "表",
                self._head.names,
                max(0, rows - self._head.rows),
                (*self._told(), *foreign, *self._head.oddities),
            )
        return [self._info]

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        texts = Lines(self._part, self._encoding).blocks()
        yield from self._records.blocks(texts, max(after, self._head.rows))

    def _layout(self) -> tuple[delimited.Records | fixed.Columns, str]:
        sample = ""
        for text in Lines(self._part, self._encoding).blocks():
            sample = text[:_SAMPLE]
            break
        if not sample.strip():
            raise refused(
                "文件是空的",
                "The file is empty",
                "请重新导出，并看导出时有没有选中内容。",
                "Export it again and see that something is selected.",
                code="empty",
            )
        if len(sample) < len(text):
            sample = sample[: sample.rfind("\n") + 1] or sample
        _must_be_text(sample)
        plain = sample.replace(FOREIGN, "")
        mark = delimited.sniff(plain)
        places = () if mark else fixed.sniff(sample)
        if places:
            return fixed.Columns(places, encoding=self._encoding), plain
        return delimited.Records(mark, encoding=self._encoding), plain

    def _told(self) -> Iterator[Oddity]:
        name = NAMES[self._encoding]
        if not self._sure:
            yield Oddity(
                "encoding-doubtful",
                f"文件太短，编码不好断定，按 {name} 读。请看前几行对不对。",
                f"The file is too short to be sure of its encoding; it is read as {name}. Look at the "
                "first rows.",
            )
        elif self._encoding not in ("utf-8", "utf-8-sig"):
            yield Oddity("encoding", f"编码是 {name}。", f"The encoding is {name}.")

    def _counted(self) -> tuple[int, list[Oddity]]:
        """Rows that are not blank, and the first of those in another encoding, by number."""
        rows, number, inside = 0, 0, False
        found: list[Oddity] = []
        foreign = 0
        for text in Lines(self._part, self._encoding).blocks():
            foreign += text.count(FOREIGN)
            for at in _places(text) if len(found) < _NAMED else ():
                before, _ = _outside_quotes(text[:at], inside=inside)
                row = number + before.count("\n") + 1
                found.append(delimited.foreign(row, text[at + 1], self._encoding))
            outside, inside = _outside_quotes(text, inside=inside)
            number += outside.count("\n")
            rows += outside.count("\n") - outside.count("\n\n")
        if foreign > len(found):
            found.append(_more(foreign - len(found)))
        return rows, found


def _places(text: str) -> Iterator[int]:
    """Of the first lines in another encoding."""
    at = text.find(FOREIGN)
    for _ in range(_NAMED):
        if at < 0:
            return
        yield at
        at = text.find(FOREIGN, at + 1)


def _outside_quotes(text: str, *, inside: bool) -> tuple[str, bool]:
    if '"' not in text:
        return ("" if inside else text), inside
    parts = text.split('"')
    return "".join(parts[inside::2]), inside ^ (len(parts) % 2 == 0)


def _must_be_text(sample: str) -> None:
    """A picture or a program named .csv is no table."""
    controls = sum(1 for one in sample if one < " " and one not in "\t\n\f\x1a\x1d")
    if "\0" in sample or controls > 0.02 * len(sample):
        raise refused(
            "内容不是文本表格",
            "The content is no text of a table",
            "请交 CSV、Excel、DBF、Access、XML、JSON 或 SQLite 文件。",
            "Hand in CSV, Excel, DBF, Access, XML, JSON or SQLite.",
            code="unknown-format",
        )


def _more(count: int) -> Oddity:
    return Oddity(
        "wrong-encoding",
        f"还有 {count} 行编码与全文不同，读入时逐行列出。",
        f"{count} more rows are in another encoding; each is named when it is read.",
    )
