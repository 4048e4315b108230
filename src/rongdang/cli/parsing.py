"""`rongdang parse KIND [FILE…]`: what the parsers of the data standard make of each line, as TSV.

Needs no server, database, settings or keys, and keeps nothing. One line out for one line in, as it
comes. Names of units are printed with their designations masked and without the original.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from rongdang.base.errors import DomainError

Add = Callable[[str, str, object], argparse.ArgumentParser]
Cells = Sequence[str]
LONGEST = 65_536  # bytes of a line; the rest of it is left out
BESIDE = ("gb18030",)  # what old files are written in where they are not UTF-8

COLUMNS: dict[str, tuple[str, ...]] = {
    "dates": (
        *("original", "value", "precision", "earliest", "latest"),
        *("certainty", "calendar", "until", "open"),
    ),
    "ids": (
        *("original", "number", "sound", "birth", "sex", "area", "area_name"),
        *("findings", "suggestion"),
    ),
    "names": (*("original", "name", "surname", "given", "former", "remarks", "certainty", "key"),),
    "addresses": (
        *("original", "province", "city", "county", "town", "street", "house", "rest"),
        *("code", "today", "today_code", "findings", "certainty"),
    ),
    "posts": ("original", "posts", "rest"),
    "units": ("name", "key", "kind", "designation", "certainty"),
}


def add_commands(add: Add) -> None:
    command = add(
        "parse",
        "看解析器怎样读每一行，不用数据库和服务 / what the parsers make of each line, without server",
        run,
    )
    command.add_argument("kind", choices=tuple(COLUMNS))
    command.add_argument("files", nargs="*", type=Path, help="缺省为标准输入 / default: stdin")
    command.add_argument("--year", type=int, help="这些行所属的年份 / the year the lines belong to")
    command.add_argument(
        "--serial",
        type=int,
        choices=(1900, 1904),
        help="数目是电子表格的日期序号 / numbers are dates of a spreadsheet",
    )
    command.add_argument(
        "--encoding", help="缺省 UTF-8，不合则 GB 18030 / default: UTF-8, else that"
    )


def run(options: argparse.Namespace) -> int:
    """Prints a header and one row for each line; 0 when all lines were read."""
    columns = COLUMNS[options.kind]
    reader = READERS[options.kind]
    out = sys.stdout
    if hasattr(out, "reconfigure"):
        out.reconfigure(encoding="utf-8", errors="replace")
    try:
        if not options.json:
            print(*columns, sep="\t", file=out)
        for line in _lines(options.files, options.encoding):
            cells = reader(line, options)
            if options.json:
                row = dict(zip(columns, cells, strict=True))
                print(json.dumps(row, ensure_ascii=False), file=out)
            else:
                print(*map(_cell, cells), sep="\t", file=out)
        out.flush()
    except BrokenPipeError:  # head has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
    return 0


def _cell(text: str) -> str:
    """No cell ends a row or begins another cell."""
    return (
        " ".join(text.split())
        if any(sign in text for sign in "\t\r\n\v\f\x85\u2028\u2029")
        else text
    )


def _lines(files: Sequence[Path], encoding: str | None) -> Iterator[str]:
    if not files:
        yield from _of(sys.stdin.buffer, encoding)
    for path in files:
        try:
            with path.open("rb") as stream:
                yield from _of(stream, encoding)
        except OSError as error:
            raise DomainError(
                "文件打不开，没有再往下读",
                "a file could not be opened; nothing after it was read",
                hint_zh="请核对文件名和权限",
                hint_en="check its name and permissions",
                code="file_unreadable",
            ) from error


def _of(stream: BinaryIO, encoding: str | None) -> Iterator[str]:
    first = True
    while raw := stream.readline(LONGEST):
        while not raw.endswith(b"\n") and (more := stream.readline(LONGEST)):
            if more.endswith(b"\n"):
                break
        if first:
            raw, first = raw.removeprefix(b"\xef\xbb\xbf"), False
        yield _decoded(raw, encoding).rstrip("\r\n")


def _decoded(raw: bytes, encoding: str | None) -> str:
    if encoding:
        try:
            return raw.decode(encoding, errors="replace")
        except LookupError as error:
            raise DomainError(
                "没有这种编码",
                "there is no such encoding",
                hint_zh="例如 utf-8、gb18030、big5",
                hint_en="for example utf-8, gb18030, big5",
                code="encoding_unknown",
            ) from error
    for name in ("utf-8", *BESIDE):
        try:
            return raw.decode(name)
        except UnicodeDecodeError:
            continue
    return raw.decode("utf-8", errors="replace")


def _date(line: str, options: argparse.Namespace) -> Cells:
    from rongdang.base.vocab.dates import from_serial, parse_date
    from rongdang.base.vocab.datespans import parse_span

    serial = from_serial(line, options.serial) if options.serial else None
    found = serial or parse_date(line, options.year)
    span = parse_span(line, options.year) if not serial else None
    if span and (span.open or not found or span.end != span.start):
        start, end = span.start, span.end
        some = start or end
        if some:
            return (
                *(line, start.value if start else "", some.precision),
                *(
                    start.earliest.isoformat() if start else "",
                    end.latest.isoformat() if end else "",
                ),
                *(span.certainty, some.calendar, end.value if end else ""),
                "open" if span.open else "",
            )
    if found is None:
        return (line, *("",) * 8)
    return (
        *(line, found.value, found.precision, found.earliest.isoformat()),
        *(found.latest.isoformat(), found.certainty, found.calendar, "", ""),
    )


def _id(line: str, _options: argparse.Namespace) -> Cells:
    from rongdang.base.vocab.idchecks import area_name, check_id

    found = check_id(line)
    number = found.number
    told = [one.code for one in found.findings]
    hint = next((one.suggestion for one in found.findings if one.suggestion), "")
    if number is None:
        return (line, "", "no", "", "", "", "", ",".join(told), hint)
    return (
        *(line, number.value, "yes" if found.sound else "no", number.birth, number.sex),
        *(number.area, area_name(number), ",".join(told), hint),
    )


def _name(line: str, _options: argparse.Namespace) -> Cells:
    from rongdang.base.vocab.personnames import parse_name

    found = parse_name(line)
    return (
        *(line, found.name, found.surname, found.given),
        *("、".join(found.former), "、".join(found.remarks), found.certainty, found.key),
    )


def _address(line: str, options: argparse.Namespace) -> Cells:
    from rongdang.base.vocab.addresses import parse_address

    found = parse_address(line, options.year)
    return (
        *(line, *found.parts, found.code, found.today, found.today_code),
        *(",".join(found.findings), found.certainty),
    )


def _posts(line: str, _options: argparse.Namespace) -> Cells:
    from rongdang.base.vocab.posts import parse_posts

    found = parse_posts(line)
    told = [
        " ".join(filter(None, (p.kind, p.name, p.code, *p.marks, p.certainty))) for p in found.posts
    ]
    return (line, "; ".join(told), found.rest)


def _unit(line: str, _options: argparse.Namespace) -> Cells:
    from rongdang.base.vocab.units import parse_unit

    found = parse_unit(line)
    hidden = "masked" if found.designation else ""
    return (found.name, found.key, found.kind, hidden, found.certainty)


READERS: dict[str, Callable[[str, argparse.Namespace], Cells]] = {
    "dates": _date,
    "ids": _id,
    "names": _name,
    "addresses": _address,
    "posts": _posts,
    "units": _unit,
}
