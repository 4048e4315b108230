"""The encrypted database: Django works on it, and the disk tells nothing."""

import datetime
from decimal import Decimal

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError

from rongdang.base.sqlcipher.base import DatabaseWrapper

KEY = "ab" * 32


@pytest.fixture(autouse=True)
def own_files_only(django_db_blocker):
    """These tests open databases of their own, in their own folder."""
    with django_db_blocker.unblock():
        yield


def opened(path, key=KEY):
    return DatabaseWrapper(
        {
            "NAME": str(path),
            "OPTIONS": {
                "key": key,
                "transaction_mode": "IMMEDIATE",
                "init_command": "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL",
            },
            "AUTOCOMMIT": True,
            "ATOMIC_REQUESTS": False,
            "CONN_MAX_AGE": 0,
            "CONN_HEALTH_CHECKS": False,
            "TIME_ZONE": None,
            "TEST": {"NAME": None},
        },
        alias="probe",
    )


def test_nothing_readable_on_disk_and_the_right_key_reads_it(tmp_path):
    path = tmp_path / "a.db"
    database = opened(path, key=lambda: KEY)
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE person (name varchar(20), born date, pay decimal)")
        cursor.execute("CREATE VIRTUAL TABLE words USING fts5(text)")
        rows = [("张三丰无此人", datetime.date(1930, 1, 2), Decimal("1.50"))]
        cursor.executemany("INSERT INTO person VALUES (%s, %s, %s)", rows)
        cursor.execute("INSERT INTO words VALUES (%(text)s)", {"text": "张三 三丰"})
        cursor.execute("SELECT born FROM person WHERE name LIKE '张%%' AND 1 = %s", [1])
        assert cursor.fetchone() == (datetime.date(1930, 1, 2),)
        cursor.execute("SELECT count(*) FROM words WHERE words MATCH %s", ["三丰"])
        assert cursor.fetchone() == (1,)
        cursor.execute("PRAGMA journal_mode")
        assert cursor.fetchone() == ("wal",)
        cursor.execute("PRAGMA synchronous")
        assert cursor.fetchone() == (2,)
    files = [file for file in tmp_path.iterdir() if file.is_file()]
    assert any(file.name.endswith("-wal") for file in files)
    for file in files:
        assert "张三丰".encode() not in file.read_bytes()
        assert b"SQLite format 3" not in file.read_bytes()[:16]
    database.close()
    again = opened(path)
    with again.cursor() as cursor:
        cursor.execute("SELECT name FROM person")
        assert cursor.fetchone() == ("张三丰无此人",)
    again.close()


def test_another_key_is_refused_in_words(tmp_path):
    path = tmp_path / "a.db"
    database = opened(path)
    with database.cursor() as cursor:
        cursor.execute("CREATE TABLE a (b)")
    database.close()
    before = path.read_bytes()
    with pytest.raises(DatabaseError, match="密钥"):
        opened(path, key="cd" * 32).ensure_connection()
    assert path.read_bytes() == before


@pytest.mark.parametrize("key", ["", "ab", "x'" + "0" * 62, "AB" * 32])
def test_a_key_that_is_not_a_raw_key_stops_the_start(tmp_path, key):
    with pytest.raises(ImproperlyConfigured):
        opened(tmp_path / "a.db", key=key).ensure_connection()
