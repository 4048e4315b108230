"""The root key in a token: SoftHSM stands for the cryptographic machine (Debian package softhsm2)."""

import dataclasses
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from rongdang.base.cipher.errors import DamagedError, KeyringError
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.roots import RootAccess

LIBRARIES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/lib/x86_64-linux-gnu/softhsm/libsofthsm2.so",
    "/usr/lib/aarch64-linux-gnu/softhsm/libsofthsm2.so",
)
LIBRARY = next((path for path in LIBRARIES if Path(path).exists()), None)
pytestmark = pytest.mark.skipif(
    LIBRARY is None or shutil.which("softhsm2-util") is None,
    reason="softhsm2 is not on this machine: the root key in a token is not tried",
)
PIN = "4711-0815"


@pytest.fixture(scope="module")
def tokens(tmp_path_factory):
    """A token store of the module's own; SoftHSM reads its place once a process."""
    folder = tmp_path_factory.mktemp("softhsm")
    (folder / "tokens").mkdir()
    (folder / "conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "conf")
    for label in ("rongdang", "other"):
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", label]
            + ["--so-pin", "so-" + PIN, "--pin", PIN],
            check=True,
            capture_output=True,
        )
    (folder / "pin").write_text(PIN + "\n")
    return folder


@pytest.fixture
def access(tokens, tmp_path):
    return RootAccess(
        folder=tmp_path / "k",
        kind="pkcs11",
        module=LIBRARY,
        token="rongdang",
        pin_file=tokens / "pin",
    )


def ring_in(folder, access):
    ring = Keyring(folder, access=access)
    key_id, wrapped = ring.wrap("objects", b"secret", b"row")
    return ring, key_id, wrapped


def test_the_root_is_made_in_the_token_and_opens_the_ring_from_there(access, tmp_path):
    ring, key_id, wrapped = ring_in(tmp_path / "k", access)
    assert ring.root_record()["provider"] == "pkcs11"
    assert not list((tmp_path / "k").glob("*.key"))
    assert Keyring(tmp_path / "k", access=access).unwrap(key_id, wrapped, b"row") == b"secret"
    with pytest.raises(KeyringError, match="cannot leave its token"):
        ring.root_secret()


def test_the_token_gives_the_key_to_nobody(access, tmp_path, tokens):
    import pkcs11

    label = ring_in(tmp_path / "k", access)[0].root_record()["label"]
    token = pkcs11.lib(LIBRARY).get_token(token_label="rongdang")
    with token.open(user_pin=PIN) as session:
        key = session.get_key(object_class=pkcs11.ObjectClass.SECRET_KEY, label=label)
        with pytest.raises(pkcs11.AttributeSensitive):
            key[pkcs11.Attribute.VALUE]


@pytest.mark.parametrize(
    "change",
    [
        {"token": "nowhere"},
        {"module": "/nonexistent.so"},
        {"module": ""},
        {"pin_file": None},
    ],
    ids=str,
)
def test_n30_without_the_token_nothing_opens_and_nothing_is_made_anew(access, tmp_path, change):
    _ring, key_id, wrapped = ring_in(tmp_path / "k", access)
    held = (tmp_path / "k" / "ring.json").read_bytes()
    elsewhere = dataclasses.replace(access, **change)
    if "token" in change:  # the ring says which token: put another one's name there
        (tmp_path / "k" / "ring.json").write_bytes(held.replace(b'"rongdang"', b'"nowhere"'))
    with pytest.raises(KeyringError, match="cannot be (used|reached)") as refused:
        Keyring(tmp_path / "k", access=elsewhere).unwrap(key_id, wrapped, b"row")
    assert refused.value.hint_zh and refused.value.hint_en
    assert (
        b"nowhere" in (tmp_path / "k" / "ring.json").read_bytes()
        or held == (tmp_path / "k" / "ring.json").read_bytes()
    )


def test_n30_a_wrong_pin_and_a_changed_ring_open_nothing(access, tmp_path):
    _ring, key_id, wrapped = ring_in(tmp_path / "k", access)
    (tmp_path / "pin").write_text("wrong")
    with pytest.raises(KeyringError, match="does not answer"):
        Keyring(
            tmp_path / "k", access=dataclasses.replace(access, pin_file=tmp_path / "pin")
        ).unwrap(key_id, wrapped, b"row")
    path = tmp_path / "k" / "ring.json"
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(DamagedError):
        Keyring(tmp_path / "k", access=access).unwrap(key_id, wrapped, b"row")


def test_a_ring_moves_from_a_file_into_the_token_and_back(access, tmp_path):
    ring = Keyring(tmp_path / "k")
    key_id, wrapped = ring.wrap("objects", b"secret", b"row")
    ring.change_root(access)
    assert not list((tmp_path / "k").glob("root*.key"))
    inside = Keyring(tmp_path / "k", access=access)
    assert inside.unwrap(key_id, wrapped, b"row") == b"secret"
    inside.change_root(dataclasses.replace(access, kind="file"))
    assert Keyring(tmp_path / "k").unwrap(key_id, wrapped, b"row") == b"secret"
