"""The key ring: made once, never made again over a loss, rotated without shutting anything."""

import json
import subprocess
import sys
import time

import pytest

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.cipher.keyring import Keyring


def test_first_run_makes_a_private_root_and_a_second_ring_reads_it(tmp_path):
    folder = tmp_path / "keys"
    ring = Keyring(folder)
    assert not folder.exists()  # opened at first use
    key_id, wrapped = ring.wrap("objects", b"secret", b"row")
    assert (folder / "root.key").stat().st_mode & 0o777 == 0o600
    assert (folder / "ring.json").stat().st_mode & 0o777 == 0o600
    assert ring.key(key_id).material.hex() not in (folder / "ring.json").read_text()
    assert Keyring(folder).unwrap(key_id, wrapped, b"row") == b"secret"


def test_a_wrapped_key_belongs_to_its_row_and_its_key(tmp_path):
    ring = Keyring(tmp_path)
    key_id, wrapped = ring.wrap("objects", b"secret", b"row 1")
    other_id, _ = ring.wrap("database", b"x", b"")
    for name, blob, aad in (
        (key_id, wrapped, b"row 2"),
        (other_id, wrapped, b"row 1"),
        (key_id, wrapped[:-1], b"row 1"),
        (key_id, b"\x02" + wrapped[1:], b"row 1"),
        (key_id, b"", b"row 1"),
    ):
        with pytest.raises(DamagedError):
            ring.unwrap(name, blob, aad)


def test_rotation_keeps_the_old_readable_and_secrets_as_they_were(tmp_path):
    ring, other = Keyring(tmp_path), Keyring(tmp_path)
    old_id, wrapped = ring.wrap("objects", b"secret", b"", number=2)
    text = ring.secret_text("database")
    new = ring.rotate("objects")
    ring.rotate("database")
    assert new.version == 2 and ring.active("objects") == new
    assert ring.unwrap(old_id, wrapped, b"") == b"secret"
    assert ring.secret_text("database") == text == Keyring(tmp_path).secret_text("database")
    # A process that opened the ring before the rotation still reads what the new key wrapped.
    new_id, again = ring.wrap("objects", b"later", b"")
    assert new_id == new.id and other.unwrap(new_id, again, b"") == b"later"


def test_a_process_that_was_up_before_a_rotation_writes_with_the_new_key(tmp_path, monkeypatch):
    real, later = time.monotonic, iter(range(10, 1000, 10))
    monkeypatch.setattr(time, "monotonic", lambda: real() + next(later))
    ring, other = Keyring(tmp_path), Keyring(tmp_path)
    old_id, _wrapped = other.wrap("objects", b"secret", b"")
    new = ring.rotate("objects")
    assert other.wrap("objects", b"secret", b"")[0] == new.id != old_id
    ring.forget(old_id)
    assert other.active("objects") == new
    (tmp_path / "ring.json").unlink()
    with pytest.raises(KeyringError, match=r"ring\.json"):
        other.wrap("objects", b"nothing is written under keys that are lost", b"")


def test_a_lost_file_is_never_made_anew(tmp_path):
    for name in ("root.key", "ring.json"):
        folder = tmp_path / name
        Keyring(folder).active("objects")
        kept = (folder / name).read_bytes()
        (folder / name).unlink()
        with pytest.raises(KeyringError, match=name):
            Keyring(folder).active("objects")
        assert not (folder / name).exists() and kept


def test_an_interrupted_first_run_begins_again(tmp_path):
    (tmp_path / "ring.json").write_text(json.dumps({"format": 1, "keys": []}))
    assert Keyring(tmp_path).active("objects").version == 1


def test_an_open_or_damaged_root_is_refused(tmp_path):
    Keyring(tmp_path).active("objects")
    root = tmp_path / "root.key"
    root.chmod(0o644)
    with pytest.raises(KeyringError, match="read by others"):
        Keyring(tmp_path).active("objects")
    root.chmod(0o600)
    root.write_text("rongdang root key 1\nzz\n")
    with pytest.raises(KeyringError, match="damaged"):
        Keyring(tmp_path).active("objects")
    root.write_text("rongdang root key 1\n" + "00" * 32)
    with pytest.raises(DamagedError):
        Keyring(tmp_path).active("objects")
    (tmp_path / "ring.json").write_text("{")
    with pytest.raises(KeyringError, match="ring.json"):
        Keyring(tmp_path).active("objects")


def test_processes_that_start_together_agree_on_one_ring(tmp_path):
    code = (
        "import sys; from pathlib import Path; from rongdang.base.cipher.keyring import Keyring;"
        "print(Keyring(Path(sys.argv[1])).secret_text('database'))"
    )
    started = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE)
        for _ in range(4)
    ]
    answers = {process.communicate()[0] for process in started}
    assert len(answers) == 1 and all(process.returncode == 0 for process in started)


def test_an_unknown_key_is_named(tmp_path):
    with pytest.raises(KeyringError, match="objects.9"):
        Keyring(tmp_path).unwrap("objects.9.ffffffff", b"x" * 60, b"")
