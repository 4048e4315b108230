"""XML of any make: the element that repeats is the row; read as a stream, entities and DTDs refused."""

from __future__ import annotations

import codecs
import io
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.lines import encoding_of
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.port import TableInfo

DEEPEST, MOST_COLUMNS = 100, 5_000
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_SPACE = re.compile(r"\{[^}]*\}")
_READ = 1 << 16

Path = tuple[str, ...]


class XmlReader:
    def __init__(self, part: Part) -> None:
        self._part = part
        self._encoding = encoding_of(part).encoding
        self._paths = self._repeated()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            for name in self._paths:
                columns: dict[str, None] = {}
                rows = 0
                for rows, element in enumerate(self._elements(name), 1):  # noqa: B007
                    columns |= dict.fromkeys(cells_of(element))
                if 0 < len(columns) <= MOST_COLUMNS:
                    unique, told = heads.unique_names(tuple(columns))
                    self._columns[name] = tuple(columns)
                    self._infos.append(TableInfo(name, unique, rows, tuple(told)))
        if not self._infos:
            raise _no_rows()
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._rows(table, after))

    def _rows(self, table: str, after: int) -> Iterator[Found]:
        columns = self._columns[table]
        for number, element in enumerate(self._elements(table), 1):
            if number > after:
                cells = cells_of(element)
                yield number, [cells.get(name, "") for name in columns], None

    def _elements(self, table: str) -> Iterator[Element]:
        wanted = self._paths[table]
        open_now: list[str] = []
        above: list[Element] = []
        for event, element in self._events():
            if event == "start":
                open_now.append(element.tag)
                above.append(element)
                continue
            here = tuple(open_now)
            open_now.pop()
            above.pop()
            if here == wanted:
                yield element
            if len(here) <= len(wanted):
                element.clear()
                if above:
                    above[-1].remove(element)

    def _repeated(self) -> dict[str, Path]:
        """The outermost elements that stand more than once beside one another and hold something."""
        times: Counter[Path] = Counter()
        holding: dict[Path, bool] = defaultdict(bool)
        path: list[str] = []
        for event, element in self._events():
            if event == "start":
                path.append(element.tag)
                times[tuple(path)] += 1
                holding[tuple(path[:-1])] = True
                if element.attrib:
                    holding[tuple(path)] = True
            else:
                path.pop()
                element.clear()
        rows = [one for one, count in times.items() if count > 1 and holding[one]]
        outer = [one for one in rows if not any(one[: len(o)] == o and one != o for o in rows)]
        if not outer:  # a single record
            outer = [one for one in times if holding[one] and len(one) == 2] or list(times)[:1]
        return {_SPACE.sub("", one[-1]): one for one in outer}

    def _events(self) -> Iterator[tuple[str, Element]]:
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import iterparse

        depth = 0
        source: Any = _Utf8(self._part, self._encoding)
        try:
            for event, element in iterparse(source, events=("start", "end"), forbid_dtd=True):
                depth += 1 if event == "start" else -1
                if depth > DEEPEST:
                    raise damaged("XML")
                yield event, element
        except DefusedXmlException:
            raise refused(
                "XML 里有文档类型声明（DTD）或实体，可能有害",
                "The XML holds a DTD or entities and may be harmful",
                "请导出不带 DTD 的 XML 再交。",
                "Export it without a DTD.",
                code="xml-dtd",
            ) from None
        except UnicodeDecodeError:
            raise refused(
                f"XML 中间有不属于 {self._encoding} 编码的内容",
                f"The XML holds something that is no {self._encoding}",
                "请用同一种编码重新导出。",
                "Export it again in one encoding.",
                code="wrong-encoding",
            ) from None
        except ParseError as error:
            raise damaged(f"XML（第 {error.position[0]} 行）") from None


def cells_of(element: Element) -> dict[str, str]:
    """Name → text of a row: attributes, children by their path, its own text; one name twice is joined."""
    found: dict[str, str] = {}
    for name, text in _pairs(element, ""):
        found[name] = f"{found[name]}；{text}" if found.get(name) else text
    return found


def _pairs(element: Element, above: str) -> Iterator[tuple[str, str]]:
    for key, value in element.attrib.items():
        yield f"{above}@{_SPACE.sub('', key)}", value
    for child in element:
        name = above + _SPACE.sub("", str(child.tag))
        if len(child) or child.attrib:
            yield from _pairs(child, f"{name}/")
        if not len(child):
            yield name, (child.text or "").strip()
    own = (element.text or "").strip()
    if own and not above:
        yield _SPACE.sub("", element.tag), own


class _Utf8(io.RawIOBase):
    """The file as UTF-8 without its declaration: the parser knows no Chinese encoding."""

    def __init__(self, part: Part, encoding: str) -> None:
        super().__init__()
        self._stream = part.stream
        self._stream.seek(0)
        self._decoder = codecs.getincrementaldecoder(encoding)()
        self._first = True

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        while data := self._stream.read(_READ):
            text = self._decoder.decode(data)
            if self._first:
                text, self._first = _DECLARED.sub("", text.removeprefix("\ufeff"), count=1), False
            if text:
                return text.encode()
        return self._decoder.decode(b"", final=True).encode()


def _no_rows() -> Exception:
    return refused(
        "XML 里找不到重复的元素（一行行的记录）",
        "No element repeats in this XML: there are no rows",
        "请看是不是交错了文件。",
        "See whether it is the right file.",
        code="no-records",
    )
