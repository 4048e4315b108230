"""What a workbook's own parts say that its values do not: formulas, epoch of dates, macros; and bombs."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import IO

from rongdang.capture.opening.archives import overlap
from rongdang.capture.sources.connectors.reading import Part, damaged, refused
from rongdang.capture.sources.port import Oddity

MOST_MEMBERS, MOST_BYTES = 10_000, 4 * 2**30
LARGE, HIGHEST_RATIO = 2**26, 400  # a sheet of a million like rows shrinks to a hundredth
_CHUNK = 1 << 20
_FORMULA = re.compile(rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f[ />]')
_ODS_FORMULA = re.compile(rb"table:formula=")
_SHEET = re.compile(rb"<sheet [^>]*>")
_ATTRIBUTE = re.compile(rb'([\w:]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class SheetTold:
    oddities: tuple[Oddity, ...] = ()


@dataclass(frozen=True, slots=True)
class Told:
    """Of the whole workbook; `sheets` by their names."""

    epoch_1904: bool = False
    oddities: tuple[Oddity, ...] = ()
    sheets: dict[str, SheetTold] = field(default_factory=dict)

    def of(self, name: str) -> SheetTold:
        return self.sheets.get(name, SheetTold())


def is_workbook(part: Part) -> bool:
    """A zip that holds a spreadsheet and no other things."""
    part.stream.seek(0)
    try:
        with zipfile.ZipFile(part.stream) as bundle:
            names = set(bundle.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        raise damaged("Excel/ODS") from None
    return bool(names & {"xl/workbook.xml", "xl/workbook.bin", "content.xml"})


def look_into(part: Part) -> Told:
    """Refuses a bomb before anything is unpacked; nothing is told of the older format."""
    part.stream.seek(0)
    if part.stream.read(4) != b"PK\x03\x04":
        return Told()
    try:
        with zipfile.ZipFile(part.stream) as bundle:
            must_be_sound(bundle)
            return _told(bundle)
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError, KeyError):
        raise damaged("Excel/ODS") from None


def must_be_sound(bundle: zipfile.ZipFile) -> None:
    """Raises DomainError for a zip that is small to send and endless to unpack."""
    members = bundle.infolist()
    total = sum(one.file_size for one in members)
    grown = any(
        one.file_size > LARGE and one.file_size > HIGHEST_RATIO * max(1, one.compress_size)
        for one in members
    )
    if len(members) > MOST_MEMBERS or total > MOST_BYTES or grown or overlap(members):
        raise refused(
            f"文件展开后异常地大（{len(members)} 个部分，{total} 字节），像是有害文件",
            f"The file unpacks out of measure ({len(members)} parts, {total} bytes) and may be "
            "harmful",
            "请用原来的软件打开后另存一份，或导出为 CSV 再交。",
            "Open it with its own program and save it anew, or export it as CSV.",
            code="bomb",
        )


def _told(bundle: zipfile.ZipFile) -> Told:
    names = {one.filename for one in bundle.infolist()}
    if "xl/workbook.xml" not in names:
        return _told_of_ods(bundle) if "content.xml" in names else Told()
    book = bundle.read("xl/workbook.xml")
    macros = [_MACROS] if any(name.endswith("vbaProject.bin") for name in names) else []
    sheets = {}
    for name, member in _sheet_files(bundle, book):
        if member in names:
            with bundle.open(member) as stream:
                sheets[name] = SheetTold(tuple(_formulas(stream)))
    epoch = re.search(rb'date1904="(?:1|true)"', book) is not None
    return Told(epoch, (*macros, *([_EPOCH] if epoch else [])), sheets)


def _sheet_files(bundle: zipfile.ZipFile, book: bytes) -> Iterator[tuple[str, str]]:
    """Name of each sheet and the member it is in, as the workbook's relations say."""
    relations = bundle.read("xl/_rels/workbook.xml.rels")
    targets = {}
    for tag in re.findall(rb"<Relationship [^>]*>", relations):
        told = dict(_ATTRIBUTE.findall(tag))
        target = told.get(b"Target", b"").decode()
        targets[told.get(b"Id")] = target[1:] if target.startswith("/") else f"xl/{target}"
    for tag in _SHEET.findall(book):
        told = dict(_ATTRIBUTE.findall(tag))
        name = told.get(b"name", b"").decode(errors="replace")
        yield _unescaped(name), targets.get(told.get(b"r:id"), "")


def _unescaped(text: str) -> str:
    for mark, character in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        text = text.replace(mark, character)
    return text


def _formulas(stream: IO[bytes]) -> Iterator[Oddity]:
    """One for all formulas of a sheet: how many, and where the first is."""
    count, first, rest = 0, "", b""
    while data := stream.read(_CHUNK):
        data = rest + data
        end = 0
        for hit in _FORMULA.finditer(data):
            count, first, end = count + 1, first or (hit[1] + hit[2]).decode(), hit.end()
        rest = data[max(end, len(data) - 400) :]
    if count:
        yield _formula(count, f"（第一个在 {first}）", f" (the first at {first})")


def _told_of_ods(bundle: zipfile.ZipFile) -> Told:
    count, rest = 0, b""
    with bundle.open("content.xml") as stream:
        while data := stream.read(_CHUNK):
            data = rest + data
            hits = [hit.end() for hit in _ODS_FORMULA.finditer(data)]
            count += len(hits)
            rest = data[max(hits[-1] if hits else 0, len(data) - 40) :]
    return Told(oddities=(_formula(count, "", ""),) if count else ())


def _formula(count: int, zh: str, en: str) -> Oddity:
    return Oddity(
        "formulas",
        f"有 {count} 个公式{zh}，读的是上次算出并存下的值。",
        f"There are {count} formulas{en}; what is read is the value they had when last saved.",
    )


_MACROS = Oddity(
    "macros", "工作簿带有宏，宏没有也不会运行。", "The workbook holds macros; they are never run."
)
_EPOCH = Oddity(
    "epoch-1904",
    "日期从 1904 年起算（旧 Mac 版 Excel），已按此换算。",
    "Dates count from 1904 (older Excel of the Mac); they are read so.",
)
