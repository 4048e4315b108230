"""Where a delivery lies: a folder, a zip, an encrypted zip, an age file; opened the same way.

No member is unpacked under its own name, so none can lead outside. The zip inside an encrypted one
waits on the disk, encrypted anew under a key of its own: memory does not grow with a delivery.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Protocol, cast

import pyzipper

from rongdang.base.cipher import age
from rongdang.base.cipher.spool import CHUNK, Spool
from rongdang.base.cipher.suites import AES
from rongdang.base.durable import storage_error
from rongdang.keep.packages.gbt33870.values import DeliveryError, Problem

AGE_HEAD = b"age-encryption.org/"
MOST_FILES = 40_000
MOST_BYTES = 8 << 30  # of one delivery, unpacked


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
def open_source(path: Path, password: str = "", *, suite: int = AES.number) -> Iterator[Source]:
    """The delivery at `path`; raises DeliveryError when it cannot be opened."""
    if path.is_dir():
        yield FolderSource(path)
        return
    if not path.is_file():
        raise _refused(
            "not-found", "没有这个文件或文件夹", "there is no such file or folder", path.name
        )
    with path.open("rb") as file, Spool(suite) as spool:
        head = file.read(len(AGE_HEAD))
        file.seek(0)
        if head == AGE_HEAD:
            _spool(_decrypt_age(file, password), spool, path.name)
            yield ZipSource(_plain_zip(spool, path.name))
        else:
            yield _zip_source(file, path.name, password, spool)


def _spool(chunks: Iterable[bytes], spool: Spool, name: str) -> None:
    """What is inside, onto the disk; no more than one delivery may have."""
    for chunk in chunks:
        if spool.length + len(chunk) > MOST_BYTES:
            raise _refused("too-large", "内层压缩包太大", "the inner zip is too large", name)
        try:
            spool.write(chunk)
        except OSError as error:
            raise storage_error(error) from error
    spool.seek(0)


def _zip_source(file: io.BufferedReader, name: str, password: str, spool: Spool) -> ZipSource:
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
        _spool(_member(outer, inner[0], name), spool, name)
        return ZipSource(_plain_zip(spool, name))
    if locked:  # a wrong password is told before anything is read
        for _part in _member(outer, next(info for info in infos if info.flag_bits & 1), name):
            pass
    return ZipSource(outer)


def _member(archive: zipfile.ZipFile, info: zipfile.ZipInfo, name: str) -> Iterator[bytes]:
    """The member in pieces; its own check sums are compared at its end."""
    try:
        with archive.open(info) as file:
            yield from iter(lambda: file.read(CHUNK), b"")
    except RuntimeError as error:
        raise _refused("password", "口令不对", "the password is wrong", name) from error
    except (zipfile.BadZipFile, pyzipper.BadZipFile, OSError, EOFError, ValueError) as error:
        raise _refused("damaged", "压缩包已损坏", "the archive is damaged", name) from error


def _plain_zip(file: Spool, name: str) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(cast("BinaryIO", file))
    except (zipfile.BadZipFile, OSError, ValueError) as error:
        raise _refused(
            "not-zip", "里面不是完整的 ZIP", "there is no whole zip inside", name
        ) from error


def _decrypt_age(file: BinaryIO, password: str) -> Iterator[bytes]:
    if not password:
        raise _refused("password", "这个文件加了密，要给口令", "it is encrypted; give its password")
    try:
        yield from age.decrypted(file, password)
    except age.AgeError as error:
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
