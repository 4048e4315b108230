"""The life of the keys: rotation that can be stopped, both suites, split, escrow, who may."""

import json
import os
from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from rongdang.base.accounts.services import create_user
from rongdang.base.cipher import shamir
from rongdang.base.cipher.errors import KeyringError
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.errors import ConflictError, DomainError, NotPermittedError
from rongdang.base.ledger.models import Entry
from rongdang.keep.keys import services
from rongdang.keep.objects import rewrapping
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject
from rongdang.keep.objects.queries import verify_objects

pytestmark = pytest.mark.django_db


def quiet(_what, _done, _total):
    pass


@pytest.fixture
def ring(settings, tmp_path):
    """A ring of the test's own, so that others keep theirs."""
    settings.KEYRING = Keyring(tmp_path / "keys")
    return settings.KEYRING


@pytest.fixture
def stored(ring):
    return [objects.put(os.urandom(100_000 + n)) for n in range(5)]


def wrapped():
    return dict(StoredObject.objects.values_list("pk", "wrapped_key"))


def test_rotation_wraps_every_object_anew_and_touches_no_bytes(ring, stored, settings):
    before = {path: path.read_bytes() for path in settings.OBJECT_ROOT.rglob("*") if path.is_file()}
    keys, first = wrapped(), ring.active("objects").id
    newest = services.rotate("objects", acting_user=None, say=quiet)
    assert newest != first and newest == ring.active("objects").id
    assert set(StoredObject.objects.values_list("key_id", flat=True)) == {newest}
    assert all(bytes(keys[pk]) != bytes(value) for pk, value in wrapped().items())
    assert before == {path: path.read_bytes() for path in before}
    assert list(verify_objects()) == []
    assert list(Entry.objects.filter(subject_kind="keys").values_list("event", flat=True)) == [
        "keys:rotate",
        "keys:finish",
    ]


def test_a_rotation_that_was_stopped_goes_on_and_adds_no_version(ring, stored):
    def stop(_done, _total):
        raise KeyboardInterrupt

    ring.rotate("objects")
    with pytest.raises(KeyboardInterrupt):
        rewrapping.rewrap(stop, portion=2)
    assert rewrapping.outstanding() == 3 and not services.status().settled
    assert list(verify_objects()) == []  # readable at every moment
    newest = services.rotate("objects", acting_user=None, say=quiet)
    assert newest.startswith("objects.2.") and services.status().settled
    assert [key.version for key in ring.held() if key.purpose == "objects"] == [1, 2]
    assert list(verify_objects()) == []


def test_what_was_destroyed_stays_destroyed_through_a_rotation(ring, stored):
    objects.shred(stored[0], reason="secret-mark")
    services.rotate("objects", acting_user=None, say=quiet)
    assert bytes(StoredObject.objects.get(pk=stored[0].pk).wrapped_key) == b""


def test_an_earlier_key_is_destroyed_only_when_it_holds_nothing(ring, stored, monkeypatch):
    first = ring.active("objects").id
    ring.rotate("objects")  # and stopped before the first portion
    with pytest.raises(ConflictError, match="less than an hour"):
        services.destroy(first, acting_user=None)
    moment = timezone.now() + timedelta(hours=1, seconds=1)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    with pytest.raises(ConflictError, match="still under earlier keys"):
        services.destroy(first, acting_user=None)
    old = {pk: bytes(value) for pk, value in wrapped().items()}
    services.rotate("objects", acting_user=None, say=quiet)
    services.destroy(first, acting_user=None)
    assert list(verify_objects()) == []
    # A wrapped key from an old backup opens nothing any more.
    pk = stored[0].pk
    StoredObject.objects.filter(pk=pk).update(key_id=first, wrapped_key=old[pk])
    with pytest.raises(KeyringError, match="holds no key"):
        objects.read(StoredObject.objects.get(pk=pk))


@pytest.mark.parametrize("purpose", ["database", "blind-index", "web-sessions", "nonsense"])
def test_keys_that_cannot_be_replaced_do_not_rotate(ring, purpose):
    with pytest.raises(DomainError) as refused:
        services.rotate(purpose, acting_user=None, say=quiet)
    assert refused.value.code == "no-rotation"


