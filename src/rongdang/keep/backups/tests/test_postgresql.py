"""A house whose database is PostgreSQL: copied in use, brought back, to a moment between, drilled."""

import shutil
import threading
from datetime import timedelta

import pytest
from django.db import connection, connections
from django.utils import timezone

from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger import queries as ledger
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.models import Unit
from rongdang.keep.backups import drilling, restoring
from rongdang.keep.backups.models import Part, Run
from rongdang.keep.backups.postgresql import bringing, tools
from rongdang.keep.backups.postgresql.serving import serving
from rongdang.keep.backups.postgresql.thinning import thin
from rongdang.keep.backups.restoring import PLACE
from rongdang.keep.backups.retention import copies_of
from rongdang.keep.backups.tests.clusters import Cluster, copy_of_the_schema, database_of
from rongdang.keep.backups.tests.conftest import House, flip
from rongdang.keep.backups.tests.test_backup import refused, unit
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def cluster(django_db_setup, django_db_blocker):
    if connection.vendor != "postgresql":
        pytest.skip("tests of PostgreSQL run in the round of PostgreSQL")
    with django_db_blocker.unblock():
        made = Cluster("max_replication_slots=8")
        try:
            copy_of_the_schema(made)
            yield made
        finally:
            made.remove()


@pytest.fixture
def house(cluster, django_db_blocker, tmp_path, settings):
    root = tmp_path / "house"
    root.mkdir()
    tmp_path.chmod(0o711)  # the account that runs a cluster passes through
    settings.VAR_DIR = root
    settings.OBJECT_ROOT, settings.SEALED_ROOT = root / "objects", root / "sealed"
    settings.PARITY_ROOT, settings.SECOND_COPY = root / "parity", ""
    cluster.psql("DROP DATABASE IF EXISTS house")
    cluster.psql("CREATE DATABASE house TEMPLATE empty")
    with django_db_blocker.unblock(), database_of(cluster.row):
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


def test_what_comes_back_is_the_house_to_the_last_row(house, settings):
    unit(1)
    stored = house.put(4)
    size, root = ledger.size(), ledger.root_at()
    house.back_up()
    unit(2)  # after the copy
    into = house.root / "again"
    done = house.restore(into)
    assert done.objects_read == len(stored) and not done.left_out
    assert sorted(path.name for path in into.iterdir()) == ["objects", "postgresql"]
    with come_back(into, settings):
        assert ledger.root_at(size) == root and ledger.verify().ok
        assert ledger.root_at().hex() == done.ledger_root
        assert list(Unit.objects.values_list("code", flat=True)) == ["990001"]
        assert list(verify_objects()) == []
        unit(3)  # it is a house one can work in


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


def test_a_moment_between_two_copies_comes_back(house, settings):
    unit(1)
    house.put(2)
    house.back_up()
    unit(2)
    kept = house.put(1)[0]
    between = timezone.now()
    unit(3)
    late = house.put(1)[0]
    house.back_up()
    into, who = house.root / "then", {"identities": house.identities[:1]}
    copy = restoring.open_at(house.target(), between, keyring=settings.KEYRING, **who)
    done = restoring.restore(copy, into, keyring=settings.KEYRING, say=len)
    assert done.objects_read == 3 and not done.left_out
    with come_back(into, settings):
        assert sorted(Unit.objects.values_list("code", flat=True)) == ["990001", "990002"]
        assert ledger.verify().ok and ledger.size() == done.ledger_size
        assert objects.read(StoredObject.objects.get(pk=kept.pk))
        assert not StoredObject.objects.filter(pk=late.pk).exists()
    for moment in (between - timedelta(days=1), between + timedelta(days=1)):
        again = {"keyring": settings.KEYRING, **who}
        code = refused(lambda at=moment: restoring.open_at(house.target(), at, **again))
        assert code == "moment"


def test_a_moment_before_a_newer_base_comes_back_from_the_base_before(house, cluster, settings):
    house.put(1)
    house.back_up()
    unit(1)
    between = timezone.now()
    unit(2)
    cluster.psql("SELECT pg_switch_wal()")
    settings.BACKUP_BASE_DAYS = 0
    house.back_up()
    copy = restoring.open_at(
        house.target(), between, identities=house.identities[1:], keyring=settings.KEYRING
    )
    restoring.restore(copy, house.root / "then", keyring=settings.KEYRING, say=len)
    with come_back(house.root / "then", settings):
        assert list(Unit.objects.values_list("code", flat=True)) == ["990001"]


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


@pytest.mark.parametrize("what", ["base", "tail", "log"])
def test_a_changed_bit_is_refused_and_leaves_nothing(house, cluster, what):
    house.put(1)
    house.back_up()
    cluster.psql("SELECT pg_switch_wal()")
    run = house.back_up()
    pattern = {"base": "base/*/*.age", "tail": f"{run.copy}/tail.age", "log": "log/*.age"}[what]
    flip(sorted(house.target().root.rglob(pattern))[-1])
    assert refused(lambda: house.restore(house.root / "again")) == "backup-damaged"
    assert not list((house.root / "again").glob("*"))


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
    stop, made = threading.Event(), []
    row = dict(connection.settings_dict)

    def write():
        number = 10
        with database_of(row):
            while not stop.is_set():
                made.append(unit(number))
                made.append(objects.put(f"{number}".encode() * 4000))
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        runs = [house.back_up() for _ in range(2)]
    finally:
        stop.set()
        writer.join()
    assert len(made) > 4
    for number, run in enumerate(runs):
        done = house.restore(house.root / f"r{number}", copy=run.copy)
        assert done.ledger_size == run.result["ledger_size"] and not done.left_out


