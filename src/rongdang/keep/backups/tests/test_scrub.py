"""Every seeded damage is found, mended where a copy or the parity allows it; a clean store is silent."""

import os
import random
import shutil
from collections import Counter

import pytest
from django.db import connection

from rongdang.base.alarms.models import Alarm
from rongdang.base.errors import DomainError
from rongdang.keep.backups.models import KeptFile, ParityGroup, Run
from rongdang.keep.backups.protecting import block_path
from rongdang.keep.backups.scrubbing import Pace, scrub, text_of
from rongdang.keep.backups.tests.conftest import flip, some_id
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.packages.ocfl.inventory import VersionNote
from rongdang.keep.packages.sealed import Contents, SealedStore

pytestmark = pytest.mark.django_db


def codes(run):
    return Counter((one["code"], one["mended"]) for one in run.result["findings"])


def seal(settings, count=2, versions=2):
    store = SealedStore(settings.SEALED_ROOT, settings.KEYRING)
    from django.utils import timezone

    for number in range(count):
        for version in range(versions):
            note = VersionNote(
                created=timezone.now(), message="v", name="Rongdang", address="urn:x"
            )
            contents = Contents(
                f"urn:uuid:{number:08d}", {"n": version}, "目录" * 500 + str(version)
            )
            store.stage(contents, note).install()
    return store


def damage(path, how, other=None):
    if how == "xor":
        flip(path)
    elif how == "truncation":
        path.write_bytes(path.read_bytes()[:-100])
    elif how == "chunk-edge":
        path.write_bytes(path.read_bytes()[: 65_536 + 16])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "missing":
        path.unlink()
    elif how == "swap":
        mine, theirs = path.read_bytes(), other.read_bytes()
        path.write_bytes(theirs)
        other.write_bytes(mine)


HOWS = ["xor", "truncation", "chunk-edge", "empty", "missing", "swap"]


def test_a_clean_house_raises_no_alarm_however_often_it_is_read(house, settings):
    house.put(23, 3000)
    seal(settings)
    for _ in range(3):
        run = scrub()
        assert run.result["findings"] == [] and run.result["complete"]
        assert "没有发现问题" in text_of(run)
    assert not Alarm.objects.exists()
    assert KeptFile.objects.filter(group=None).count() < 2
    assert run.result["files"] == 23 + KeptFile.objects.filter(name__startswith="sealed/").count()


@pytest.mark.parametrize("how", HOWS)
def test_a_damaged_object_is_found_and_made_whole_from_the_second_copy(house, settings, how):
    stored = house.put(4, 90_000)
    house.back_up()
    settings.SECOND_COPY = str(house.target().root)
    whole = {one.pk: house.file(one).read_bytes() for one in stored}
    damage(house.file(stored[0]), how, house.file(stored[1]))
    run = scrub()
    found = {"missing": "missing"}.get(how, "damaged")
    assert codes(run) == {(found, "copy"): 2 if how == "swap" else 1}
    assert {one.pk: house.file(one).read_bytes() for one in stored} == whole
    kind = "object-missing" if how == "missing" else "object-damaged"
    assert {(a.kind, a.severity) for a in Alarm.objects.all()} == {(kind, "warning")}
    assert len(list((settings.VAR_DIR / "damaged").rglob("*-*-*-*-*"))) == sum(
        one["code"] == "damaged" for one in run.result["findings"]
    )
    assert codes(scrub()) == {}


@pytest.mark.parametrize("how", HOWS)
def test_a_damaged_object_is_made_whole_from_parity_alone(house, how):
    stored = house.put(21, 66_000)
    scrub()
    whole = {one.pk: house.file(one).read_bytes() for one in stored}
    damage(house.file(stored[0]), how, house.file(stored[1]))
    run = scrub()
    assert codes(run) == {
        ("missing" if how == "missing" else "damaged", "parity"): 2 if how == "swap" else 1
    }
    assert {one.pk: house.file(one).read_bytes() for one in stored} == whole


def test_two_lost_files_of_a_group_come_back_and_three_are_told(house):
    stored = house.put(20, 5000)
    scrub()
    assert ParityGroup.objects.count() == 1
    whole = {one.pk: house.file(one).read_bytes() for one in stored}
    for one in stored[3:5]:
        house.file(one).unlink()
    assert codes(scrub()) == {("missing", "parity"): 2}
    assert {one.pk: house.file(one).read_bytes() for one in stored} == whole
    for one in stored[3:6]:
        flip(house.file(one))
    assert codes(scrub()) == {("damaged", ""): 3}
    assert Alarm.objects.filter(kind="object-damaged", severity="urgent").count() == 3


