"""Access (.mdb, .accdb): its own tables, row by row."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rongdang.capture.sources.connectors import heads
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.cells import text_of
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.port import TableInfo

MARKS = (b"\x00\x01\x00\x00Standard Jet DB", b"\x00\x01\x00\x00Standard ACE DB")
LARGEST = 1 << 30


class AccessReader:
    """The library reads a table as a whole; one table at a time is kept."""

    def __init__(self, part: Part) -> None:
        self._base = _opened(part)
        self._kept: tuple[str, Mapping[str, Sequence[Any]]] = ("", {})
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            for name in self._base.catalog:
                columns = self._table(name)
                names, told = heads.unique_names(list(columns))
                if names:
                    rows = max(map(len, columns.values()), default=0)
                    self._infos.append(TableInfo(name, names, rows, tuple(told)))
        if not self._infos:
            raise refused(
                "数据库里没有读得出的表",
                "There is no table in the database that can be read",
                "请看是不是交错了文件，或用 Access 导出为 Excel 再交。",
                "See whether it is the right file, or export it from Access to Excel.",
                code="empty",
            )
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._rows(table, after))

    def _rows(self, table: str, after: int) -> Iterator[Found]:
        columns = list(self._table(table).values())
        for number in range(after, max(map(len, columns), default=0)):
            cells = [text_of(one[number]) if number < len(one) else "" for one in columns]
            yield number + 1, cells, None

    def _table(self, name: str) -> Mapping[str, Sequence[Any]]:
        if self._kept[0] != name:
            try:
                self._kept = (name, self._base.parse_table(name) or {})
            except Exception:  # noqa: BLE001 - whatever the library stumbles over is the file's fault
                raise damaged(f"Access（表“{name}”）") from None
        return self._kept[1]


def _opened(part: Part) -> Any:
    """The library's parser over the bytes; it knows only files by their path."""
    from access_parser import access_parser as library  # type: ignore[import-untyped]

    logging.disable(logging.CRITICAL)  # it writes what it meets, values among it
    if part.size > LARGEST:
        raise refused(
            f"Access 文件超过 {LARGEST >> 20} MB，不能整个打开",
            f"The Access file is larger than {LARGEST >> 20} MB",
            "请用 Access 按表导出为 CSV 或 Excel 再交。",
            "Export its tables from Access as CSV or Excel.",
            code="too-large",
        )
    library.read_db_file = lambda given: given
    try:
        return library.AccessParser(part.read())
    except Exception:  # noqa: BLE001 - as above
        raise damaged("Access") from None
