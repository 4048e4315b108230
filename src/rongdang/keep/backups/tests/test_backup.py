"""A copy while the house works, and the house that comes out of it."""

import json
import os
import shutil
import threading

import pytest

from rongdang.base.alarms.models import Alarm
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import DomainError
from rongdang.base.ledger import queries as ledger
from rongdang.base.ledger.models import Entry
from rongdang.base.orgs.services import create_unit
from rongdang.keep.backups import drilling, secrecy
from rongdang.keep.backups.models import Part, Run
from rongdang.keep.backups.restoring import PLACE
from rongdang.keep.backups.retention import Rule, copies_of, keep_copies, kept
from rongdang.keep.backups.tests.conftest import database_at, flip
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects
from rongdang.keep.objects.rewrapping import reencrypt


pytestmark = pytest.mark.django_db


def unit(number):
    return create_unit(
        code=f"99{number:04d}",
        name=f"第{number}所",
        parent=None,
        acting_user=None,
        fonds=f"X{number}",
    )


def refused(act):
    with pytest.raises(DomainError) as told:
        act()
    assert told.value.zh and told.value.en
    return told.value.code


def test_what_comes_back_is_the_house_to_the_last_byte(house, settings):
    unit(1)
    stored = house.put()
    sealed = settings.SEALED_ROOT / "abc" / "def" / "012" / "urn%3auuid%3ax" / "v1" / "content"
    sealed.mkdir(parents=True)
    (sealed / "volume-1.zip.rde").write_bytes(b"sealed" * 9000)
    size, root = ledger.size(), ledger.root_at()
    house.back_up()
    into = house.root / "again"
    done = house.restore(into)
    assert done.objects_read == len(stored) and done.files == len(stored) + 1 and not done.left_out
    assert (
        into / "sealed" / sealed.relative_to(settings.SEALED_ROOT) / "volume-1.zip.rde"
    ).is_file()
    assert not (into / PLACE).exists()
    settings.OBJECT_ROOT, settings.SEALED_ROOT = into / "objects", into / "sealed"
    with database_at(into / "rongdang.db"):
        assert ledger.root_at(size) == root and ledger.verify().ok
        assert ledger.root_at().hex() == done.ledger_root
        assert list(verify_objects()) == []
        assert {objects.read(one) for one in StoredObject.objects.all()} == {
            objects.read(one) for one in stored
        }


def test_the_second_officer_opens_it_too_and_nobody_else(house):
    house.put(2)
    house.back_up()
    assert house.restore(house.root / "a", identity=1).objects_read == 2
    house.identities.append(secrecy.new_identity()[0])
    assert refused(lambda: house.restore(house.root / "b", identity=2)) == "wrong-key"
    assert not (house.root / "b").exists()


def test_no_name_and_no_key_of_the_house_lies_in_the_target(house):
    unit(7)
    objects.put("林长河 1953年7月".encode() * 500)
    house.back_up()
    held = b"".join(path.read_bytes() for path in house.target().root.rglob("*") if path.is_file())
    ring = (house.settings.KEY_DIR / "ring.json").read_text()
    wrapped = [row["wrapped"] for row in json.loads(ring)["keys"]]
    assert "第7所".encode() not in held and "林长河".encode() not in held
    assert not any(one.encode() in held or bytes.fromhex(one) in held for one in wrapped)


def test_only_what_is_new_is_copied_and_nothing_is_written_twice(house):
    house.put(4)
    assert house.back_up().result["new_parts"] == 4
    before = {
        p: p.stat().st_mtime_ns for p in house.target().root.rglob("objects/**/*") if p.is_file()
    }
    house.put(1)
    again = house.back_up().result
    assert (again["parts"], again["new_parts"]) == (5, 1)
    assert all(path.stat().st_mtime_ns == at for path, at in before.items())
    assert house.back_up().result["new_parts"] == 0


def test_what_the_target_lost_or_holds_wrongly_is_copied_anew_beside_it(house):
    stored = house.put(3)
    house.back_up()
    target = house.target(append_only=True)
    there = [target.root / "objects" / objects.key_of(one.pk) for one in stored]
    there[0].unlink()
    there[1].write_bytes(b"short")
    assert house.back_up(target).result["new_parts"] == 2
    assert there[1].read_bytes() == b"short"  # append-only: the wrong one stays
    assert house.restore(house.root / "again").objects_read == 3


def test_what_was_brought_to_the_other_suite_is_copied_anew(house, settings):
    stored = house.put(3)
    house.back_up()
    settings.KEYRING = Keyring(settings.KEY_DIR, suite=2)
    assert reencrypt() == 3
    assert house.back_up().result["new_parts"] == 3
    into = house.root / "again"
    assert house.restore(into).objects_read == 3
    paths = [into / "objects" / objects.key_of(one.pk) for one in stored]
    assert {path.read_bytes()[4] for path in paths} == {2}  # the header names its suite
    assert house.back_up().result["new_parts"] == 0


