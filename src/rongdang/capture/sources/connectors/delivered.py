"""Catalogues of GB/T 33870 as tables: who the files are of, and what lies in them. Images stay where they are."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

from rongdang.base.errors import DomainError
from rongdang.capture.opening.archives import natural, real_name
from rongdang.capture.sources.connectors.blocks import Block, gathered
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.connectors.workbook import must_be_sound
from rongdang.capture.sources.port import Oddity, TableInfo
from rongdang.keep.packages.gbt33870.catalogue import place_of, read_catalogue
from rongdang.keep.packages.gbt33870.values import Catalogue, Problem

PEOPLE, ENTRIES = "人员基本信息", "档案目录条目"
COLUMNS = {
    PEOPLE: ("姓名", "性别", "民族", "出生日期", "公民身份号码", "材料份数", "所在"),
    ENTRIES: (
        *("公民身份号码", "姓名", "类号", "序号", "材料名称", "材料形成时间", "页数", "备注"),
        "所在",
    ),
}
ROOT = "数字档案"
LARGEST = 1 << 24  # bytes of one catalogue
MOST_BYTES = 1 << 28  # of all catalogues of a folder
_SAMPLE = f"<{ROOT}><{ENTRIES}><类号>1</类号><材料形成时间>1953</材料形成时间></{ENTRIES}></{ROOT}>"
_LITTER = re.compile(r"(?:^|/)(?:__MACOSX/|\._)")


def prepare() -> None:
    """The data standard is read from its files while they can be opened."""
    read_catalogue(_SAMPLE.encode())


def is_catalogue(head: bytes) -> bool:
    return any(ROOT.encode(encoding) in head for encoding in ("utf-8", "gb18030", "utf-16-le"))


def zipped(folder: Path) -> io.BytesIO:
    """The catalogues below a folder in one zip, each under its own path; none of its images."""
    out, total = io.BytesIO(), 0
    with zipfile.ZipFile(out, "w") as bundle:
        for path in sorted(folder.rglob("*.xml")):
            if path.is_symlink() or not path.is_file():
                continue
            total += path.stat().st_size
            if total > MOST_BYTES:
                raise _too_large()
            bundle.writestr(path.relative_to(folder).as_posix(), path.read_bytes())
    return out


class DeliveredReader:
    """One catalogue, or a zip of deliveries with as many as there are people."""

    def __init__(self, part: Part) -> None:
        self._part = part
        part.stream.seek(0)
        self._is_zip = part.stream.read(2) == b"PK"
        self._infos: list[TableInfo] = []

    def tables(self) -> list[TableInfo]:
        if not self._infos:
            counts = {PEOPLE: 0, ENTRIES: 0}
            for _place, read, _problems in self._catalogues():
                counts[PEOPLE] += 1
                counts[ENTRIES] += len(read.entries) if read else 0
            if not counts[PEOPLE]:
                raise refused(
                    "压缩包里没有数字档案目录（XML）",
                    "There is no catalogue (XML) of a digital file in the zip",
                    "表格请解开后单独交；数字档案请连目录一起打包。",
                    "Hand in tables unpacked, one by one; digital files with their catalogue.",
                    code="archive",
                )
            self._infos = [TableInfo(name, COLUMNS[name], rows) for name, rows in counts.items()]
        return self._infos

    def blocks(self, table: str, after: int) -> Iterator[Block]:
        rows = self._people() if table == PEOPLE else self._entries()
        return gathered(
            (number, cells, oddity)
            for number, (cells, oddity) in enumerate(rows, 1)
            if number > after
        )

    def _people(self) -> Iterator[tuple[Sequence[str], Oddity | None]]:
        for place, read, problems in self._catalogues():
            own = [one for one in problems if read is None or one.place == PEOPLE]
            if read is None:
                yield ["", "", "", "", "", "", place], _wrong(place, own)
                continue
            person = read.person
            cells = (person.name, person.sex, person.ethnic, person.birth, person.id_number)
            yield [*cells, str(len(read.entries)), place], _wrong(place, own)

    def _entries(self) -> Iterator[tuple[Sequence[str], Oddity | None]]:
        for place, read, problems in self._catalogues():
            for number, one in enumerate(read.entries if read else (), 1):
                assert read is not None
                cells = [
                    *(read.person.id_number, read.person.name, one.category, str(one.sequence)),
                    *(one.title, one.formed, str(one.page_count), one.note, place),
                ]
                named = place_of(number, one)
                yield cells, _wrong(place, [p for p in problems if p.place == named])

    def _catalogues(self) -> Iterator[tuple[str, Catalogue | None, list[Problem]]]:
        """Where each lies, what it says (None: nothing that can be read), what is wrong with it."""
        for place, data in self._files():
            try:
                yield place, *read_catalogue(data)
            except DomainError as error:
                yield place, None, list(getattr(error, "problems", ()))

    def _files(self) -> Iterator[tuple[str, bytes]]:
        if not self._is_zip:
            yield self._part.name, self._part.read()
            return
        try:
            with zipfile.ZipFile(self._part.stream) as bundle:
                must_be_sound(bundle)
                members = {real_name(one): one for one in bundle.infolist()}
                for name in sorted(members, key=natural):
                    wanted = name.lower().endswith(".xml") and not _LITTER.search(name)
                    if wanted and members[name].file_size <= LARGEST:
                        yield name, bundle.read(members[name])
        except (zipfile.BadZipFile, OSError, ValueError, EOFError, RuntimeError):
            raise damaged("zip") from None


def _wrong(place: str, problems: Sequence[Problem]) -> Oddity | None:
    if not problems:
        return None
    zh = "；".join(f"{one.place}：{one.zh}" for one in problems[:5])
    en = "; ".join(f"{one.place}: {one.en}" for one in problems[:5])
    return Oddity(
        "catalogue",
        f"“{place}”的目录不对（{zh}），没有读入。请移交单位改正。",
        f"The catalogue “{place}” is not right ({en}); it is not taken. Ask the sender to correct it.",
    )


def _too_large() -> DomainError:
    return refused(
        f"文件夹里的目录加起来超过 {MOST_BYTES >> 20} MB",
        f"The catalogues below the folder come to more than {MOST_BYTES >> 20} MB",
        "请按单位分开交。",
        "Hand them in unit by unit.",
        code="too-large",
    )
