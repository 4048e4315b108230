"""A house whose database is PostgreSQL, copied in use: base, log, what is shared and what goes."""

import pytest
from django.db import connection

from rongdang.base.ledger import queries as ledger
from rongdang.base.orgs.models import Unit
from rongdang.keep.backups.models import Part, Run
from rongdang.keep.backups.postgresql.thinning import thin
from rongdang.keep.backups.retention import copies_of
from rongdang.keep.backups.tests.clusters import (  # noqa: F401  # fixtures
    bases,
    cluster,
    come_back,
    database_of,
    house,
    log_of,
    put_up,
)
from rongdang.keep.backups.tests.conftest import House
from rongdang.keep.backups.tests.test_backup import copies_made_while_others_write, refused, unit

pytestmark = pytest.mark.django_db


def test_nothing_readable_lies_in_the_target_or_stays_beside_it(house):
    unit(7)
    house.put(1)
    house.back_up()
    held = b"".join(path.read_bytes() for path in house.target().root.rglob("*") if path.is_file())
    assert "第7所".encode() not in held and b"backup_label" not in held
    work = house.settings.VAR_DIR / "backup-work"
    assert not [path for path in work.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_base_is_taken_once_a_week_and_only_what_is_new_is_copied(house, settings):
    house.put(3)
    first = house.back_up().result
    house.put(1)
    second = house.back_up().result
    assert second["base"] == first["base"] and len(bases(house)) == 1
    assert (second["parts"], second["new_parts"]) == (4, 1)
    assert second["new_database_bytes"] < first["new_database_bytes"] / 3
    settings.BACKUP_BASE_DAYS = 0
    assert house.back_up().result["base"] != first["base"]
    assert house.restore(house.root / "again").objects_read == 4


def test_whole_pieces_of_the_log_are_shared_by_later_copies(house, cluster, settings):
    house.put(1)
    house.back_up()
    for number in range(3):
        unit(number + 1)
        cluster.psql("SELECT pg_switch_wal()")
    house.back_up()
    pieces = log_of(house)
    assert pieces >= 3
    unit(9)
    house.back_up()
    assert log_of(house) == pieces
    into = house.root / "again"
    house.restore(into)
    with come_back(into, settings):
        assert Unit.objects.count() == 4 and ledger.verify().ok


def test_a_gap_in_the_log_means_a_new_base(house, cluster):
    house.put(1)
    house.back_up()
    slot = cluster.psql("SELECT slot_name FROM pg_replication_slots")
    cluster.psql(f"SELECT pg_drop_replication_slot('{slot}')")
    cluster.psql("SELECT pg_switch_wal()")
    unit(1)
    cluster.psql("SELECT pg_switch_wal(); CHECKPOINT")
    unit(2)
    cluster.psql("SELECT pg_switch_wal(); CHECKPOINT")
    house.back_up()
    assert len(bases(house)) == 2
    assert house.restore(house.root / "again").objects_read == 1


def test_a_piece_lost_in_the_target_means_a_new_base_and_is_refused_before_anything_is_written(
    house, cluster
):
    house.put(1)
    house.back_up()
    for number in range(3):
        unit(number + 1)
        cluster.psql("SELECT pg_switch_wal()")
    second = house.back_up()
    lost = Part.objects.filter(name__contains="/log/").order_by("name").first()
    (house.target().root / lost.key).unlink()
    assert refused(lambda: house.restore(house.root / "a", copy=second.copy)) == "backup-damaged"
    assert not (house.root / "a").exists()
    unit(4)
    house.back_up()
    assert len(bases(house)) == 2 and house.restore(house.root / "b").objects_read == 1


def test_other_recipients_mean_a_base_of_their_own(house):
    house.put(1)
    house.back_up()
    fresh = House(house.root, house.settings)
    fresh.back_up()
    assert len(bases(house)) == 2
    assert fresh.restore(house.root / "a").objects_read == 1
    assert refused(lambda: house.restore(house.root / "b")) == "wrong-key"


def test_copies_agree_with_their_objects_while_others_write(house):
    house.put(2)
    copies_made_while_others_write(house, database_of(dict(connection.settings_dict)), 2)


def test_a_backup_that_was_cut_off_is_taken_up_behind_its_base(house, settings, tmp_path):
    house.put(1)
    put_up(tmp_path, "pg_basebackup", 'exec "$REAL/pg_basebackup" "$@"')
    put_up(tmp_path, "pg_receivewal", "echo 'FATAL: cut' >&2; exit 1")
    settings.POSTGRESQL_PROGRAMS = str(tmp_path)
    assert refused(house.back_up) == "postgresql-failed"
    settings.POSTGRESQL_PROGRAMS = ""
    assert refused(lambda: house.restore(house.root / "a")) in ("half-copy", "no-copy")
    held = bases(house)
    house.back_up()
    assert len(held) == 1 and bases(house) == held
    assert house.restore(house.root / "a").objects_read == 1


def test_a_role_that_owns_nothing_else_and_may_replicate_is_enough(house, cluster):
    cluster.psql("DROP ROLE IF EXISTS keeper")
    cluster.psql("CREATE ROLE keeper LOGIN REPLICATION")
    cluster.psql("GRANT ALL ON ALL TABLES IN SCHEMA public TO keeper", "house")
    cluster.psql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO keeper", "house")
    with database_of({**cluster.row, "USER": "keeper"}):
        house.put(1)
        house.back_up()
        assert house.restore(house.root / "again").objects_read == 1


def test_bases_and_log_that_no_copy_needs_go_and_what_stays_comes_back(house, cluster, settings):
    settings.BACKUP_BASE_DAYS = 0
    house.put(1)
    for number in range(4):
        unit(number + 1)
        cluster.psql("SELECT pg_switch_wal()")
        house.back_up()
    target = house.target()
    copies = copies_of(target)[0]
    assert len(copies) == len(bases(house)) == 3  # the least that stay
    begins = sorted(path.parent.name for path in bases(house))
    pieces = sorted(
        key.rsplit("/", 1)[-1][:24] for key in target.sizes("postgresql/") if "/log/" in key
    )
    assert pieces[0] >= begins[0]
    assert house.restore(house.root / "oldest", copy=copies[0]).objects_read == 1
    Run.objects.filter(copy=copies[0]).delete()
    settings.BACKUP_BASE_DAYS = 7
    assert thin(target) == []  # a copy nothing is known of
    assert thin(house.target(append_only=True)) == []
