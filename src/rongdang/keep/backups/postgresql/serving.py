"""A cluster that came back, run for as long as it is looked at: on a socket in a folder of its own."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import DatabaseError, OperationalError, connection, connections

from rongdang.base.leftovers import folder_prefix, names_a_living, remove_folders
from rongdang.keep.backups.ports import BackupError
from rongdang.keep.backups.postgresql import tools

PATIENCE = 6 * 3600  # seconds to replay a long log
ACCOUNT = "postgres"  # PostgreSQL refuses to run as root
QUIET = {
    "listen_addresses": "",
    "archive_mode": "off",
    "archive_command": "",
    "hot_standby": "off",
    "logging_collector": "off",
    "log_destination": "stderr",
    "ssl": "off",
    "shared_preload_libraries": "",
    "max_wal_senders": "0",
    "synchronous_standby_names": "",
    "primary_conninfo": "",
    "autovacuum": "off",
}


def give_to_server(folder: Path) -> None:
    """Root gives the cluster to the account that will run it; anybody else runs it himself."""
    if os.geteuid() != 0:
        return
    try:
        owner = pwd.getpwnam(ACCOUNT)
    except KeyError as error:
        raise BackupError(
            f"root 不能运行 PostgreSQL，这台机器上又没有账号 {ACCOUNT}；没有恢复任何东西。",
            f"root may not run PostgreSQL, and there is no account {ACCOUNT}; nothing was restored.",
            hint_zh="请换一个普通账号运行这条命令，或先装 PostgreSQL 的服务端。",
            hint_en="Run this command from an ordinary account, or install PostgreSQL's server first.",
            code="postgresql-root",
        ) from error
    for here, folders, files in os.walk(folder):
        for name in [".", *folders, *files]:
            os.chown(Path(here) / name, owner.pw_uid, owner.pw_gid, follow_symlinks=False)


def end_left_over(data: Path, told: Mapping[str, Any]) -> None:
    """A server of this very cluster, left by a restore that was killed, ends; another's number is let be."""
    note = data / "postmaster.pid"
    try:
        number = note.read_text().split()[0]
        if Path(f"/proc/{int(number)}/cwd").resolve() == data.resolve():
            program = tools.program("pg_ctl", version=int(told["version"]), exactly=True)
            _control(Path(program), data, ["stop", "-w", "-m", "immediate"])
        note.unlink(missing_ok=True)
    except (OSError, ValueError, IndexError):
        note.unlink(missing_ok=True)


@contextmanager
def serving(data: Path, told: Mapping[str, Any], **settings: str) -> Iterator[str]:
    """An alias for Django under which the cluster in `data` answers; stopped cleanly at the end."""
    program = tools.program("postgres", version=int(told["version"]), exactly=True)
    clear_sockets()
    socket = Path(tempfile.mkdtemp(prefix=folder_prefix("rongdang")))
    (socket / "hba.conf").write_text("local all all trust\n")
    (socket / "ident.conf").write_text("")
    (socket / "server.conf").write_text("")
    give_to_server(socket)
    given = {
        **QUIET,
        "config_file": str(socket / "server.conf"),
        "hba_file": str(socket / "hba.conf"),
        "ident_file": str(socket / "ident.conf"),
        "unix_socket_directories": str(socket),
        **settings,
    }
    try:
        control = Path(program).with_name("pg_ctl")
        with _running(control, data, socket, given), _alias(told, socket) as alias:
            _wait(alias, lambda: _control(control, data, ["status"]) == 0, socket / "log", data)
            yield alias
    finally:
        shutil.rmtree(socket, ignore_errors=True)


def clear_sockets() -> int:
    """Remove the folders of readers that were killed; how many."""
    return remove_folders(Path(tempfile.gettempdir()), "rongdang", in_use=_is_served)


def _is_served(socket: Path) -> bool:
    """Does a server that outlived its reader still answer there?"""
    return any(map(names_a_living, socket.glob(".s.PGSQL.*.lock")))


@contextmanager
def _running(control: Path, data: Path, socket: Path, given: Mapping[str, str]) -> Iterator[None]:
    words = " ".join(f"-c {name}='{value}'" for name, value in given.items())
    start = ["start", "-w", "-t", str(PATIENCE), "-l", str(socket / "log"), "-o", words]
    if _control(control, data, start) != 0:
        _control(control, data, ["stop", "-m", "immediate"])
        raise _no_start(socket / "log", data)
    try:
        yield
    finally:
        _control(control, data, ["stop", "-w", "-m", "fast"])


def _control(control: Path, data: Path, words: list[str]) -> int:
    account = ACCOUNT if os.geteuid() == 0 else None
    return subprocess.run(
        [str(control), "-D", str(data), *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd="/",
        check=False,
        user=account,
        group=account,
        extra_groups=[] if account else None,
    ).returncode


def _wait(alias: str, runs: Callable[[], bool], log: Path, data: Path) -> None:
    """Until replay is over and the cluster answers; raises BackupError when it gave up."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        try:
            connections[alias].ensure_connection()
        except OperationalError:
            if not runs():
                break
            time.sleep(0.1)
        else:
            return
    raise _no_start(log, data)


@contextmanager
def _alias(told: Mapping[str, Any], socket: Path) -> Iterator[str]:
    alias = f"cluster-{socket.name}"
    connections.settings[alias] = {
        **connection.settings_dict,
        "ENGINE": "django.db.backends.postgresql",
        "NAME": told["name"],
        "USER": told["user"],
        "PASSWORD": "",
        "HOST": str(socket),
        "PORT": "",
        "OPTIONS": {},
        "CONN_MAX_AGE": 0,
    }
    try:
        yield alias
    finally:
        with contextlib.suppress(DatabaseError):
            connections[alias].close()
        del connections[alias]
        del connections.settings[alias]


def _no_start(log: Path, data: Path) -> BackupError:
    said = log.read_text("utf-8", "replace").splitlines() if log.exists() else []
    last = next((line for line in said if "FATAL" in line or "PANIC" in line), "")
    words = (last or (said[-1] if said else f"{ACCOUNT} → {data}"))[-300:]
    return BackupError(
        f"恢复出来的数据库开不起来（{words}），没有恢复任何东西。",
        f"The database that came back does not start ({words}); nothing was restored.",
        hint_zh=f"放数据库的文件夹要让账号 {ACCOUNT} 进得去（root 运行时）；否则请换另一份备份。",
        hint_en=f"As root: the account {ACCOUNT} must be able to enter the folder. Else use another copy.",
        code="postgresql-start",
    )
