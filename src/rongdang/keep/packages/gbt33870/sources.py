"""Where a delivery lies: a folder, a zip, an encrypted zip, an age file; opened the same way.

Nothing is unpacked to disk, so no name in an archive can lead outside it.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Protocol

import pyrage
import pyzipper

from rongdang.keep.packages.gbt33870.values import DeliveryError, Problem

AGE_HEAD = b"age-encryption.org/"
MOST_FILES = 40_000
MOST_BYTES = 8 << 30  # of one delivery, unpacked
MOST_AT_ONCE = 2 << 30  # of an encrypted archive, held in memory


class Source(Protocol):
    """Files by relative POSIX path."""

    def names(self) -> list[str]: ...

    def read(self, name: str) -> bytes: ...


class FolderSource:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def names(self) -> list[str]:
        return sorted(
            path.relative_to(self.folder).as_posix()
            for path in self.folder.rglob("*")
            if path.is_file() and not path.is_symlink()
        )

    def read(self, name: str) -> bytes:
        return (self.folder / name).read_bytes()


class ZipSource:
    """A zip; names in GBK, as Chinese Windows writes them, are read as such."""

    def __init__(self, archive: zipfile.ZipFile) -> None:
        self._archive = archive
        self._names: dict[str, zipfile.ZipInfo] = {}
        total = 0
        for info in archive.infolist():
            total += info.file_size
            if not info.is_dir():
                self._names[_name(info)] = info
        if len(self._names) > MOST_FILES or total > MOST_BYTES:
            raise _refused(
                "too-large",
                f"解开后有 {len(self._names)} 个文件、{total >> 20} MB，超出一卷档案的上限",
                f"unpacks to {len(self._names)} files, {total >> 20} MB: more than one file may have",
            )

    def names(self) -> list[str]:
        return sorted(self._names)

    def read(self, name: str) -> bytes:
        info = self._names[name]
        try:
            with self._archive.open(info) as file:
                data = file.read(info.file_size + 1)
        except (
            zipfile.BadZipFile,
            pyzipper.BadZipFile,
            OSError,
            EOFError,
            ValueError,
            NotImplementedError,
        ) as error:
            raise _refused(
                "damaged", f"“{name}”读不出来", f"“{name}” cannot be read", name
            ) from error
        if len(data) != info.file_size:
            raise _refused("damaged", f"“{name}”长度不对", f"“{name}” has a wrong length", name)
        return data


def person_folders(path: Path) -> list[Path]:
    """The deliveries under a folder (a unit's, say), one a person; the path itself when it is one."""
    found = sorted({xml.parent for xml in path.rglob("*.xml")}) if path.is_dir() else []
    return found if len(found) > 1 else [path]


@contextmanager
def open_source(path: Path, password: str = "") -> Iterator[Source]:
    """The delivery at `path`; raises DeliveryError when it cannot be opened."""
    if path.is_dir():
        yield FolderSource(path)
        return
    if not path.is_file():
        raise _refused(
            "not-found", "没有这个文件或文件夹", "there is no such file or folder", path.name
        )
    with path.open("rb") as file:
        head = file.read(len(AGE_HEAD))
        file.seek(0)
        if head == AGE_HEAD:
            inner = io.BytesIO(_decrypt_age(file.read(MOST_AT_ONCE), password))
            yield ZipSource(_plain_zip(inner, path.name))
        else:
            yield _zip_source(file, path.name, password)


def _zip_source(file: io.BufferedReader, name: str, password: str) -> ZipSource:
    """A plain zip as it is; of ours, the one zip inside the encrypted one."""
    try:
        outer = pyzipper.AESZipFile(file)
    except (pyzipper.BadZipFile, zipfile.BadZipFile, OSError, ValueError) as error:
        raise _refused(
            "not-zip", "不是文件夹，也不是完整的 ZIP", "neither a folder nor a whole zip", name
        ) from error
    infos = outer.infolist()
    locked = any(info.flag_bits & 1 for info in infos)
    if locked and not password:
        raise _refused(
            "password", "这个压缩包加了密，要给口令", "it is encrypted; give its password", name
        )
    if password:
        outer.setpassword(password.encode())
    inner = [info for info in infos if info.filename.lower().endswith(".zip")]
    if len(infos) == 1 and inner:
        if inner[0].file_size > MOST_AT_ONCE:
            raise _refused("too-large", "内层压缩包太大", "the inner zip is too large", name)
        return ZipSource(_plain_zip(io.BytesIO(_read(outer, inner[0], name)), name))
    if locked:  # a wrong password is told before anything is read
        _read(outer, next(info for info in infos if info.flag_bits & 1), name)
    return ZipSource(outer)


def _read(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> bytes:
    try:
        return archive.read(info)
    except RuntimeError as error:
        raise _refused("password", "口令不对", "the password is wrong", name) from error
    except (zipfile.BadZipFile, pyzipper.BadZipFile, OSError, EOFError, ValueError) as error:
        raise _refused("damaged", "压缩包已损坏", "the archive is damaged", name) from error


def _plain_zip(file: io.BytesIO, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _refused(
            "not-zip", "里面不是完整的 ZIP", "there is no whole zip inside", name
        ) from error


def _decrypt_age(data: bytes, password: str) -> bytes:
    if not password:
        raise _refused("password", "这个文件加了密，要给口令", "it is encrypted; give its password")
    try:
        return bytes(pyrage.passphrase.decrypt(data, password))
    except pyrage.DecryptError as error:
        raise _refused(
            "password", "口令不对，或文件已损坏", "the password is wrong, or the file is damaged"
        ) from error


def _name(info: zipfile.ZipInfo) -> str:
    name = info.filename
    if not info.flag_bits & 0x800:
        with suppress(UnicodeEncodeError, UnicodeDecodeError):
            name = name.encode("cp437").decode("gb18030")
    return PurePosixPath(name.replace("\\", "/")).as_posix().lstrip("/")


def _refused(code: str, zh: str, en: str, place: str = "") -> DeliveryError:
    return DeliveryError([Problem(code, place or "文件", zh, en)])
