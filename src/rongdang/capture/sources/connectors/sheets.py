"""XLS, XLSX, XLSB and ODS: values as shown, header found, merged cells read for every row they cover."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors import heads, workbook
from rongdang.capture.sources.connectors.blocks import Block, Found, gathered
from rongdang.capture.sources.connectors.cells import text_of
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.connectors.sheet_oddities import Watch
from rongdang.capture.sources.port import Oddity, TableInfo

_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")  # the stream a workbook with a password is in

Merged = Sequence[tuple[tuple[int, int], tuple[int, int]]]  # first and last cell, counted from 0


class SheetReader:
    """Every sheet with something in it is a table; the last one that was looked at is kept."""

    def __init__(self, part: Part) -> None:
        self._told = workbook.look_into(part)
        self._book = _opened(part)
        self._kept: tuple[str, _Sheet] | None = None
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            for one in self._book.sheets_metadata:
                if "WorkSheet" in str(one.typ) and (info := self._info(one)):
                    self._infos.append(info)
        if not self._infos:
            raise refused(
                "工作簿里没有内容",
                "Nothing is in the workbook",
                "请看是不是交错了文件。",
                "See whether it is the right file.",
                code="empty",
            )
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        return gathered(self._sheet(table).found(after))

    def _sheet(self, name: str) -> _Sheet:
        if self._kept is None or self._kept[0] != name:
            self._kept = None  # two large sheets are never held at once
            told = self._told.of(name)
            self._kept = (name, _Sheet(_range(self._book, name), self._told.epoch_1904, told))
        return self._kept[1]

    def _info(self, one: Any) -> TableInfo | None:
        sheet = self._sheet(one.name)
        if not sheet.head.names:
            return None
        hidden = [] if str(one.visible).endswith(".Visible") else [_hidden(one.name)]
        return TableInfo(
            one.name, sheet.head.names, sheet.rows, (*hidden, *self._told.oddities, *sheet.oddities)
        )


class _Sheet:
    """One sheet: where its header is, what is odd, and its rows."""

    def __init__(self, cells: Any, epoch_1904: bool, told: workbook.SheetTold) -> None:  # noqa: FBT001
        self._cells = cells
        start: tuple[int, int] = cells.start or (0, 0)
        self._first = start[0]  # rows above the range, which are empty
        self._merged = _downward(cells.merged_cell_ranges or (), start)
        beginning = list(self._beginning())
        self.head = heads.find(beginning, numbers=range(self._first + 1, 10**7))
        self._epoch_1904 = epoch_1904
        watch = self._watched()
        self.rows = watch.rows
        self.oddities = (
            *self.head.oddities,
            *told.oddities,
            *self._merge_told(),
            *watch.oddities(),
        )

    def found(self, after: int) -> Iterator[Found]:
        """Data rows; dates that stand as numbers in a column of dates come as dates."""
        watch = Watch(self.head.names, epoch_1904=self._epoch_1904)
        below = self._first + self.head.rows
        for number, values in self._values():
            if number > below and number > after and (cells := watch.texts(values)):
                yield number, cells, None

    def _watched(self) -> Watch:
        """All rows looked at once, for what a clerk should know before."""
        watch = Watch(self.head.names, epoch_1904=self._epoch_1904)
        below = self._first + self.head.rows
        for number, values in self._values():
            if number > below:
                watch.see(number, values)
        return watch

    def _beginning(self) -> Iterator[list[str]]:
        """The first rows as they stand: what is merged in a header tells its groups."""
        for values, _ in zip(self._cells.iter_rows(), range(heads.LOOKED_AT), strict=False):
            yield [text_of(value) for value in values]

    def _values(self) -> Iterator[tuple[int, list[Any]]]:
        """Rows as numbered in the sheet; a cell merged downwards stands in every row it covers."""
        held: dict[int, tuple[int, Any]] = {}  # column → (last row, value)
        for number, values in enumerate(self._cells.iter_rows(), self._first + 1):
            for column, last in self._merged.get(number, ()):
                if column < len(values):
                    held[column] = (last, values[column])
            for column, (last, value) in list(held.items()):
                if number > last:
                    del held[column]
                elif values[column] == "":
                    values[column] = value
            yield number, values

    def _merge_told(self) -> Iterator[Oddity]:
        below = self._first + self.head.rows
        rows = [row for row in self._merged if row > below]
        if rows:
            yield Oddity(
                "merged-cells",
                f"有合并的单元格（第一处在第 {min(rows)} 行），竖着合并的值每一行都读到。",
                f"There are merged cells (the first at row {min(rows)}); a value merged downwards is "
                "read in every row it covers.",
                min(rows),
            )


def _downward(merged: Merged, start: tuple[int, int]) -> dict[int, list[tuple[int, int]]]:
    """Row (from 1) where it begins → (column in the range, last row)."""
    found: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in merged:
        if bottom > top:
            found.setdefault(top + 1, []).append((left - start[1], bottom + 1))
    return found


def _opened(part: Part) -> Any:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    data = part.read()
    try:
        return CalamineWorkbook.from_filelike(io.BytesIO(data))
    except PasswordError:
        raise _locked() from None
    except (CalamineError, OSError, ValueError):
        raise _locked() if _ENCRYPTED in data else damaged("Excel/ODS") from None


def _locked() -> DomainError:
    return refused(
        "工作簿有打开口令",
        "The workbook is protected by a password",
        "请去掉口令另存后再交。",
        "Save it without the password and hand it in again.",
        code="encrypted",
    )


def _range(book: Any, name: str) -> Any:
    from python_calamine import CalamineError

    try:
        sheet = book.get_sheet_by_name(name)
    except (CalamineError, OSError, ValueError):
        raise damaged("Excel/ODS") from None
    return sheet


def _hidden(name: str) -> Oddity:
    return Oddity(
        "hidden-sheet",
        f"工作表“{name}”是隐藏的，请想一想该不该读。",
        f"The sheet “{name}” is hidden; consider whether it should be read.",
    )
