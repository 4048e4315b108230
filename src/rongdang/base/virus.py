"""The port to a virus scanner: clamd's INSTREAM over TCP or a local socket.

No answer, an answer that is no verdict, and signatures that are too old are all the same: not clean.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

from rongdang.base.errors import DomainError

PIECE = 1 << 18
LONGEST_ANSWER = 4096
FOUND = re.compile(r"^stream: (.+) FOUND$")


class ScannerDownError(DomainError):
    """The file could not be examined; nobody may treat it as clean."""

    status, code = 503, "scanner-down"

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(
            f"{zh}，文件没有检查，先隔离。",
            f"{en}; the file was not examined and waits in quarantine.",
            hint_zh="请系统管理员恢复杀毒服务；恢复后会自动重新检查。",
            hint_en="The system officer brings the scanner back; files are then examined by themselves.",
        )


@dataclass(frozen=True, slots=True)
class Scanner:
    """`address`: tcp://host:port or unix:///path, "" = none is installed.

    `days` its signatures may be old; 0 = not asked, for a site with signatures of its own.
    """

    address: str
    days: int
    seconds: float = 120.0

    def __bool__(self) -> bool:
        return bool(self.address)

    def examine(self, source: BinaryIO) -> str:
        """Name of what was found, "" = clean; reads from where the stream stands to its end.

        Raises ScannerDownError.
        """
        if self.days:
            self.signed()
        with self._asking() as door:
            door.sendall(b"zINSTREAM\0")
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                while piece := source.read(PIECE):
                    door.sendall(struct.pack(">I", len(piece)) + piece)
                door.sendall(struct.pack(">I", 0))
            said = _answer(door)
        match = FOUND.match(said)
        if match:
            return match[1]
        if said != "stream: OK":
            raise ScannerDownError(
                f"杀毒服务没有给出结论（{said[:80]}）", f"The scanner gave no verdict ({said[:80]})"
            )
        return ""

    def signed(self) -> dt.datetime:
        """When its signatures were made; raises ScannerDownError when that is too long ago or unsaid."""
        with self._asking() as door:
            door.sendall(b"zVERSION\0")
            said = _answer(door)
        made = _made(said)
        if made is None:
            raise ScannerDownError("杀毒服务没有病毒特征库", "The scanner has no signatures")
        if dt.datetime.now(dt.UTC) - made > dt.timedelta(days=self.days):
            raise ScannerDownError(
                f"病毒特征库是 {made:%Y-%m-%d} 的，超过 {self.days} 天",
                f"The scanner's signatures are of {made:%Y-%m-%d}, older than {self.days} days",
            )
        return made

    @contextlib.contextmanager
    def _asking(self) -> Iterator[socket.socket]:
        try:
            with self._connected() as door:
                door.settimeout(self.seconds)
                yield door
        except OSError as error:
            raise ScannerDownError(
                "杀毒服务没有应答", "The virus scanner does not answer"
            ) from error

    def _connected(self) -> socket.socket:
        place = urlsplit(self.address)
        if place.scheme == "unix":
            door = socket.socket(socket.AF_UNIX)
            door.settimeout(self.seconds)
            try:
                door.connect(place.path)
            except OSError:
                door.close()
                raise
            return door
        return socket.create_connection((place.hostname, place.port), self.seconds)


def _answer(door: socket.socket) -> str:
    """Up to the zero byte that ends an answer."""
    said = b""
    while not said.endswith(b"\0") and len(said) < LONGEST_ANSWER:
        piece = door.recv(LONGEST_ANSWER)
        if not piece:
            break
        said += piece
    return said.rstrip(b"\0\n").decode("utf-8", "replace")


def _made(version: str) -> dt.datetime | None:
    """`ClamAV 1.4.6/27000/Wed Nov 25 09:13:00 2026` → its last part."""
    parts = version.split("/", 2)
    if len(parts) < 3:
        return None
    try:
        local = dt.datetime.strptime(" ".join(parts[2].split()), "%a %b %d %H:%M:%S %Y")  # noqa: DTZ007
    except ValueError:
        return None
    return local.astimezone()