def test_a_damaged_parity_block_is_found_and_made_anew(house):
    house.put(20, 3000)
    scrub()
    flip(block_path(ParityGroup.objects.get(), "q"))
    assert codes(scrub()) == {("parity", "store"): 1}
    assert ParityGroup.objects.count() == 1 and codes(scrub()) == {}


def test_a_destroyed_object_leaves_its_group_which_is_made_anew(house):
    stored = house.put(20, 3000)
    scrub()
    objects.shred(stored[4], reason="secret-mark")
    assert codes(scrub()) == {}
    assert ParityGroup.objects.get().members.count() == 19
    house.file(stored[7]).unlink()
    assert codes(scrub()) == {("missing", "parity"): 1}


@pytest.mark.parametrize("how", ["xor", "missing"])
@pytest.mark.parametrize(
    "which",
    [
        "v1/content/volume-1.zip.rde",
        "v1/inventory.json",
        "inventory.json",
        "v2/inventory.json.sha512",
    ],
)
@pytest.mark.parametrize("known", [True, False])
def test_a_damaged_sealed_file_or_inventory_is_found_and_mended(house, settings, how, which, known):
    store = seal(settings, count=1)
    house.put(1)
    house.back_up()
    if known:
        scrub()
    settings.SECOND_COPY = str(house.target().root)
    path = store.root.path_of("urn:uuid:00000000") / which
    whole = path.read_bytes()
    damage(path, how)
    told = [one for one in scrub().result["findings"] if one["name"].endswith(which)]
    assert [bool(one["mended"]) for one in told] == [True]
    assert path.read_bytes() == whole
    assert codes(scrub()) == {}


def test_what_does_not_belong_is_told(house, settings):
    house.put(2)
    (settings.OBJECT_ROOT / "ab").mkdir(exist_ok=True)
    (settings.OBJECT_ROOT / "ab" / "letter.txt").write_text("x")
    (settings.OBJECT_ROOT / "ab" / "00000000-0000-7000-8000-000000000000").write_text("x")
    assert codes(scrub()) == {("extra", ""): 2}
    assert Alarm.objects.filter(kind="object-strange").count() == 2


@pytest.mark.parametrize("column", ["digest", "wrapped_key", "size", "key_id", "gone"])
def test_a_changed_row_is_found(house, column):
    stored = house.put(3)[1]
    scrub()
    row = StoredObject.objects.filter(pk=stored.pk)
    if column == "gone":
        row.delete()
        os.utime(house.file(stored))
        run = scrub()
        # So young a file may be one whose row is about to be written: told when it is older.
        assert codes(run) == {}
        return
    value = {
        "digest": "0" * 64,
        "wrapped_key": bytes(stored.wrapped_key)[:-1] + b"x",
        "size": stored.size + 1,
        "key_id": "objects.9.00000000",
    }[column]
    row.update(**{column: value})
    assert codes(scrub()) == {("damaged", ""): 1}


def swap_roots(first, second):
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA writable_schema=ON")
        cursor.execute(
            "UPDATE sqlite_master SET rootpage = (SELECT sum(rootpage) FROM sqlite_master"
            " WHERE name IN (%s, %s)) - rootpage WHERE name IN (%s, %s)",
            [first, second, first, second],
        )
        cursor.execute("PRAGMA writable_schema=OFF")
    connection.close()


def test_a_damaged_index_of_the_database_is_found(house):
    house.put(3)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ballast(x, y)")
        cursor.execute("CREATE INDEX by_x ON ballast(x)")
        cursor.execute("CREATE INDEX by_y ON ballast(y)")
        cursor.execute("INSERT INTO ballast VALUES (1, 2), (3, 4)")
    swap_roots("by_x", "by_y")
    assert any(one["code"] == "database" for one in scrub().result["findings"])


def test_a_database_too_damaged_to_write_on_is_said_in_words(house):
    house.put(3)
    swap_roots("object_digest", "object_verified")
    with pytest.raises(DomainError) as told:
        scrub()
    assert told.value.code == "database-damaged" and told.value.hint_zh


