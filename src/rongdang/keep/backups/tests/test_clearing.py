"""A destroyed object leaves the targets with the last copy that lists it, and nothing else does."""

import shutil

import pytest

from rongdang.base.ledger import queries as ledger
from rongdang.keep.backups import clearing, retention
from rongdang.keep.backups.models import Part, Unlisted
from rongdang.keep.backups.retention import Rule, copies_of
from rongdang.keep.backups.scrubbing import scrub
from rongdang.keep.backups.tests.conftest import flip, some_id
from rongdang.keep.objects import services as objects

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def two_copies_stay(monkeypatch):
    rule = Rule(daily=1, weekly=1, monthly=1, least=2, unfinished_days=2)
    monkeypatch.setattr(retention, "rule", lambda: rule)


def there(house, stored):
    return (house.target().root / "objects" / objects.key_of(stored.pk)).exists()


def test_it_goes_with_the_last_copy_that_lists_it_and_the_rest_stays(house):
    gone, *stay = house.put(4)
    first = house.back_up()
    objects.shred(gone, reason="secret-mark")
    assert not house.file(gone).exists()
    second = house.back_up()
    # The first copy is still kept, and brings the object back.
    assert there(house, gone) and Unlisted.objects.get().since == second.copy
    assert house.restore(house.root / "first", copy=first.copy).objects_read == 4
    third = house.back_up()
    assert copies_of(house.target())[0] == [second.copy, third.copy]
    assert not there(house, gone) and all(there(house, one) for one in stay)
    assert not Unlisted.objects.exists() and Part.objects.count() == 3
    told = ledger.detail_of(ledger.entries(event="backup:clear").get())
    assert (told["files"], told["oldest_copy"]) == (1, second.copy)
    assert house.restore(house.root / "third").objects_read == 3
    house.back_up()
    assert ledger.entries(event="backup:clear").count() == 1


def test_an_append_only_target_keeps_it(house):
    gone, _stays = house.put(2)
    target = house.target(append_only=True)
    house.back_up(target)
    objects.shred(gone, reason="secret-mark")
    for _ in range(3):
        house.back_up(target)
    assert there(house, gone) and clearing.clear(target) == 0
    # No longer append-only, it goes by the same rule, though no row tells of it yet.
    house.back_up()
    assert there(house, gone)  # the copy before this one lists it
    house.back_up()
    assert not there(house, gone)


def test_a_file_that_another_took_the_place_of_goes_too(house, settings):
    house.put(1)
    root = settings.SEALED_ROOT / "abc" / "def" / "012" / "urn%3auuid%3ax"
    (root / "v1").mkdir(parents=True)
    for number in range(4):
        (root / "inventory.json").write_text(f'{{"head": "v{number}"}}')
        run = house.back_up()
    kept = {path.name for path in house.target().root.rglob("inventory.json*")}
    assert kept == {"inventory.json~3", "inventory.json"}  # the first name was free again
    into = house.root / "again"
    assert house.restore(into, copy=run.copy).files == 2
    restored = into / "sealed" / root.relative_to(settings.SEALED_ROOT) / "inventory.json"
    assert restored.read_text() == '{"head": "v3"}'


def test_what_this_house_does_not_know_is_left_alone(house):
    gone, *_ = house.put(2)
    house.back_up()
    objects.shred(gone, reason="secret-mark")
    stranger = house.target().root / "objects" / objects.key_of(some_id())
    stranger.parent.mkdir(parents=True, exist_ok=True)
    stranger.write_bytes(b"another house's")
    # A file of ours that no row speaks of any more is known by its object.
    Part.objects.filter(name__endswith=str(gone.pk)).delete()
    for _ in range(4):
        house.back_up()
    assert stranger.read_bytes() == b"another house's" and not there(house, gone)


def test_cut_off_between_file_and_row_the_next_run_ends_it(house, monkeypatch):
    gone = house.put(3)[0]
    house.back_up()
    objects.shred(gone, reason="secret-mark")
    with monkeypatch.context() as broken:
        broken.setattr(clearing, "clear", lambda _target: 0)
        for _ in range(3):
            house.back_up()
    target = house.target()
    target.remove(f"objects/{objects.key_of(gone.pk)}")
    assert Unlisted.objects.count() == 1 and clearing.clear(target) == 1
    assert not Unlisted.objects.exists()


def test_what_is_wanted_again_is_not_removed(house, monkeypatch):
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
