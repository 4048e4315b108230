"""Writing a delivery: the directory as a zip, inside an encrypted archive whose names tell nothing.

WinZip AES (what offices can open) encrypts content but not names, so the directory is one inner zip.
Or age (age-encryption.org), whose key derivation is far costlier to guess against.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import pyrage
import pyzipper

from rongdang.base.cipher.sealed import ChunkReader
from rongdang.keep.packages.gbt33870.catalogue import write_catalogue
from rongdang.keep.packages.gbt33870.values import Catalogue
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
    """The directory's zip as an age file (scrypt, ChaCha20-Poly1305)."""
    source = io.BufferedReader(ChunkReader(directory_zip(outgoing)))
    target.write(pyrage.passphrase.encrypt(source.read(), password))


def _json(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).encode()
