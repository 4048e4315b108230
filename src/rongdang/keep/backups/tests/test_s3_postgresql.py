"""A house whose database is PostgreSQL, copied into a bucket and brought back from there."""

import pytest
from django.utils import timezone

from rongdang.base.ledger import queries as ledger
from rongdang.base.orgs.models import Unit
from rongdang.keep.backups import restoring
from rongdang.keep.backups.manifest import MANIFEST
from rongdang.keep.backups.tests.clusters import cluster, come_back, house  # noqa: F401  # fixtures
from rongdang.keep.backups.tests.test_backup import unit
from rongdang.keep.backups.tests.test_s3 import open_bucket, store  # noqa: F401  # fixture
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

pytestmark = pytest.mark.django_db


def test_base_log_and_objects_go_there_and_come_back_to_the_last_row_and_to_a_moment(
    house,
    cluster,
    store,
    settings,  # noqa: F811
):
    url = f"s3://rongdang-copies/postgresql-{house.root.name}"

    def bucket():
        return open_bucket(store, url)

    unit(1)
    stored = house.put(3)
    first = house.back_up(bucket()).result
    unit(2)
    cluster.psql("SELECT pg_switch_wal()")
    between = timezone.now()
    unit(3)
    late = house.put(1)[0]
    second = house.back_up(bucket()).result
    assert second["base"] == first["base"] and second["new_parts"] == 1

    into = house.root / "again"
    done = house.restore(into, target=bucket())
    assert done.objects_read == 4 and not done.left_out
    with come_back(into, settings):
        assert Unit.objects.count() == 3 and ledger.verify().ok
        assert ledger.root_at(done.ledger_size).hex() == done.ledger_root
        assert objects.read(StoredObject.objects.get(pk=stored[0].pk))

    then = house.root / "then"
    told = {"identities": house.identities[:1], "keyring": settings.KEYRING}
    copy = restoring.open_at(bucket(), between, **told)
    restoring.restore(copy, then, keyring=settings.KEYRING, say=len)
    with come_back(then, settings):
        assert Unit.objects.count() == 2 and ledger.verify().ok
        assert not StoredObject.objects.filter(pk=late.pk).exists()


def test_an_interrupted_copy_is_taken_up_where_the_bucket_has_it(house, store):  # noqa: F811
    """The second run finds base and objects there, though the first never finished its list."""
    url = f"s3://rongdang-copies/cut-{house.root.name}"
    house.put(2)
    target = open_bucket(store, url)

    class Cut(type(target)):
        def add(self, key, chunks):
            if key.endswith(MANIFEST):
                raise KeyboardInterrupt
            super().add(key, chunks)

    target.__class__ = Cut
    with pytest.raises(KeyboardInterrupt):
        house.back_up(target)
    held = set(open_bucket(store, url).sizes("objects/"))
    assert len(held) == 2
    done = house.back_up(open_bucket(store, url)).result
    assert done["new_parts"] == 0
    assert house.restore(house.root / "again", target=open_bucket(store, url)).objects_read == 2