def test_a_transaction_that_never_ends_is_told_and_no_clerk_is_thrown_out(house, monkeypatch):
    from rongdang.keep.backups.postgresql import moment

    monkeypatch.setattr(moment, "TRIES", 2)
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


def test_a_backup_that_was_cut_off_is_taken_up_behind_its_base(house, monkeypatch):
    from rongdang.keep.backups.postgresql import taking

    house.put(1)

    def stop(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(taking, "_receive", stop)
        with pytest.raises(KeyboardInterrupt):
            house.back_up()
    assert refused(lambda: house.restore(house.root / "a")) in ("half-copy", "no-copy")
    house.back_up()
    assert len(bases(house)) == 1
    assert house.restore(house.root / "a").objects_read == 1


def test_a_restore_that_was_cut_off_does_not_replay_again(house):
    house.put(60, 600)
    house.back_up()
    into = house.root / "again"

    def stop(_text):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.restore(into, say=stop)
    assert not (into / bringing.CLUSTER).exists()
    label = into / PLACE / bringing.CLUSTER / "PG_VERSION"
    before = label.stat().st_mtime_ns
    assert house.restore(into).objects_read == 60
    assert (into / bringing.CLUSTER / "PG_VERSION").stat().st_mtime_ns == before


def test_a_drill_stands_alone_and_leaves_nothing(house, cluster):
    house.put(2)
    house.back_up()
    slots = cluster.psql("SELECT count(*) FROM pg_replication_slots")
    run = drilling.drill(house.target(), recipients=house.recipients, say=len)
    assert run.state == "done" and run.result["files"] == 2 and not run.result["offline_key"]
    assert Entry.objects.filter(event="drill:finish", subject_id=str(run.pk)).exists()
    assert cluster.psql("SELECT count(*) FROM pg_replication_slots") == slots
    assert not list(house.settings.VAR_DIR.glob("drill-*")) and len(bases(house)) == 1
    again = drilling.drill(
        house.target(), recipients=house.recipients, identities=house.identities[:1], say=len
    )
    assert again.result["offline_key"]
    unit(5)
    assert (
        house.back_up().result["base"] == Run.objects.filter(kind="backup").first().result["base"]
    )


def test_a_role_that_may_not_replicate_is_told_so(house, cluster):
    cluster.psql("DROP ROLE IF EXISTS plain")
    cluster.psql("CREATE ROLE plain LOGIN")
    cluster.psql("GRANT ALL ON ALL TABLES IN SCHEMA public TO plain", "house")
    cluster.psql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO plain", "house")
    with database_of({**cluster.row, "USER": "plain"}):
        assert refused(house.back_up) == "postgresql-role"
        assert Alarm.objects.filter(kind="backup-failed").count() == 1
    assert not house.target().sizes("postgresql/")


def test_a_role_that_owns_nothing_else_and_may_replicate_is_enough(house, cluster):
    cluster.psql("DROP ROLE IF EXISTS keeper")
    cluster.psql("CREATE ROLE keeper LOGIN REPLICATION")
    cluster.psql("GRANT ALL ON ALL TABLES IN SCHEMA public TO keeper", "house")
    cluster.psql("GRANT ALL ON ALL SEQUENCES IN SCHEMA public TO keeper", "house")
    with database_of({**cluster.row, "USER": "keeper"}):
        house.put(1)
        house.back_up()
        assert house.restore(house.root / "again").objects_read == 1


def test_a_server_without_a_free_slot_is_told_so(house, cluster):
    cluster.psql(
        "SELECT pg_create_physical_replication_slot('s' || n) FROM generate_series(1, 8) n"
    )
    assert refused(house.back_up) == "postgresql-setting"


def test_tools_that_are_not_there_are_told_with_what_to_install(house, monkeypatch, tmp_path):
    with monkeypatch.context() as bare:
        bare.setattr(tools, "HOMES", ())
        bare.setenv("PATH", str(tmp_path))
        assert refused(house.back_up) == "postgresql-tools"
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


def test_a_base_whose_program_dies_has_no_name(house, monkeypatch, tmp_path):
    liar = tmp_path / "pg_basebackup"
    liar.write_text("#!/bin/sh\nhead -c 300000 /dev/zero; echo 'FATAL: cut' >&2; exit 1\n")
    liar.chmod(0o755)
    real = tools.program

    def program(name, **options):
        return str(liar) if name == "pg_basebackup" else real(name, **options)

    house.put(1)
    with monkeypatch.context() as broken:
        broken.setattr(tools, "program", program)
        assert refused(house.back_up) == "postgresql-failed"
    assert not bases(house) and not list(house.target().root.rglob("*.tmp"))
    shutil.rmtree(house.target().root)
    assert house.back_up().result["new_parts"] == 1


def test_bases_and_log_that_no_copy_needs_go_and_what_stays_comes_back(house, cluster, settings):
    settings.BACKUP_BASE_DAYS = 0
    house.put(1)
    for number in range(5):
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
