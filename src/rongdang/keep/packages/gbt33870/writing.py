"""Writing a delivery: the directory as a zip, inside an encrypted archive whose names tell nothing.

WinZip AES (what offices can open) encrypts content but not names, so the directory is one inner zip.
Or age (age-encryption.org), whose key derivation is far costlier to guess against.
"""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, SubElement, indent, tostring

import pyzipper

from rongdang.base.cipher import age
from rongdang.keep.packages.gbt33870.values import OPTIMISED, ORIGINAL, Catalogue
from rongdang.keep.packages.zipping import zip_chunks

INNER = "档案.zip"
SUPPLEMENT = "荣档附加数据.json"  # text as read, and confirmed facts; others may leave it aside


@dataclass(frozen=True, slots=True)
class Image:
    """One image to write: folder (原始图像数据 or 优化图像数据), name, and how to get its bytes."""

    folder: str
    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """What is to be handed over."""

    catalogue: Catalogue
    images: tuple[Image, ...]
    supplement: dict[str, Any] = field(default_factory=dict)


def write_catalogue(catalogue: Catalogue) -> bytes:
    """UTF-8, elements in the order of the standard; dates without hyphens."""
    root = Element(
        "数字档案",
        {
            "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
            "xmlns:xsd": "http://www.w3.org/2001/XMLSchema",
        },
    )
    person, info = SubElement(root, "人员基本信息"), catalogue.person
    for tag, text in (
        ("姓名", info.name),
        ("性别", info.sex),
        ("民族", info.ethnic),
        ("出生日期", info.birth.replace("-", "")),
        ("公民身份号码", info.id_number),
    ):
        SubElement(person, tag).text = text
    listed = SubElement(root, "目录信息")
    for entry in catalogue.entries:
        row = SubElement(listed, "档案目录条目")
        for tag, text in (
            ("类号", entry.category),
            ("序号", str(entry.sequence)),
            ("材料名称", entry.title),
            ("材料形成时间", entry.formed.replace("-", "")),
            ("页数", str(entry.page_count)),
            ("备注", entry.note),
            *((ORIGINAL, name) for name in entry.originals),
            *((OPTIMISED, name) for name in entry.optimised),
        ):
            SubElement(row, tag).text = _printable(text)
    indent(root, "  ")
    body: bytes = tostring(root, encoding="utf-8", xml_declaration=False)
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + body + b"\n"


def directory_zip(outgoing: Outgoing) -> Iterator[bytes]:
    """The person's directory as a zip, one image in memory at a time."""
    person = outgoing.catalogue.person
    home = f"{person.name}{person.id_number}"
    members: list[tuple[str, Callable[[], bytes]]] = [
        (f"{home}/{home}.xml", lambda: write_catalogue(outgoing.catalogue))
    ]
    members += [(f"{home}/{image.folder}/{image.name}", image.read) for image in outgoing.images]
    if outgoing.supplement:
        members.append((f"{home}/{SUPPLEMENT}", lambda: _json(outgoing.supplement)))
    return zip_chunks(members)


def write_archive(outgoing: Outgoing, target: BinaryIO, password: str) -> None:
    """The encrypted zip (AES-256) with the directory's zip inside."""
    encrypt_zip(INNER, directory_zip(outgoing), target, password)


def encrypt_zip(name: str, chunks: Iterable[bytes], target: BinaryIO, password: str) -> None:
    """One member of that name in an AES-256 zip."""
    with pyzipper.AESZipFile(
        target, "w", compression=zipfile.ZIP_STORED, encryption=pyzipper.WZ_AES
    ) as archive:
        archive.setpassword(password.encode())
        archive.setencryption(pyzipper.WZ_AES, nbits=256)
        with archive.open(name, "w", force_zip64=True) as member:
            for chunk in chunks:
                member.write(chunk)


def write_age(outgoing: Outgoing, target: BinaryIO, password: str) -> None:
    """The directory's zip as an age file (scrypt, ChaCha20-Poly1305), one image in memory at a time."""
    target.writelines(age.encrypted(directory_zip(outgoing), password))


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _printable(text: str) -> str:
    """Without the control characters that XML 1.0 cannot hold."""
    return re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", text)
