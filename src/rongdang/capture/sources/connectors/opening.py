"""A file of an old system → its tables. Needs no database and no server."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

from rongdang.base.errors import DomainError
from rongdang.capture.sources.connectors import delivered
from rongdang.capture.sources.connectors.caged import CagedConnector
from rongdang.capture.sources.port import Connector

MEMO = (".fpt", ".dbt", ".cdx")


def open_file(
    stream: BinaryIO, name: str, *, beside: Mapping[str, BinaryIO] | None = None
) -> Connector:
    """The tables of a file that can be read from any place; `beside`: its memo file by name."""
    return CagedConnector([(name, stream), *(beside or {}).items()])


def open_table(path: Path) -> Connector:
    """The tables of the file at `path`, its memo file found beside it; or of the catalogues of
    GB/T 33870 below a folder. To be closed.
    """
    if path.is_dir():
        catalogues = delivered.zipped(path)
        if zipfile.ZipFile(catalogues).namelist():
            return open_file(catalogues, f"{path.name}.zip")
        raise DomainError(
            f"“{path.name}”是文件夹，不是一张表，没有读入任何一行。",
            f"“{path.name}” is a folder and no table; no row was taken.",
            hint_zh="请给出文件夹里的一个文件；数字档案的文件夹里要有目录 XML。",
            hint_en="Name one file in it; a folder of digital files holds a catalogue (XML).",
            code="folder",
            status=422,
        )
    return _OpenFiles(path)


class _OpenFiles(CagedConnector):
    """Closes the files as well."""

    def __init__(self, path: Path) -> None:
        self._open = ExitStack()
        try:
            files = [
                (one.name, self._open.enter_context(one.open("rb"))) for one in with_memo(path)
            ]
        except OSError as error:
            raise DomainError(
                f"打不开“{path.name}”（{error.strerror}），没有读入任何一行。",
                f"“{path.name}” cannot be opened ({error.strerror}); no row was taken.",
                hint_zh="看看路径和权限。",
                hint_en="Check the path and the rights.",
                code="cannot-open",
                status=404,
            ) from None
        super().__init__(files)

    def close(self) -> None:
        super().close()
        self._open.close()


def with_memo(path: Path) -> Iterator[Path]:
    yield path
    if path.suffix.lower() == ".dbf":
        for one in sorted(path.parent.iterdir()):
            if one.stem.lower() == path.stem.lower() and one.suffix.lower() in MEMO:
                yield one
