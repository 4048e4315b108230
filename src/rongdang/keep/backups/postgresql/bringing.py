"""The cluster out of a copy: base unpacked, log laid beside it, replayed to the copy's moment or another."""

from __future__ import annotations

import os
import shutil
import tarfile
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from rongdang.base.durable import storage_error, write_durably
from rongdang.keep.backups import secrecy
from rongdang.keep.backups.ports import Target
from rongdang.keep.backups.postgresql.serving import end_left_over, give_to_server, serving
from rongdang.keep.backups.retention import moment
from rongdang.keep.backups.targets.folder import sync_file_system

CLUSTER = "postgresql"
REPLAYED = "postgresql.replayed"  # beside it: replay is over, its bytes are on the disk
Fetch = Callable[[str, Callable[[bytes], object], str], None]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the pieces of one cluster lie; `told` is what the manifest says of the database."""

    target: Target
    told: dict[str, Any]
    until: datetime | None = None

    def pieces(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Names and rows of the log from the begin of the base on, the unfinished piece last."""
        first = self.told["key"].split("/")[-2]
        for row in self.told["log"]:
            piece = row["name"].rsplit("/", 1)[-1]
            if piece >= first:
                yield piece, row
        if self.told["tail"]:
            yield self.told["tail"]["piece"], self.told["tail"]

    def all_there(self) -> None:
        """Raises BackupError unless every piece lies in the target with its length."""
        wanted = [(self.told["key"], self.told["size"])]
        wanted += [(row["key"], row["size"]) for _, row in self.pieces()]
        held: dict[str, int] = {}
        for folder in {key.rsplit("/", 1)[0] for key, _ in wanted}:
            held |= self.target.sizes(f"{folder}/")
        for key, size in wanted:
            if held.get(key) != size:
                raise secrecy.damaged(key)


def base_moment(told: dict[str, Any]) -> datetime:
    """When the copy was begun for which this base was taken."""
    return moment(told["key"].rsplit("/", 1)[-1].partition(".age")[0])


def joined(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """The base of an earlier copy, with the log as far as a later one has it."""
    log = {row["name"]: row for row in [*earlier["log"], *later["log"]]}
    base = {key: earlier[key] for key in ("key", "digest", "size")}
    return {**later, **base, "log": [log[name] for name in sorted(log)]}


@contextmanager
def brought(source: Source, place: Path, fetch: Fetch) -> Iterator[str]:
    """An alias of the cluster in `place`, replayed; what a killed run had replayed is not done again."""
    data = place / CLUSTER
    end_left_over(data, source.told)
    if not (place / REPLAYED).exists():
        _unpack(source, data, fetch)
        _lay_log(source, data / "pg_wal", fetch)
        _replay(source, data)
        try:
            sync_file_system(place)
        except OSError as error:
            raise storage_error(error) from error
        write_durably(place / REPLAYED, b"")
    with serving(data, source.told) as alias:
        yield alias


def _unpack(source: Source, data: Path, fetch: Fetch) -> None:
    shutil.rmtree(data, ignore_errors=True)
    try:
        data.parent.chmod(0o711)  # the account that runs the server passes through
        data.mkdir(mode=0o700)
        with _Unpacking(data) as unpacking:
            fetch(source.told["key"], unpacking.write, source.told["digest"])
    except (OSError, tarfile.TarError) as error:
        if isinstance(error, OSError) and error.errno:
            raise storage_error(error) from error
        raise secrecy.damaged(source.told["key"]) from error


class _Unpacking:
    """A tar that is unpacked while its bytes come in."""

    def __init__(self, goal: Path) -> None:
        self._goal = goal
        read, write = os.pipe()
        self._in, self._out = os.fdopen(read, "rb"), os.fdopen(write, "wb")
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._unpack, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def write(self, piece: bytes) -> None:
        try:
            self._out.write(piece)
        except BrokenPipeError as error:
            raise self._error or error from error

    def _unpack(self) -> None:
        try:
            with self._in, tarfile.open(mode="r|", fileobj=self._in) as tar:
                for member in tar:
                    self._take(tar, member)
                while self._in.read(1 << 16):  # the filling at its end
                    pass
        except BaseException as error:  # noqa: BLE001  # raised again on the other side
            self._error = error

    def _take(self, tar: tarfile.TarFile, member: tarfile.TarInfo) -> None:
        """Folders and files below the goal, for their owner only; a cluster without tablespaces has no more."""
        goal = self._goal / os.path.normpath(member.name)
        if not goal.is_relative_to(self._goal) or ".." in goal.parts:
            raise tarfile.ReadError(member.name)
        if member.isdir():
            goal.mkdir(parents=True, exist_ok=True, mode=0o700)
        elif (file := tar.extractfile(member)) is not None and member.isreg():
            with goal.open("wb") as written:
                os.fchmod(written.fileno(), 0o600)
                shutil.copyfileobj(file, written, 1 << 20)

    def __exit__(self, kind: object, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._out.close()
        self._thread.join()
        if self._error and kind is None:
            raise self._error


def _lay_log(source: Source, folder: Path, fetch: Fetch) -> None:
    size = int(source.told["segment_bytes"])
    try:
        folder.mkdir(exist_ok=True, mode=0o700)
        for piece, row in source.pieces():
            with (folder / piece).open("wb") as file:
                fetch(row["key"], file.write, row["digest"])
                file.truncate(size)  # the last one ends in zeros that were left out
    except OSError as error:
        raise storage_error(error) from error


def _replay(source: Source, data: Path) -> None:
    """To the copy's moment, or to another; then it is a cluster of its own, on a new timeline."""
    for name in ("standby.signal", "postmaster.pid", "postmaster.opts"):
        (data / name).unlink(missing_ok=True)
    (data / "recovery.signal").touch()
    give_to_server(data)
    goal = {"recovery_target_lsn": source.told["lsn"]}
    if source.until is not None:
        goal = {"recovery_target_time": source.until.isoformat(sep=" ")}
    with serving(
        data,
        source.told,
        restore_command="false",  # all of the log lies in its place
        recovery_target_inclusive="off",
        recovery_target_action="promote",
        recovery_target_timeline="current",
        fsync="off",  # one sync of the file system behind it
        **goal,
    ):
        return