@pytest.mark.parametrize("goal", [2, 1])
def test_all_moves_to_the_other_suite_and_is_readable_all_the_while(ring, stored, settings, goal):
    contents = {one.pk: objects.read(one) for one in stored}
    settings.KEYRING = national = Keyring(ring.folder, suite=2)
    later = objects.put(b"written meanwhile")
    assert later.suite == 2 and all(objects.read(one) == contents[one.pk] for one in stored)
    if goal == 1:
        services.migrate_suite(acting_user=None, say=quiet)
        settings.KEYRING = ring
    services.migrate_suite(acting_user=None, say=quiet)
    assert set(StoredObject.objects.values_list("suite", flat=True)) == {goal}
    assert {bytes(value)[0] for value in wrapped().values()} == {goal}
    assert settings.KEYRING.ring_suite() == goal and services.status().settled
    assert list(verify_objects()) == []
    for one in StoredObject.objects.filter(pk__in=contents):
        assert objects.read(one) == contents[one.pk]
    # Back under the other setting everything is read too.
    settings.KEYRING = ring if goal == 2 else national
    assert objects.read(StoredObject.objects.get(pk=later.pk)) == b"written meanwhile"


def test_a_change_of_suite_that_was_stopped_goes_on(ring, stored, settings):
    settings.KEYRING = Keyring(ring.folder, suite=2)

    def stop(what, done, _total):
        if what == "objects" and done >= 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        services.migrate_suite(acting_user=None, say=stop)
    assert rewrapping.other_suite() == 3 and list(verify_objects()) == []
    assert services.migrate_suite(acting_user=None, say=quiet)["objects"] == 3
    assert services.status().settled


def test_a_damaged_object_is_not_carried_over(ring, stored, settings):
    path = settings.OBJECT_ROOT / objects.key_of(stored[0].pk)
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(bytes(raw))
    settings.KEYRING = Keyring(ring.folder, suite=2)
    with pytest.raises(DomainError):
        services.migrate_suite(acting_user=None, say=quiet)
    assert path.read_bytes() == bytes(raw)  # as it was: repair from a second copy is still possible
    assert StoredObject.objects.get(pk=stored[0].pk).suite == 1


@pytest.mark.parametrize("of_one_home", [False, True])
def test_only_the_security_officer_of_all_leads_the_keys(
    ring, tmp_path, person_in, station, of_one_home
):
    nobody = create_user(
        username="sun", display_name="孙", password="correct horse 42", acting_user=None
    )
    if of_one_home:
        nobody = person_in("an", "security", station)
    for act in (
        lambda: services.rotate("objects", acting_user=nobody, say=quiet),
        lambda: services.migrate_suite(acting_user=nobody, say=quiet),
        lambda: services.split(tmp_path / "s", shares=3, threshold=2, acting_user=nobody),
        lambda: services.write_escrow(
            tmp_path / "e", recipients=["age1x"], passphrase_file=None, acting_user=nobody
        ),
        lambda: services.change_root("file", passphrase_file=None, acting_user=nobody),
        lambda: services.destroy("objects.1.aa", acting_user=nobody),
    ):
        with pytest.raises(NotPermittedError):
            act()
    assert not (tmp_path / "s").exists() and not (tmp_path / "e").exists()


def test_a_split_writes_private_shares_and_the_ledger_names_the_set_not_the_secret(ring, tmp_path):
    from rongdang.base.ledger import queries as ledger

    ring.active("objects")
    written = services.split(tmp_path / "s", shares=3, threshold=2, acting_user=None)
    assert len(written) == 3 and {path.stat().st_mode & 0o777 for path in written} == {0o600}
    shares = [shamir.Share.from_text(path.read_text()) for path in written]
    assert shamir.join(shares[1:]) == ring.root_secret()
    entry = Entry.objects.get(event="keys:split")
    assert ledger.detail_of(entry) == {"set": shares[0].name, "threshold": 2, "shares": 3}


def test_an_escrow_is_for_recipients_or_under_a_passphrase_and_overwrites_nothing(ring, tmp_path):
    goal = tmp_path / "escrow.age"
    for recipients, file in (([], None), (["age1x"], tmp_path / "p")):
        with pytest.raises(DomainError) as refused:
            services.write_escrow(
                goal, recipients=recipients, passphrase_file=file, acting_user=None
            )
        assert refused.value.code == "escrow-for-whom"
    goal.write_text("there")
    with pytest.raises(ConflictError):
        services.write_escrow(goal, recipients=["age1x"], passphrase_file=None, acting_user=None)
    assert goal.read_text() == "there"


def test_a_change_of_root_changes_nothing_that_is_encrypted(ring, stored):
    before = {pk: bytes(value) for pk, value in wrapped().items()}
    services.change_root("file", passphrase_file=None, acting_user=None)
    assert before == {pk: bytes(value) for pk, value in wrapped().items()}
    fresh = Keyring(ring.folder)
    assert fresh.key(stored[0].key_id) == ring.key(stored[0].key_id)
    assert services.status().superseded_roots == ()
    told = json.loads((ring.folder / "ring.json").read_text())
    assert told["root"]["file"] != "root.key"


def test_the_status_tells_no_secret(ring, stored):
    text = repr(services.status())
    assert not any(key.material.hex() in text for key in ring.held())
    assert "5" in text and connection.vendor
