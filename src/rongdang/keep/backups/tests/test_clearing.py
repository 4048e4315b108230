"""A destroyed object leaves the targets with the last copy that lists it, and nothing else does."""

import shutil

import pytest
from django.db import connection
from django.utils import timezone

from rongdang.base.ledger import queries as ledger
from rongdang.keep.backups import clearing
from rongdang.keep.backups.models import Part, Unlisted
from rongdang.keep.backups.retention import copies_of, rule
from rongdang.keep.backups.scrubbing import scrub
from rongdang.keep.backups.tests.conftest import flip, some_id
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db
LEAST = rule().least


@pytest.fixture(autouse=True)
def noon(monkeypatch):
    """All copies of a test are of one day: of these only the least that stay, stay."""
    now = timezone.now
    shift = now().replace(hour=4, minute=0) - now()
    monkeypatch.setattr(timezone, "now", lambda: now() + shift)


def backed_up(house, times, target=None):
    return [house.back_up(target) for _ in range(times)]


def there(house, stored):
    return (house.target().root / "objects" / objects.key_of(stored.pk)).exists()


def test_it_goes_with_the_last_copy_that_lists_it_and_the_rest_stays(house):
    gone, *stay = house.put(4)
    first = house.back_up()
    objects.shred(gone, reason="secret-mark")
    assert not house.file(gone).exists()
    second, *later = backed_up(house, LEAST - 1)
    # The first copy is still kept, and brings the object back.
    assert there(house, gone) and Unlisted.objects.get().since == second.copy
    assert house.restore(house.root / "first", copy=first.copy).objects_read == 4
    later.append(house.back_up())
    assert copies_of(house.target())[0] == [second.copy, *(run.copy for run in later)]
    assert not there(house, gone) and all(there(house, one) for one in stay)
    assert not Unlisted.objects.exists() and Part.objects.count() == 3
    told = ledger.detail_of(ledger.entries(event="backup:clear").get())
    assert (told["files"], told["oldest_copy"]) == (1, second.copy)
    assert house.restore(house.root / "last").objects_read == 3
    house.back_up()
    assert ledger.entries(event="backup:clear").count() == 1


def test_an_append_only_target_keeps_it(house):
    gone, _stays = house.put(2)
    target = house.target(append_only=True)
    house.back_up(target)
    objects.shred(gone, reason="secret-mark")
    backed_up(house, LEAST + 1, target)
    assert there(house, gone) and clearing.clear(target) == 0
    # No longer append-only, it goes by the same rule, though no row tells of it yet.
    backed_up(house, LEAST - 1)
    assert there(house, gone)  # copies are kept from before the first that told
    house.back_up()
    assert not there(house, gone)


def test_a_file_that_another_took_the_place_of_goes_too(house, settings):
    house.put(1)
    root = settings.SEALED_ROOT / "abc" / "def" / "012" / "urn%3auuid%3ax"
    (root / "v1").mkdir(parents=True)
    for number in range(LEAST + 2):
        (root / "inventory.json").write_text(f'{{"head": "v{number}"}}')
        run = house.back_up()
    kept = {path.name for path in house.target().root.rglob("inventory.json*")}
    # The first name was free again.
    assert kept == {"inventory.json~3", "inventory.json~4", "inventory.json"}
    into = house.root / "again"
    assert house.restore(into, copy=run.copy).files == 2
    restored = into / "sealed" / root.relative_to(settings.SEALED_ROOT) / "inventory.json"
    assert restored.read_text() == '{"head": "v4"}'


def test_what_this_house_does_not_know_is_left_alone(house):
    gone, *_ = house.put(2)
    house.back_up()
    objects.shred(gone, reason="secret-mark")
    stranger = house.target().root / "objects" / objects.key_of(some_id())
    stranger.parent.mkdir(parents=True, exist_ok=True)
    stranger.write_bytes(b"another house's")
    # A file of ours that no row speaks of any more is known by its object.
    Part.objects.filter(name__endswith=str(gone.pk)).delete()
    backed_up(house, LEAST + 1)
    assert stranger.read_bytes() == b"another house's" and not there(house, gone)


def test_cut_off_between_file_and_row_the_next_run_ends_it(house):
    gone = house.put(3)[0]
    house.back_up()
    objects.shred(gone, reason="secret-mark")
    backed_up(house, LEAST - 1)

    def cut(execute, sql, *more):
        if sql.startswith("DELETE") and Unlisted._meta.db_table in sql:
            raise KeyboardInterrupt
        return execute(sql, *more)

    with connection.execute_wrapper(cut), pytest.raises(KeyboardInterrupt):
        house.back_up()
    assert not there(house, gone) and Unlisted.objects.count() == 1
    house.back_up()
    assert not Unlisted.objects.exists() and house.restore(house.root / "a").objects_read == 2


def test_what_is_wanted_again_is_not_removed(house):
    kept = house.put(2)[0]
    house.back_up()
    key = f"objects/{objects.key_of(kept.pk)}"
    Unlisted.objects.create(target=house.target().place, key=key, since="20200101T000000000000Z")
    house.back_up()
    assert there(house, kept) and not Unlisted.objects.exists()


def test_damaged_files_put_aside_go_with_their_object(house, settings):
    stored = house.put(2)
    settings.SECOND_COPY = str(house.target("second").root)
    shutil.copytree(settings.OBJECT_ROOT, house.target("second").root / "objects")
    for one in stored:
        flip(house.file(one))
    scrub()
    aside = settings.VAR_DIR / "damaged"
    assert len([path for path in aside.rglob("*") if path.is_file()]) == 2
    objects.shred(stored[0], reason="secret-mark")
    scrub()
    assert [path.name for path in aside.rglob("*") if path.is_file()] == [str(stored[1].pk)]
