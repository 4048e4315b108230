"""Roots: file, passphrase, shares, escrow; each opens the same ring, and nothing opens it by halves."""

import dataclasses
import json
import os

import pyrage
import pytest

from rongdang.base.cipher import escrow, shamir
from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.roots import RootAccess
from rongdang.base.durable import StorageError
from rongdang.base.tests.disks import FULL, at_flush, fault

PASSPHRASE = "梧桐 correct horse 41 battery"


@pytest.fixture
def passphrase_file(tmp_path):
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\nmore\n", encoding="utf-8")
    return path


@pytest.fixture
def by_passphrase(tmp_path, passphrase_file):
    return RootAccess(folder=tmp_path / "k", kind="passphrase", passphrase_file=passphrase_file)


def ring_in(folder, access=None, suite=1):
    ring = Keyring(folder, suite=suite, access=access)
    key_id, wrapped = ring.wrap("objects", b"secret", b"row")
    return ring, key_id, wrapped


def opens(folder, access, key_id, wrapped):
    return Keyring(folder, access=access).unwrap(key_id, wrapped, b"row") == b"secret"


def test_a_passphrase_leaves_no_secret_in_the_folder_and_another_one_opens_nothing(
    tmp_path, by_passphrase, passphrase_file
):
    folder = tmp_path / "k"
    _ring, key_id, wrapped = ring_in(folder, by_passphrase)
    assert opens(folder, by_passphrase, key_id, wrapped)
    assert sorted(path.name for path in folder.iterdir()) == ["ring.json", "ring.lock"]
    passphrase_file.write_text(PASSPHRASE + "!")
    with pytest.raises(DamagedError):
        opens(folder, by_passphrase, key_id, wrapped)
    passphrase_file.write_text("short")
    with pytest.raises(KeyringError, match="too short"):
        opens(folder, by_passphrase, key_id, wrapped)
    passphrase_file.unlink()
    with pytest.raises(KeyringError, match="cannot be read"):
        opens(folder, by_passphrase, key_id, wrapped)
    with pytest.raises(KeyringError, match="no passphrase file"):
        opens(folder, RootAccess(folder=folder), key_id, wrapped)


def test_the_root_changes_from_file_to_passphrase_and_back(tmp_path, by_passphrase):
    folder = tmp_path / "k"
    ring, key_id, wrapped = ring_in(folder)
    root = (folder / "root.key").read_bytes()
    assert ring.change_root(by_passphrase)["provider"] == "passphrase"
    assert not list(folder.glob("root*.key"))
    assert opens(folder, by_passphrase, key_id, wrapped)
    # The earlier root opens nothing any more, even put back.
    (folder / "root.key").write_bytes(root)
    assert opens(folder, by_passphrase, key_id, wrapped)
    (folder / "root.key").unlink()
    back = Keyring(folder, access=by_passphrase)
    record = back.change_root(dataclasses.replace(by_passphrase, kind="file"))
    assert [path.name for path in folder.glob("root*.key")] == [record["file"]]
    assert opens(folder, None, key_id, wrapped)
    # A process that was up all the while goes on, also over a key made after the change.
    later_id, later = back.wrap("later", b"secret", b"row")
    assert ring.unwrap(later_id, later, b"row") == b"secret"


def test_a_change_that_stops_half_way_leaves_the_earlier_root_in_force(tmp_path):
    folder = tmp_path / "k"
    ring, key_id, wrapped = ring_in(folder)

    def no_ring(path):
        if "ring.json" in path.name:
            raise fault(FULL)

    with at_flush(no_ring), pytest.raises(StorageError):
        ring.change_root(RootAccess(folder=folder))
    assert len(list(folder.glob("root*.key"))) == 2
    assert opens(folder, None, key_id, wrapped)


def test_the_root_file_may_lie_elsewhere(tmp_path):
    access = RootAccess(folder=tmp_path / "medium")
    _ring, key_id, wrapped = ring_in(tmp_path / "k", access)
    assert (tmp_path / "medium" / "root.key").stat().st_mode & 0o777 == 0o600
    assert not (tmp_path / "k" / "root.key").exists()
    assert opens(tmp_path / "k", access, key_id, wrapped)
    with pytest.raises(KeyringError, match=r"root\.key is missing"):
        opens(tmp_path / "k", None, key_id, wrapped)


