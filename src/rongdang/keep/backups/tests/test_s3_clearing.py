"""A destroyed object leaves a bucket too, by the same rule as a folder; an append-only one keeps it."""

import pytest

from rongdang.base.ledger import queries as ledger
from rongdang.keep.backups.models import Unlisted
from rongdang.keep.backups.tests.test_clearing import LEAST, noon  # noqa: F401  # fixture
from rongdang.keep.backups.tests.test_s3 import open_bucket, store  # noqa: F401  # fixture
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db


def key(stored):
    return f"objects/{objects.key_of(stored.pk)}"


def test_it_leaves_the_bucket_with_the_last_copy_that_lists_it(house, store):  # noqa: F811
    url = f"s3://rongdang-copies/clearing-{house.root.name}"
    gone, *stay = house.put(3)

    def bucket(**options):
        return open_bucket(store, url, **{"append_only": False, **options})

    first = house.back_up(bucket())
    objects.shred(gone, reason="secret-mark")
    for _ in range(LEAST - 1):
        house.back_up(bucket())
    # The first copy is still kept, and brings the object back.
    assert key(gone) in bucket().sizes("objects/") and Unlisted.objects.exists()
    done = house.restore(house.root / "first", target=bucket(), copy=first.copy)
    assert done.objects_read == 3
    house.back_up(bucket(append_only=True))  # as append-only it lets nothing go
    assert key(gone) in bucket().sizes("objects/")
    house.back_up(bucket())
    assert set(bucket().sizes("objects/")) == {key(one) for one in stay}
    assert not Unlisted.objects.exists()
    told = ledger.detail_of(ledger.entries(event="backup:clear").get())
    assert told["files"] == 1 and told["target"] == url
    assert house.restore(house.root / "last", target=bucket()).objects_read == 2


def test_a_key_is_never_written_twice_however_long_the_file_is(store):  # noqa: F811
    from rongdang.base.errors import DomainError
    from rongdang.keep.backups.targets.s3 import AT_ONCE

    target = open_bucket(store, "s3://rongdang-copies/twice")
    piece = b"first" * 200_000
    count = AT_ONCE // len(piece) + 2
    target.add("copies/x/database.age", (piece for _ in range(count)))
    target.flush()
    with pytest.raises(DomainError) as told:
        target.add("copies/x/database.age", (b"other" * 200_000 for _ in range(count)))
        target.flush()
    assert told.value.code == "exists"
    with target.open("copies/x/database.age") as file:
        assert file.read(5) == b"first"
