"""Real database servers of one's own on loopback, with data thrown away; each ended by its number."""

from __future__ import annotations

import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

PASSWORD = "口令-Not4Real"
MARIADB = shutil.which("mariadbd") or "/usr/sbin/mariadbd"
POSTGRESQL = sorted(Path("/usr/lib/postgresql").glob("*/bin"))


def has_mariadb():
    return Path(MARIADB).exists()


def _free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def _as(user):
    """Root must not be the server: whom to become, and nothing otherwise."""
    if os.getuid():
        return {}
    who = pwd.getpwnam(user)
    return {"user": who.pw_uid, "group": who.pw_gid, "extra_groups": [who.pw_gid]}


@contextmanager
def _folder(user):
    """A place of its own that the server's user can reach; the tests' own places are shut to him."""
    made = Path(tempfile.mkdtemp(prefix="rongdang-server-"))
    try:
        if not os.getuid():
            shutil.chown(made, user)
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


@contextmanager
def mariadb():
    """The port of a MariaDB whose user `reader` may read the base `old`, and a root's connection to it."""
    with _folder("mysql") as data:
        yield from _mariadb(data, _free_port(), _as("mysql"))


def _mariadb(data, port, who):
    import pymysql

    subprocess.run(
        [
            "mariadb-install-db",
            "--no-defaults",
            f"--datadir={data}",
            "--auth-root-authentication-method=normal",
        ],
        check=True,
        capture_output=True,
        **who,
    )
    server = subprocess.Popen(
        [
            MARIADB,
            "--no-defaults",
            f"--datadir={data}",
            f"--socket={data}/s",
            f"--port={port}",
            "--bind-address=127.0.0.1",
            "--innodb-buffer-pool-size=16M",
            "--skip-log-bin",
            "--innodb-flush-log-at-trx-commit=0",
            f"--pid-file={data}/pid",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **who,
    )
    try:
        root = _until(
            lambda: pymysql.connect(
                host="127.0.0.1", port=port, user="root", charset="utf8mb4", autocommit=True
            ),
            server,
        )
        with root.cursor() as cursor:
            cursor.execute("CREATE DATABASE old CHARACTER SET utf8mb4")
            cursor.execute("CREATE USER reader@'127.0.0.1' IDENTIFIED BY %s", (PASSWORD,))
            cursor.execute("GRANT ALL ON old.* TO reader@'127.0.0.1'")
        yield port, root
        root.close()
    finally:
        server.kill()
        server.wait()


@contextmanager
def postgresql():
    """The same with PostgreSQL; `reader` owns what is in `old`, so that only our own care stops writing."""
    with _folder("postgres") as data:
        yield from _postgresql(data, _free_port(), _as("postgres"))


def _postgresql(data, port, who):
    import psycopg

    bin = POSTGRESQL[-1]
    subprocess.run(
        [
            bin / "initdb",
            "-D",
            data / "d",
            "-U",
            "root",
            "--auth-local=trust",
            "--auth-host=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ],
        check=True,
        capture_output=True,
        cwd=data,
        **who,
    )
    server = subprocess.Popen(
        [
            bin / "postgres",
            "-D",
            data / "d",
            "-p",
            str(port),
            "-k",
            data,
            "-c",
            "listen_addresses=127.0.0.1",
            "-c",
            "fsync=off",
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        cwd=data,
        **who,
    )
    try:

        def connect(base="postgres"):
            return psycopg.connect(
                host=str(data), port=port, user="root", dbname=base, autocommit=True
            )

        first = _until(connect, server)
        first.execute(f"CREATE USER reader PASSWORD '{PASSWORD}'")
        first.execute("CREATE DATABASE old OWNER reader")
        first.close()
        with connect("old") as root:
            yield port, root
    finally:
        server.send_signal(2)  # fast shutdown; its children go with it
        server.wait()


def _until(connect, server):
    """The first connection a starting server lets in."""
    while True:
        try:
            return connect()
        except Exception:
            if server.poll() is not None:
                raise
            time.sleep(0.1)
