"""A PostgreSQL cluster of a test's own, on a socket; and a house whose database lies in it."""

import os
import shutil
import subprocess
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.db import connection, connections

from rongdang.keep.backups.models import Part
from rongdang.keep.backups.postgresql import bringing
from rongdang.keep.backups.postgresql.serving import serving
from rongdang.keep.backups.tests.conftest import House

AS = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def binary(name):
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
    return str(folders[-1] / name)


def run(*command, **options):
    return subprocess.run([*AS, *command], check=True, capture_output=True, cwd="/", **options)


class Cluster:
    """Started in the constructor; `row` is what Django needs to find its database `house`."""

    def __init__(self, *settings, segment_mb=16):
        self.root = Path(tempfile.mkdtemp(prefix="rongdang-cluster-"))
        if AS:
            shutil.chown(self.root, "postgres", "postgres")
        self.data = self.root / "data"
        flags = ("-U", "rongdang", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "-N")
        flags += (f"--wal-segsize={segment_mb}",)
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


@pytest.fixture(scope="session")
def cluster(django_db_setup, django_db_blocker):
    """One for all tests of a worker: each house has a database of its own in it.

    Its log is in small pieces, each of which is encrypted and brought back: they cost by their length.
    """
    with django_db_blocker.unblock(), _running(segment_mb=1) as made:
        yield made


@pytest.fixture
def usual_house(django_db_setup, django_db_blocker, tmp_path, settings):
    """In a cluster as `initdb` makes it: pieces of 16 MB."""
    with (
        django_db_blocker.unblock(),
        _running() as made,
        _house_in(made, tmp_path, settings) as one,
    ):
        yield one


@pytest.fixture
def house(cluster, django_db_blocker, tmp_path, settings):
    with django_db_blocker.unblock(), _house_in(cluster, tmp_path, settings) as one:
        yield one


@contextmanager
def _running(**more):
    if connection.vendor != "postgresql":
        pytest.skip("tests of PostgreSQL run in the round of PostgreSQL")
    made = Cluster("max_replication_slots=8", **more)
    try:
        copy_of_the_schema(made)
        yield made
    finally:
        made.remove()


@contextmanager
def _house_in(cluster, tmp_path, settings):
    root = tmp_path / "house"
    root.mkdir()
    tmp_path.chmod(0o711)  # the account that runs a cluster passes through
    settings.VAR_DIR = root
    settings.OBJECT_ROOT, settings.SEALED_ROOT = root / "objects", root / "sealed"
    settings.PARITY_ROOT, settings.SECOND_COPY = root / "parity", ""
    cluster.psql("DROP DATABASE IF EXISTS house")
    cluster.psql("CREATE DATABASE house TEMPLATE empty")
    with database_of(cluster.row):
        yield House(tmp_path, settings)
    cluster.psql("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots")


class come_back:
    """The house in `into`, its cluster running and Django's default database in it."""

    def __init__(self, into, settings):
        self.into, self.settings = into, settings

    def __enter__(self):
        self.before = self.settings.OBJECT_ROOT, self.settings.SEALED_ROOT
        self.settings.OBJECT_ROOT = self.into / "objects"
        self.settings.SEALED_ROOT = self.into / "sealed"
        told = {"version": connection.pg_version // 10_000, "name": "house", "user": "rongdang"}
        self.server = serving(self.into / bringing.CLUSTER, told)
        row = dict(connections[self.server.__enter__()].settings_dict)
        self.database = database_of(row)
        self.database.__enter__()

    def __exit__(self, *told):
        self.database.__exit__(*told)
        self.server.__exit__(*told)
        self.settings.OBJECT_ROOT, self.settings.SEALED_ROOT = self.before


def log_of(house):
    return Part.objects.filter(name__contains="/log/").count()


def bases(house):
    return [path for path in house.target().root.rglob("postgresql/*/base/*/*") if path.is_file()]


def put_up(folder, name, does, version=99):
    """A program of that name in the folder, which tells a version and `does` this; $REAL: Debian's."""
    path = folder / name
    told = f'[ "$1" = --version ] && echo "{name} (PostgreSQL) {version}.1" && exit 0'
    real = Path(binary(name)).parent
    path.write_text(f"#!/bin/sh\n{told}\nREAL={real}\n{does}\n")
    path.chmod(0o755)