def test_a_target_known_to_no_row_is_recognised_by_its_bytes(house):
    house.put(3)
    house.back_up()
    Part.objects.all().delete()
    assert house.back_up().result["new_parts"] == 0
    assert Part.objects.count() == 3


def copies_made_while_others_write(house, database, count):
    """As many copies, each as the house was at its moment; `database` is the other's door to it."""
    stop, made = threading.Event(), []

    def write():
        with database:
            number = 10
            while not stop.is_set():
                made.append(unit(number))
                made.append(objects.put(f"{number}".encode() * 4000))
                number += 1

    writer = threading.Thread(target=write)
    writer.start()
    try:
        runs = [house.back_up() for _ in range(count)]
    finally:
        stop.set()
        writer.join()
    assert len(made) > 4
    for number, run in enumerate(runs):
        done = house.restore(house.root / f"r{number}", copy=run.copy)
        assert done.ledger_size == run.result["ledger_size"] and not done.left_out


def test_backups_go_on_while_others_write(house):
    house.put(3)
    database = database_at(house.settings.VAR_DIR / "rongdang.db")
    copies_made_while_others_write(house, database, 3)


def test_what_is_destroyed_meanwhile_stays_until_the_copy_is_made(house, monkeypatch):
    stored, real = house.put(3), os.copy_file_range

    def while_the_first_is_copied(*given):
        if StoredObject.objects.get(pk=stored[2].pk).shredded_at is None:
            objects.shred(stored[2], reason="secret-mark")
        return real(*given)

    monkeypatch.setattr(os, "copy_file_range", while_the_first_is_copied)
    done = house.back_up()
    assert (done.result["missing"], done.result["new_parts"]) == ([], 3)
    assert StoredObject.objects.exclude(shredded_at=None).count() == 1
    assert not house.file(stored[2]).exists()


def test_a_file_the_house_has_lost_is_told_and_the_rest_is_copied(house):
    stored = house.put(3)
    house.file(stored[1]).unlink()
    told = house.back_up().result
    assert len(told["missing"]) == 1 and told["new_parts"] == 2
    assert Alarm.objects.filter(kind="object-missing").exists()
    assert refused(lambda: house.restore(house.root / "a")) == "parts-damaged"
    done = house.restore(house.root / "b", allow_damaged=True)
    assert done.objects_read == 2 and done.left_out == told["missing"]


@pytest.mark.parametrize("named", [[], ["one"], ["one", "one"], ["one", "age1nonsense"]])
def test_fewer_than_two_recipients_or_a_wrong_one_is_refused(house, named):
    text = {"one": str(house.recipients[0])}
    with pytest.raises(DomainError) as told:
        secrecy.recipients([text.get(one, one) for one in named])
    assert told.value.code in ("recipients", "recipient") and told.value.hint_zh
    assert not house.target().root.exists()


@pytest.mark.parametrize("what", ["database.age", "parts.age", "manifest.age"])
@pytest.mark.parametrize("how", ["bit", "cut", "gone"])
def test_a_changed_byte_anywhere_is_refused_before_anything_is_written(house, what, how):
    house.put(2)
    run = house.back_up()
    path = house.target().root / "copies" / run.copy / what
    if how == "bit":
        flip(path)
    elif how == "cut":
        path.write_bytes(path.read_bytes()[:-20])
    else:
        path.unlink()
    code = refused(lambda: house.restore(house.root / "again"))
    assert code in ("backup-damaged", "half-copy", "part-missing")
    assert not list((house.root / "again").glob("*"))


@pytest.mark.parametrize("how", ["bit", "cut", "gone", "swap"])
def test_a_changed_object_is_named_and_nothing_is_half_restored(house, how):
    stored = house.put(3, 50_000)
    house.back_up()
    paths = [house.target().root / "objects" / objects.key_of(one.pk) for one in stored]
    if how == "bit":
        flip(paths[0])
    elif how == "cut":
        paths[0].write_bytes(paths[0].read_bytes()[:-1])
    elif how == "gone":
        paths[0].unlink()
    else:
        held = [path.read_bytes() for path in paths[:2]]
        paths[0].write_bytes(held[1])
        paths[1].write_bytes(held[0])
    assert refused(lambda: house.restore(house.root / "again")) == "parts-damaged"
    assert not list((house.root / "again").glob("*"))
    done = house.restore(house.root / "rest", allow_damaged=True)
    assert len(done.left_out) == (2 if how == "swap" else 1)


