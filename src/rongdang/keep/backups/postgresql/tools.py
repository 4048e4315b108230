"""PostgreSQL's own programs: where they are, how they are run, and what is said when they are not there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any

from django.conf import settings

from rongdang.keep.backups.ports import BackupError

HOMES = ("/usr/lib/postgresql", "/usr/local/lib/postgresql")  # Debian: one folder a version
OLDEST = 15  # pg_receivewal begins where its slot stands from here on


def program(name: str, *, version: int, exactly: bool = False) -> str:
    """The path of a program for a server of that major version; raises BackupError.

    A client may be newer than its server; a server must be of the very version (`exactly`). Where the
    setting names a folder, only what lies there counts.
    """
    given: str = settings.POSTGRESQL_PROGRAMS
    for major, folder in [] if given else sorted(_folders()):
        if (major == version if exactly else major >= version) and (folder / name).exists():
            return str(folder / name)
    found = shutil.which(name, path=given or None)
    if found and (_major(found) == version if exactly else _major(found) >= version):
        return found
    package = f"postgresql-{'' if exactly else 'client-'}{version}"
    raise BackupError(
        f"这台机器上没有 PostgreSQL {version} 的程序 {name}，什么都没有做。",
        f"{name} of PostgreSQL {version} is not on this machine; nothing was done.",
        hint_zh=f"请系统管理员装上（Debian：apt install {package}），再来一次。",
        hint_en=f"Install it (Debian: apt install {package}), then try again.",
        code="postgresql-tools",
    )


def _folders() -> list[tuple[int, Path]]:
    return [
        (int(path.name), path / "bin")
        for home in HOMES
        for path in Path(home).glob("*")
        if path.name.isdecimal()
    ]


def _major(path: str) -> int:
    """15 of “pg_basebackup (PostgreSQL) 15.14”, whatever a distribution adds; 0 when it does not say."""
    said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
    told = re.search(r"\(PostgreSQL\) (\d+)", said)
    return int(told[1]) if told else 0


def surroundings(row: Mapping[str, Any]) -> dict[str, str]:
    """The environment in which a client finds the server of Django's `row`; no word on a command line."""
    told = {
        "PGHOST": row.get("HOST"),
        "PGPORT": row.get("PORT"),
        "PGUSER": row.get("USER"),
        "PGPASSWORD": row.get("PASSWORD"),
    }
    given = {key: str(value) for key, value in told.items() if value}
    return {**os.environ, "LC_ALL": "C", "PGCONNECT_TIMEOUT": "20", **given}


class Reading:
    """The output of a program as a stream; at its end it must have ended well, or BackupError."""

    def __init__(self, command: Sequence[str], env: Mapping[str, str]) -> None:
        self._said = tempfile.TemporaryFile()  # noqa: SIM115  # closed in `close`
        self._process = subprocess.Popen(
            command, env=dict(env), stdout=subprocess.PIPE, stderr=self._said
        )
        assert self._process.stdout is not None  # asked for above
        self._out: IO[bytes] = self._process.stdout
        self._name = Path(command[0]).name

    def read(self, size: int = -1) -> bytes:
        piece = self._out.read(size)
        if not piece and self._process.wait() != 0:
            self._said.seek(0)
            raise failed(self._name, self._said.read().decode("utf-8", "replace"))
        return piece

    def close(self) -> None:
        """Whatever still runs is ended."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._out.close()
        self._said.close()


def run(command: Sequence[str], env: Mapping[str, str]) -> None:
    """Raises BackupError with the program's last words."""
    done = subprocess.run(command, env=dict(env), capture_output=True, check=False)
    if done.returncode != 0:
        raise failed(Path(command[0]).name, done.stderr.decode("utf-8", "replace"))


def failed(name: str, said: str) -> BackupError:
    lines = [line for line in said.strip().splitlines() if line.strip()]
    last = next((line for line in lines if "error" in line or "FATAL" in line), "")
    words = (last or (lines[-1] if lines else "?"))[-300:]
    if "replication" in words and ("permission" in words or "role" in words or "pg_hba" in words):
        return may_not(words)
    if "No space left" in said:
        return BackupError(
            f"磁盘满了，{name} 没有做完；没有备份，库本身没有动。",
            f"The disk is full: {name} did not end; there is no copy, the database was not touched.",
            hint_zh="请腾出空间，再备份一次。",
            hint_en="Free some space and back up again.",
            code="disk-full",
        )
    return BackupError(
        f"{name} 没有做成（{words}）；没有备份，库本身没有动。",
        f"{name} failed ({words}); there is no copy, the database was not touched.",
        hint_zh="照这句话处理，再备份一次；做完的部分不用重做。",
        hint_en="Do what it says, then back up again; what was done is not done twice.",
        code="postgresql-failed",
    )


def may_not(words: str) -> BackupError:
    return BackupError(
        f"这个数据库账号不能复制整个库（{words}）；没有备份。",
        f"This database role may not replicate ({words}); nothing was backed up.",
        hint_zh="请数据库管理员执行 ALTER ROLE … REPLICATION，在 pg_hba.conf 里许可 replication 连接，"
        "见 docs/operate/backup.md。",
        hint_en="Have the database administrator run ALTER ROLE … REPLICATION and allow replication "
        "connections in pg_hba.conf; see docs/operate/backup.md.",
        code="postgresql-role",
    )
