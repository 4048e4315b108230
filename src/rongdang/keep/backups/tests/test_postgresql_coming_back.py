"""A house whose database is PostgreSQL comes back: whole, to a moment between two copies, drilled."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from rongdang.base.ledger import queries as ledger
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.models import Unit
from rongdang.keep.backups import drilling, restoring
from rongdang.keep.backups.models import Run
from rongdang.keep.backups.postgresql import bringing
from rongdang.keep.backups.restoring import PLACE
from rongdang.keep.backups.tests.clusters import (  # noqa: F401  # fixtures
    bases,
    cluster,
    come_back,
    house,
    usual_house,
)
from rongdang.keep.backups.tests.test_backup import refused, unit
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db


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


def test_a_house_whose_log_is_in_pieces_of_the_usual_length_comes_back(usual_house):
    unit(1)
    usual_house.put(1)
    usual_house.back_up()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_switch_wal()")
        cursor.execute("SELECT setting FROM pg_settings WHERE name = 'wal_segment_size'")
        assert int(cursor.fetchone()[0]) == 16 << 20
    unit(2)
    second = usual_house.back_up().result
    done = usual_house.restore(usual_house.root / "again")
    assert done.objects_read == 1 and done.ledger_size == second["ledger_size"]


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
    unit(5)
    assert (
        house.back_up().result["base"] == Run.objects.filter(kind="backup").first().result["base"]
    )
