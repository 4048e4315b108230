"""A PostgreSQL cluster of a test's own, on a socket; and a house whose database lies in it."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

from django.db import connection, connections

AS = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def binary(name):
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    return str(folders[-1] / name)


def run(*command, **options):
    return subprocess.run([*AS, *command], check=True, capture_output=True, cwd="/", **options)


class Cluster:
    """Started in the constructor; `row` is what Django needs to find its database `house`."""

    def __init__(self, *settings):
        self.root = Path(tempfile.mkdtemp(prefix="rongdang-cluster-"))
        if AS:
            shutil.chown(self.root, "postgres", "postgres")
        self.data = self.root / "data"
        flags = ("-U", "rongdang", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N")
        run(binary("initdb"), "-D", str(self.data), *flags)
        self.start(*settings)
        self.row = {
            **connection.settings_dict,
            "NAME": "house",
            "USER": "rongdang",
            "HOST": str(self.root),
            "PORT": "",
        }

    def start(self, *settings):
        given = ("listen_addresses=", "fsync=off", f"unix_socket_directories={self.root}")
        words = " ".join(f"-c {one}" for one in (*given, "shared_buffers=16MB", *settings))
        log = str(self.root / "log")
        run(binary("pg_ctl"), "-D", str(self.data), "-w", "-l", log, "-o", words, "start")

    def stop(self):
        run(binary("pg_ctl"), "-D", str(self.data), "-m", "immediate", "stop")

    def remove(self):
        self.stop()
        shutil.rmtree(self.root)

    def psql(self, query, database="postgres"):
        where = ("-h", str(self.root), "-U", "rongdang", "-d", database)
        done = run(binary("psql"), *where, "-v", "ON_ERROR_STOP=1", "-Atc", query)
        return done.stdout.decode().strip()


def copy_of_the_schema(cluster):
    """The test database as it was migrated, without its rows, into the template `empty`."""
    row = connection.settings_dict
    there = ("-h", str(row["HOST"]), "-U", str(row["USER"] or "postgres"), str(row["NAME"]))
    dumped = run(binary("pg_dump"), "--no-owner", *there).stdout
    cluster.psql("CREATE DATABASE empty")
    where = ("-h", str(cluster.root), "-U", "rongdang", "-d", "empty", "-q")
    run(binary("psql"), *where, input=dumped)


@contextmanager
def database_of(row):
    """While it lasts, Django's default database is the one of `row`."""
    before = connections["default"]
    connections["default"] = type(before)(dict(row), "default")
    try:
        yield connections["default"]
    finally:
        connections["default"].close()
        connections["default"] = before