def test_two_shares_put_a_lost_root_back(tmp_path):
    folder = tmp_path / "k"
    ring, key_id, wrapped = ring_in(folder)
    shares = shamir.split(ring.root_secret())
    (folder / "root.key").unlink()
    fresh = Keyring(folder)
    forged = dataclasses.replace(shares[2], y=os.urandom(32))
    with pytest.raises(DamagedError):
        fresh.recover(shamir.join([shares[0], forged]))
    assert not (folder / "root.key").exists()
    assert fresh.recover(shamir.join([shares[2], shares[0]]))["file"] == "root.key"
    assert opens(folder, None, key_id, wrapped)


def test_two_shares_open_a_ring_whose_passphrase_was_forgotten(
    tmp_path, by_passphrase, passphrase_file
):
    folder = tmp_path / "k"
    ring, key_id, wrapped = ring_in(folder, by_passphrase)
    shares = shamir.split(ring.root_secret())
    passphrase_file.unlink()
    record = Keyring(folder).recover(shamir.join(shares[1:]))
    assert record["provider"] == "file"
    assert opens(folder, None, key_id, wrapped)


@pytest.mark.parametrize("way", ["recipient", "passphrase"])
def test_an_escrow_makes_the_ring_anew_where_all_was_lost(tmp_path, way):
    ring, key_id, wrapped = ring_in(tmp_path / "k")
    ring.rotate("objects")
    secret = ring.secret("database")
    identity = pyrage.x25519.Identity.generate()
    sealing, opening = (
        ({"recipients": [str(identity.to_public())]}, {"identity": str(identity)})
        if way == "recipient"
        else ({"passphrase": PASSPHRASE}, {"passphrase": PASSPHRASE})
    )
    sealed = escrow.write(ring.held(), **sealing)
    assert secret.hex().encode() not in sealed
    fresh = Keyring(tmp_path / "new", suite=2)
    fresh.take_over(escrow.read(sealed, **opening))
    assert opens(tmp_path / "new", None, key_id, wrapped)
    assert Keyring(tmp_path / "new").secret("database") == secret
    assert [key.id for key in fresh.held()] == [key.id for key in ring.held()]
    with pytest.raises(KeyringError, match="ring here already"):
        fresh.take_over(ring.held())


def test_an_escrow_that_does_not_open_changes_nothing(tmp_path):
    ring, *_rest = ring_in(tmp_path / "k")
    identity = pyrage.x25519.Identity.generate()
    sealed = escrow.write(ring.held(), recipients=[str(identity.to_public())])
    other = str(pyrage.x25519.Identity.generate())
    foreign = bytes(pyrage.encrypt(b'{"format": "x", "keys": []}', [identity.to_public()]))
    for blob, opening in (
        (sealed, {"identity": other}),
        (sealed, {"identity": "nonsense"}),
        (sealed, {"passphrase": PASSPHRASE}),
        (sealed[:-1], {"identity": str(identity)}),
        (foreign, {"identity": str(identity)}),
    ):
        with pytest.raises(KeyringError):
            escrow.read(blob, **opening)
    with pytest.raises(KeyringError, match="no age public key"):
        escrow.write(ring.held(), recipients=["age1nonsense"])


def test_an_earlier_key_is_forgotten_the_newest_and_the_needed_are_not(tmp_path):
    ring, key_id, wrapped = ring_in(tmp_path)
    new = ring.rotate("objects")
    database = ring.active("database").id
    ring.rotate("database")
    with pytest.raises(KeyringError, match="in use"):
        ring.forget(new.id)
    with pytest.raises(KeyringError, match="stay in use"):
        ring.forget(database)
    ring.forget(key_id)
    for one in (ring, Keyring(tmp_path)):
        with pytest.raises(KeyringError, match="holds no key"):
            one.unwrap(key_id, wrapped, b"row")
    assert ring.active("objects") == new


def test_rings_of_both_suites_and_of_the_first_format_are_read(tmp_path):
    ring, key_id, wrapped = ring_in(tmp_path, suite=2)
    assert ring.ring_suite() == 2 and wrapped[0] == 2
    assert opens(tmp_path, None, key_id, wrapped)
    other = Keyring(tmp_path)
    other.change_suite()
    assert other.ring_suite() == 1 and opens(tmp_path, None, key_id, wrapped)
    told = json.loads((tmp_path / "ring.json").read_text())
    del told["root"], told["suite"]
    (tmp_path / "ring.json").write_text(json.dumps({**told, "format": 1}))
    assert opens(tmp_path, None, key_id, wrapped)
