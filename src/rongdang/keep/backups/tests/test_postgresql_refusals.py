"""What stands in the way of a copy of PostgreSQL is told in words, and nothing half is left."""

import shutil

import pytest
from django.db import connection, connections

from rongdang.base.alarms.models import Alarm
from rongdang.keep.backups.postgresql import tools
from rongdang.keep.backups.tests.clusters import (  # noqa: F401  # fixtures
    bases,
    cluster,
    database_of,
    house,
    put_up,
)
from rongdang.keep.backups.tests.conftest import flip
from rongdang.keep.backups.tests.test_backup import refused

pytestmark = pytest.mark.django_db


def test_a_changed_bit_is_refused_and_leaves_nothing(house, cluster):
    house.put(1)
    house.back_up()
    cluster.psql("SELECT pg_switch_wal()")
    run = house.back_up()
    for pattern in ("base/*/*.age", f"{run.copy}/tail.age", "log/*.age"):
        path = sorted(house.target().root.rglob(pattern))[-1]
        flip(path)
        assert refused(lambda: house.restore(house.root / "again")) == "backup-damaged", pattern
        assert not list((house.root / "again").glob("*"))
        flip(path)  # as it was
    assert house.restore(house.root / "again").objects_read == 1


def test_a_transaction_that_never_ends_is_told_and_no_clerk_is_thrown_out(house, settings):
    settings.BACKUP_WAIT_SECONDS = 1
    house.put(1)
    held = database_of(dict(connection.settings_dict))
    with held as other, other.cursor() as cursor:
        other.set_autocommit(False)
        cursor.execute("UPDATE orgs_unit SET name = name")
        with connections["default"].cursor():
            pass
        code = refused(lambda: backed_up_beside(house, dict(other.settings_dict)))
        cursor.execute("SELECT 1")  # still there
        other.rollback()
        other.set_autocommit(True)
    assert code == "database-busy"
    house.back_up()


def backed_up_beside(house, row):
    with database_of(row):
        return house.back_up()


def test_a_role_that_may_not_replicate_is_told_so(house, cluster):
    cluster.psql("DROP ROLE IF EXISTS plain")
    cluster.psql("CREATE ROLE plain LOGIN")
    cluster.psql("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain", "house")
    cluster.psql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain", "house")
    with database_of({**cluster.row, "USER": "plain"}):
        assert refused(house.back_up) == "postgresql-role"
        assert Alarm.objects.filter(kind="backup-failed").count() == 1
    assert not house.target().sizes("postgresql/")


def test_a_server_without_a_free_slot_is_told_so(house, cluster):
    cluster.psql(
        "SELECT pg_create_physical_replication_slot('s' || n) FROM generate_series(1, 8) n"
    )
    assert refused(house.back_up) == "postgresql-setting"


def test_tools_that_are_not_there_are_told_with_what_to_install(house, settings, tmp_path):
    settings.POSTGRESQL_PROGRAMS = str(tmp_path)
    assert refused(house.back_up) == "postgresql-tools"
    put_up(tmp_path, "pg_basebackup", "exit 1", version=9)  # older than its server
    assert refused(house.back_up) == "postgresql-tools"
    put_up(
        tmp_path, "postgres", "exit 1"
    )  # a server of another version runs no cluster of this one
    code = refused(lambda: tools.program("postgres", version=15, exactly=True))
    assert code == "postgresql-tools"


@pytest.mark.parametrize(
    "said,code",
    [
        ("FATAL:  must be superuser or replication role to start walsender", "postgresql-role"),
        (
            'FATAL:  no pg_hba.conf entry for replication connection from host "[local]"',
            "postgresql-role",
        ),
        ("pg_basebackup: error: could not write: No space left on device", "disk-full"),
        ("pg_basebackup: error: something else", "postgresql-failed"),
    ],
)
def test_what_a_program_says_is_told_in_words(said, code):
    assert refused(lambda: fail(said)) == code


def fail(said):
    raise tools.failed("pg_basebackup", said)


def test_a_base_whose_program_dies_has_no_name(house, settings, tmp_path):
    house.put(1)
    put_up(tmp_path, "pg_basebackup", "head -c 300000 /dev/zero; echo 'FATAL: cut' >&2; exit 1")
    settings.POSTGRESQL_PROGRAMS = str(tmp_path)
    assert refused(house.back_up) == "postgresql-failed"
    settings.POSTGRESQL_PROGRAMS = ""
    assert not bases(house) and not list(house.target().root.rglob("*.tmp"))
    shutil.rmtree(house.target().root)
    assert house.back_up().result["new_parts"] == 1
