"""Zip: read member by member, one in memory at a time; nothing is ever unpacked to a path it names."""

from __future__ import annotations

import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterator
from pathlib import PurePosixPath
from typing import BinaryIO

from rongdang.capture.opening.descriptions import marked, of_name
from rongdang.capture.opening.formats import TAIL
from rongdang.capture.opening.values import End, Message, PageFound, Trouble

MOST_MEMBERS = 5_000
MOST_BYTES = 4 * 2**30
LARGEST_MEMBER = 2**30
HIGHEST_RATIO = 100
HEADER = 30  # bytes of a member before its name (APPNOTE 4.3.7)
IGNORED = ("thumbs.db", "desktop.ini", ".ds_store")


def pages(
    source: BinaryIO, open_member: Callable[[bytes, str], Iterator[Message]]
) -> Iterator[Message]:
    """Pages of all members in natural order of their names, numbered through."""
    announced = _announced(source)
    if announced > MOST_MEMBERS:
        yield _too_many(announced)
        yield End(0)
        return
    try:
        archive = zipfile.ZipFile(source)
    except (zipfile.BadZipFile, OSError, ValueError):
        yield _refused("damaged", "压缩包损坏，打不开", "The zip is damaged and cannot be opened")
        yield End(0)
        return
    members = [m for m in archive.infolist() if not m.is_dir() and not _ignored(real_name(m))]
    refusal = _refusal(members)
    if refusal:
        yield refusal
        yield End(0)
        return
    number = 0
    for member in sorted(members, key=lambda m: natural(real_name(m))):
        name = real_name(member)
        kind = marked(of_name(name))
        name = _withheld(name) if kind else name
        try:
            content = archive.read(member)
        except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError):
            yield Trouble(
                "damaged",
                f"压缩包里的“{name}”损坏，读不出来。压缩包已保存。请重新交这一个文件。",
                f"“{name}” inside the zip is damaged. The zip is kept. Hand in that file again.",
                number,
                marked=kind,
            )
            number += 1
            continue
        for message in open_member(content, name):
            if isinstance(message, PageFound):
                data = content if message.whole else message.data
                place = number + message.number
                kinds = kind or message.marked
                yield PageFound(place, message.media_type, message.dpi, data, marked=kinds)
            elif isinstance(message, End):
                number += max(message.expected, 1)
            else:
                yield Trouble(
                    message.code,
                    f"“{name}”：{message.zh}",
                    f"“{name}”: {message.en}",
                    number + (message.number or 0) if message.lost else None,
                    lost=message.lost,
                    marked=kind,
                )
    yield End(number)


def real_name(member: zipfile.ZipInfo) -> str:
    """The member's name; names without the UTF-8 flag were written in GBK on Chinese machines."""
    if member.flag_bits & 0x800:
        return member.filename
    raw = member.filename.encode("cp437", errors="replace")
    for encoding in ("utf-8", "gb18030"):
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    return member.filename


def _withheld(name: str) -> str:
    """A marked name as it may be told: its ending alone."""
    ending = PurePosixPath(name).suffix
    return f"…{ending}" if ending.isascii() else "…"


def natural(name: str) -> list[tuple[int, int, str]]:
    """Sort key: 2.jpg before 10.jpg."""
    return [
        (0, int(part), "") if part.isdigit() else (1, 0, part)
        for part in re.split(r"(\d+)", name.lower())
        if part
    ]


def _ignored(name: str) -> bool:
    last = name.replace("\\", "/").rsplit("/", 1)[-1].lower()
    return last in IGNORED or name.startswith("__MACOSX/")


def _refused(code: str, zh: str, en: str) -> Trouble:
    return Trouble(
        code,
        f"{zh}，没有取出页面。原文件已保存。请把页面图像直接上传。",
        f"{en}; no page was taken. The file is kept. Upload the page images themselves.",
        fatal=True,
    )


def _announced(source: BinaryIO) -> int:
    """Members by the directory's own count, before a row of it is read; 0 = it does not say."""
    size = source.seek(0, os.SEEK_END)
    source.seek(max(0, size - TAIL))
    tail = source.read(TAIL)
    source.seek(0)
    end, wide = tail.rfind(b"PK\x05\x06"), tail.rfind(b"PK\x06\x06")
    if wide >= 0 and len(tail) >= wide + 40:
        return int.from_bytes(tail[wide + 32 : wide + 40], "little")
    return int.from_bytes(tail[end + 10 : end + 12], "little") if end >= 0 else 0


def _too_many(count: int) -> Trouble:
    return _refused(
        "too-many-members",
        f"压缩包里有 {count} 个文件，超过 {MOST_MEMBERS} 个",
        f"The zip holds {count} files, more than {MOST_MEMBERS}",
    )


def overlap(members: list[zipfile.ZipInfo]) -> bool:
    """Many names for the same bytes: small to send, endless to unpack."""
    end = 0
    for member in sorted(members, key=lambda one: one.header_offset):
        if member.header_offset < end:
            return True
        end = member.header_offset + HEADER + len(member.orig_filename) + member.compress_size
    return False


def _refusal(members: list[zipfile.ZipInfo]) -> Trouble | None:
    if len(members) > MOST_MEMBERS:
        return _too_many(len(members))
    for member in members:
        refused = _refusal_of_member(member)
        if refused:
            return refused
    if len({real_name(member) for member in members}) < len(members):
        return _refused("duplicate", "压缩包里有重名的文件", "Two files of the zip have one name")
    if overlap(members):
        return _refused(
            "overlap", "压缩包里的文件互相重叠", "Files of the zip lie over one another"
        )
    total = sum(member.file_size for member in members)
    if total > MOST_BYTES:
        return _refused("bomb", f"压缩包展开后有 {total} 字节", f"The zip unpacks to {total} bytes")
    return None


def _refusal_of_member(member: zipfile.ZipInfo) -> Trouble | None:
    name = real_name(member)
    path = name.replace("\\", "/")
    if path.startswith("/") or ":" in path[:3] or ".." in path.split("/"):
        return _refused(
            "traversal",
            f"压缩包里的文件名“{name}”指向包外，不合规",
            f"The zip names a file outside itself (“{name}”)",
        )
    if stat.S_ISLNK(member.external_attr >> 16):
        return _refused("link", f"压缩包里的“{name}”是链接", f"“{name}” in the zip is a link")
    if member.flag_bits & 1:
        return _refused("encrypted", "压缩包有口令保护", "The zip is protected by a password")
    grown = member.file_size / max(member.compress_size, 1)
    if member.file_size > LARGEST_MEMBER or (member.file_size > 2**20 and grown > HIGHEST_RATIO):
        return _refused(
            "bomb",
            f"压缩包里的“{name}”展开后异常地大（{member.file_size} 字节）",
            f"“{name}” in the zip grows out of measure ({member.file_size} bytes)",
        )
    return None