def test_a_flipped_bit_in_the_database_file_is_found(house, settings):
    house.put(3)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE ballast(x)")
        cursor.executemany(
            "INSERT INTO ballast VALUES(%s)", [(os.urandom(3000),) for _ in range(60)]
        )
        cursor.execute("SELECT rootpage FROM sqlite_master WHERE name='ballast'")
        page = cursor.fetchone()[0]
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    connection.close()
    flip(settings.VAR_DIR / "rongdang.db", page * 4096 + 100)
    assert any(one["code"] == "database" for one in scrub().result["findings"])


def test_other_checks_are_asked_once_a_pass_and_their_findings_are_told(house):
    from rongdang.keep.backups.scrubbing import Finding

    house.put(2)
    run = scrub(checks=[lambda: [Finding("index", "search", "坏了", "broken")]])
    assert codes(run) == {("index", ""): 1} and "[index] search" in text_of(run)


def test_stopped_it_goes_on_with_the_longest_unread(house):
    stored = house.put(8, 2000)
    first = scrub(minutes=1e-9)
    assert (first.result["complete"], first.result["files"], first.result["left"]) == (False, 1, 7)
    read = StoredObject.objects.order_by("-verified_at").first()
    oldest = stored[0]
    assert read.pk == oldest.pk
    second = scrub()
    assert (second.result["complete"], second.result["files"]) == (True, 7)
    assert scrub().result["files"] == 8


def test_a_killed_pass_goes_on_too(house):
    house.put(5, 2000)
    scrub(minutes=1e-9)
    begun = Run.objects.get(kind="scrub").result["pass_begun"]
    Run.objects.filter(kind="scrub").update(state="running")
    run = scrub()
    assert run.result["files"] == 4 and run.result["pass_begun"] == begun


def test_the_pace_is_kept():
    pace = Pace(10**6, begun=-1.0)
    import time

    pace.begun = time.monotonic()
    assert 1.9 < pace.wait_for(2 * 10**6) <= 2.0
    assert 2.9 < pace.wait_for(10**6) <= 3.0
    assert Pace(0, 0.0).wait_for(10**9) == 0.0


@pytest.mark.parametrize("how", ["encrypted", "deleted"])
def test_ransomware_is_found_whole_and_a_copy_brings_the_house_back(house, settings, how):
    stored = house.put(40, 1500)
    house.back_up(house.target(append_only=True))
    whole = {one.pk: house.file(one).read_bytes() for one in stored}
    hit = random.Random(7).sample(stored, 20)
    for one in hit:
        path = house.file(one)
        path.write_bytes(os.urandom(path.stat().st_size)) if how == "encrypted" else path.unlink()
    run = scrub()
    assert {one["name"] for one in run.result["findings"]} >= {
        f"objects/{objects.key_of(one.pk)}" for one in hit
    }
    assert Alarm.objects.filter(kind="object-mass-loss", severity="urgent").exists()
    settings.SECOND_COPY = str(house.target().root)
    assert all(one["mended"] for one in scrub().result["findings"])
    assert {one.pk: house.file(one).read_bytes() for one in stored} == whole
    assert house.restore(house.root / "again").ledger_root


def test_a_second_copy_that_is_damaged_too_is_not_used(house, settings):
    stored = house.put(3)
    house.back_up()
    settings.SECOND_COPY = str(house.target().root)
    flip(house.file(stored[0]))
    flip(house.target().root / "objects" / objects.key_of(stored[0].pk))
    assert codes(scrub()) == {("damaged", ""): 1}
    assert house.file(stored[0]).exists()
    shutil.rmtree(house.target().root)
    assert codes(scrub()) == {("damaged", ""): 1}


def test_an_object_written_anew_under_its_name_is_no_damage(house):
    """A migration to the other suite writes new encrypted bytes for the same content."""
    from rongdang.base.cipher import envelope

    stored = house.put(3)[0]
    scrub()
    data, key = objects.read(stored), envelope.new_key()
    key_id, wrapped = house.settings.KEYRING.wrap("objects", key, stored.pk.bytes)
    StoredObject.objects.filter(pk=stored.pk).update(key_id=key_id, wrapped_key=wrapped)
    house.file(stored).write_bytes(envelope.encrypt(data, key, key_id=key_id, file_id=stored.pk))
    run = scrub()
    assert codes(run) == {} and run.result["renewed"] == 1
    assert some_id() != stored.pk