def test_a_manifest_somebody_else_signed_is_refused(house, tmp_path):
    house.put(1)
    house.back_up()
    mine, house.settings.KEYRING = house.settings.KEYRING, Keyring(tmp_path / "other-keys")
    try:
        assert refused(lambda: house.restore(house.root / "again")) == "keys-missing"
    finally:
        house.settings.KEYRING = mine
    assert not (house.root / "again").exists()


def test_only_an_empty_place_takes_a_house(house):
    house.put(1)
    house.back_up()
    full = house.root / "full"
    full.mkdir()
    (full / "letter.txt").write_text("mine")
    assert refused(lambda: house.restore(full)) == "not-empty"
    assert [path.name for path in full.iterdir()] == ["letter.txt"]
    house.restore(house.root / "again")
    assert refused(lambda: house.restore(house.root / "again")) == "not-empty"


def test_a_half_copy_is_no_backup(house):
    house.put(1)
    first, second = house.back_up(), house.back_up()
    (house.target().root / "copies" / second.copy / "manifest.age").unlink()
    assert house.restore(house.root / "a").copy == first.copy
    assert refused(lambda: house.restore(house.root / "b", copy=second.copy)) == "half-copy"
    shutil.rmtree(house.target().root / "copies" / first.copy)
    assert refused(lambda: house.restore(house.root / "b")) == "half-copy"
    assert refused(lambda: house.restore(house.root / "b", copy="x")) == "no-copy"


def test_a_restore_stopped_in_the_middle_is_taken_up_where_it_was(house):
    house.put(70, 600)
    house.back_up()
    into = house.root / "again"

    class Stopped(Exception):
        pass

    def stop(_text):
        raise Stopped

    with pytest.raises(Stopped):
        house.restore(into, say=stop)
    assert not (into / "rongdang.db").exists()
    there = {p: p.stat().st_mtime_ns for p in (into / PLACE / "objects").rglob("*") if p.is_file()}
    assert len(there) == 50
    assert house.restore(into).objects_read == 70
    moved = {into / path.relative_to(into / PLACE): at for path, at in there.items()}
    assert all(path.stat().st_mtime_ns == at for path, at in moved.items())


def test_a_drill_needs_no_key_of_the_officers_and_stands_on_the_ledger(house):
    house.put(3)
    run = drilling.drill(house.target(), recipients=house.recipients, say=lambda _text: None)
    assert run.state == "done" and run.result["files"] == 3 and not run.result["offline_key"]
    assert Entry.objects.filter(event="drill:finish", subject_id=str(run.pk)).exists()
    assert not list(house.settings.VAR_DIR.glob("drill-*"))
    again = drilling.drill(
        house.target(),
        recipients=house.recipients,
        identities=house.identities[:1],
        say=lambda _text: None,
    )
    assert again.result["offline_key"] and again.copy == run.copy


def test_a_drill_that_fails_is_an_alarm(house):
    stored = house.put(3)
    house.back_up()
    flip(house.target().root / "objects" / objects.key_of(stored[0].pk))
    with pytest.raises(DomainError):
        drilling.drill(house.target(), recipients=house.recipients, say=lambda _text: None)
    assert Alarm.objects.filter(kind="drill-failed").count() == 1
    assert Run.objects.get(kind="drill").state == "failed"
    assert not list(house.settings.VAR_DIR.glob("drill-*"))


def test_the_rule_keeps_days_weeks_months_and_an_append_only_target_keeps_all(house):
    by = Rule(daily=2, weekly=2, monthly=2, least=1, unfinished_days=2)
    names = [
        f"2026{month:02d}{day:02d}T0{hour}0000000000Z"
        for month, day, hour in (
            (9, 1, 1),
            (10, 2, 1),
            (10, 30, 1),
            (11, 16, 1),
            (11, 24, 1),
            (11, 25, 1),
            (11, 25, 2),
        )
    ]
    assert kept(names, by) == {names[6], names[4], names[3], names[2]}
    house.put(1)
    runs = [house.back_up() for _ in range(6)]
    target = house.target()
    assert len(copies_of(target)[0]) == 3  # the least that stay; all are of today
    assert copies_of(target)[0][-1] == runs[-1].copy
    (target.root / "copies" / "20200101T000000000000Z").mkdir()
    (target.root / "copies" / "20200101T000000000000Z" / "database.age").write_bytes(b"half")
    assert keep_copies(house.target(append_only=True)) == []
    assert refused(lambda: house.target(append_only=True).remove("copies/x")) == "append-only"
    assert keep_copies(target) == ["20200101T000000000000Z"]


def test_two_backups_at_once_are_refused(house):
    house.put(1)
    from rongdang.keep.backups.backing_up import _alone

    with _alone(house.target()):
        assert refused(house.back_up) == "backup-running"
