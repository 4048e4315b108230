"""JSON and JSON lines: an array of objects, object after object, or lists inside one object; streamed."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator
from pathlib import PurePath
from typing import Any

from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.lines import encoding_of
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.port import TableInfo

MOST_COLUMNS = 5_000
LARGEST_VALUE = 1 << 26  # characters of one record, or of a file that is one object
_READ = 1 << 18
_BLANK = " \t\r\n,"
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _name: None)


class JsonReader:
    def __init__(self, part: Part) -> None:
        self._part = part
        self._encoding = encoding_of(part).encoding
        self._lists = self._found_lists()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            for name in self._lists or (PurePath(self._part.name).stem,):
                columns, rows = self._looked_through(name)
                unique, told = heads.unique_names(columns)
                self._columns[name] = columns
                self._infos.append(TableInfo(name, unique, rows, tuple(told)))
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._rows(table, after))

    def _rows(self, table: str, after: int) -> Iterator[Found]:
        columns = self._columns[table]
        for number, record in enumerate(self._records(table), 1):
            if number > after:
                cells = dict(flattened(record))
                yield number, [cells.get(name, "") for name in columns], None

    def _records(self, table: str) -> Iterable[Any]:
        return self._lists[table] if self._lists else _values(self._part, self._encoding)

    def _looked_through(self, name: str) -> tuple[tuple[str, ...], int]:
        """Every name that occurs in any record, in the order of first sight; and how many records."""
        columns: dict[str, None] = {}
        rows = 0
        for rows, record in enumerate(self._records(name), 1):  # noqa: B007
            columns |= dict.fromkeys(key for key, _value in flattened(record))
            if len(columns) > MOST_COLUMNS:
                raise _no_table()
        if not columns:
            raise _no_table()
        return tuple(columns), rows

    def _found_lists(self) -> dict[str, list[Any]]:
        """Lists of objects in a file that is one object; {} where the file is a list itself."""
        values = _values(self._part, self._encoding)
        first = next(values, None)
        if first is None:
            raise _no_table()
        if not isinstance(first, dict) or next(values, None) is not None:
            return {}
        return {
            key: value
            for key, value in first.items()
            if isinstance(value, list) and any(isinstance(one, dict) for one in value)
        }


def flattened(value: Any, above: str = "") -> Iterator[tuple[str, str]]:
    """Name → text; what lies in an inner object is called outer/inner, a list of words is one cell."""
    if not isinstance(value, dict):
        yield above or "值", _text(value)
        return
    for key, inner in value.items():
        name = f"{above}/{key}" if above else str(key)
        if isinstance(inner, dict) and inner:
            yield from flattened(inner, name)
        else:
            yield name, _text(inner)


def _text(value: Any) -> str:
    if value is None or value == {}:
        return ""
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, list):
        if all(isinstance(one, str) for one in value):
            return "；".join(value)
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _values(part: Part, encoding: str) -> Iterator[Any]:
    """The members of the outer list, or one value after another, as they are read."""
    window = _Window(_texts(part, encoding))
    listed = window.next_letter() == "["
    window.at += listed
    while letter := window.next_letter():
        if listed and letter == "]":
            return
        yield window.value()
    if listed:
        raise damaged("JSON")


class _Window:
    """The part of the text that is being read, moved on as values are taken out of it."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._texts, self._text, self.at, self._ended = texts, "", 0, False

    def next_letter(self) -> str:
        """The first character that is no blank and no comma; "" at the end."""
        while True:
            while self.at < len(self._text):
                if (letter := self._text[self.at]) not in _BLANK:
                    return letter
                self.at += 1
            if self._ended:
                return ""
            self._more()

    def value(self) -> Any:
        while True:
            try:
                found, end = _DECODER.raw_decode(self._text, self.at)
            except RecursionError:
                raise damaged("JSON") from None
            except ValueError:
                if self._ended:
                    raise damaged("JSON") from None
            else:
                if end < len(self._text) or self._ended:  # a number may go on behind the window
                    self.at = end
                    return found
            self._more()

    def _more(self) -> None:
        """More at a time the longer a record is, so that it is not tried over and over."""
        rest = self._text[self.at :]
        if len(rest) > LARGEST_VALUE:
            raise _no_table()
        steps = range(max(1, len(rest) // _READ))
        more = "".join(text for _, text in zip(steps, self._texts, strict=False))
        self._text, self.at, self._ended = rest + more, 0, not more


def _texts(part: Part, encoding: str) -> Iterator[str]:
    decoder = codecs.getincrementaldecoder(encoding)()
    part.stream.seek(0)
    try:
        while data := part.stream.read(_READ):
            yield decoder.decode(data).replace("\ufeff", "")
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        place = part.stream.tell()
        raise refused(
            f"文件中间（约第 {place} 字节以前）有不属于 {encoding} 编码的内容",
            f"Before byte {place} or so there is something that is no {encoding}",
            "请把整个文件存成 UTF-8 再交。",
            "Save the whole file as UTF-8.",
            code="wrong-encoding",
        ) from error


def _no_table() -> Exception:
    return refused(
        "JSON 里没有一行行的记录",
        "There are no records in this JSON",
        "请交“对象的数组”，或每行一个对象的文件。",
        "Hand in an array of objects, or one object a line.",
        code="no-records",
    )
