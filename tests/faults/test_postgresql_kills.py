"""`kill -9` while a PostgreSQL house is backed up or restored: nothing half, and the next run ends it."""

import pytest

from rongdang.base.orgs.models import Unit
from rongdang.keep.backups.retention import copies_of
from rongdang.keep.backups.tests.clusters import (  # noqa: F401
    bases,
    cluster,
    come_back,
    house,
)
from rongdang.keep.backups.tests.test_backup import unit
from rongdang.keep.objects.queries import verify_objects

from .kills import counted, died, spread

LEAST = 3  # of four: how many steps the server's bytes make differs a little each time
BETWEEN = 2  # kills between the first step and the last: each costs a base, or a replay
pytestmark = pytest.mark.django_db


def test_backing_up(house, cluster):  # noqa: F811
    house.put(3, 2000)
    house.back_up()
    unit(1)
    house.put(2, 2500)
    total = counted(house.root, house.back_up, house.root / "total")
    deaths = 0
    for number in spread(total, BETWEEN):
        unit(number + 1)
        cluster.psql("SELECT pg_switch_wal()")
        house.put(1, 1500)
        deaths += died(house.root, number, house.back_up)
        finished = copies_of(house.target())[0]
        assert finished  # the rule of retention may have let the oldest go
    assert deaths >= LEAST
    done = house.back_up().result
    assert done["parts"] == 5 + len(spread(total, BETWEEN)) and len(bases(house)) == 1
    restored = house.restore(house.root / "again")
    assert restored.objects_read == done["parts"]


def test_a_base_cut_off_anywhere_is_taken_anew_or_taken_up(house):  # noqa: F811
    house.put(1, 2000)
    total = counted(
        house.root, lambda: house.back_up(house.target("counted")), house.root / "total"
    )
    deaths = 0
    for number in spread(total, BETWEEN):
        target = house.target(f"target-{number}")
        deaths += died(house.root, number, lambda there=target: house.back_up(there))
        house.back_up(target)
        assert house.restore(house.root / f"r{number}", target=target).objects_read == 1
    assert deaths >= LEAST


def test_restoring(house, settings):  # noqa: F811
    unit(1)
    house.put(3, 2000)
    house.back_up()
    for name in ("count", "dead"):
        (house.root / name).mkdir()
    count = house.root / "count"
    total = counted(count, lambda: house.restore(count / "house"), house.root / "total")
    deaths = 0
    for number in spread(total, BETWEEN):
        into = house.root / "dead" / str(number)
        deaths += died(into.parent, number, lambda there=into: house.restore(there))
        if not (into / "postgresql").exists() or (into / ".restoring").exists():
            assert house.restore(into).objects_read == 3
        with come_back(into, settings):
            assert Unit.objects.count() == 1 and list(verify_objects()) == []
    assert deaths >= LEAST
