"""`rongdang keys`: the security officer's acts by command, and what they refuse."""

import json
from datetime import timedelta

import pyrage
import pytest
from django.utils import timezone

from rongdang.base.cipher.keyring import Keyring
from rongdang.cli import main
from rongdang.keep.objects import services as objects
from rongdang.keep.objects.models import StoredObject

MAKE = """
import django; django.setup()
from rongdang.base.accounts.services import assign_role, create_user
from rongdang.base.orgs.services import create_unit
from rongdang.keep.objects.services import put
unit = create_unit(code="9900", name="梧桐市军休中心", parent=None, acting_user=None, fonds="X001")
user = create_user(username="shen", display_name="沈", password="correct horse 42", acting_user=None)
assign_role(user=user, role="security", unit=unit, acting_user=None)
put(b"a page that must come back")
"""


@pytest.fixture
def officer(person_in, city):
    return person_in("shen", "security", city)


@pytest.fixture(autouse=True)
def ring(settings, tmp_path):
    settings.KEYRING = Keyring(tmp_path / "keys")
    return settings.KEYRING


def run(capsys, *arguments, user="shen"):
    code = main(["keys", *map(str, arguments), "--user", user, "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def test_status_rotation_and_destruction(officer, ring, capsys, monkeypatch):
    stored = objects.put(b"a page")
    code, told, err = run(capsys, "rotate", "objects")
    assert code == 0 and told["key"].startswith("objects.2.") and "1/1" in err
    code, told, _err = run(capsys, "status")
    assert code == 0 and told["settled"] and told["root"] == "file"
    counts = {key["id"]: key["objects"] for key in told["keys"] if key["purpose"] == "objects"}
    assert counts == {stored.key_id: 0, ring.active("objects").id: 1}
    moment = timezone.now() + timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: moment)
    assert run(capsys, "destroy", stored.key_id)[1] == {"destroyed": stored.key_id}
    assert run(capsys, "destroy", ring.active("objects").id)[1]["error"] == "key-active"
    assert objects.read(StoredObject.objects.get()) == b"a page"
    main(["keys", "status", "--user", "shen"])
    text = capsys.readouterr().out
    assert "objects.2." in text and "people_fact.value" in text


def test_who_may_not_and_who_is_not_there(officer, clerk, capsys):
    assert run(capsys, "status", user="zhou")[:2][1]["error"] == "not-permitted"
    assert run(capsys, "rotate", "objects", user="zhou")[0] == 1
    assert run(capsys, "status", user="nobody")[1]["error"] == "no-user"


def test_files_that_cannot_be_read_and_shares_that_do_not_join(officer, tmp_path, capsys):
    assert run(capsys, "join", tmp_path / "none")[1]["error"] == "unreadable"
    (tmp_path / "typo").write_text("rongdang-share 0 0")
    assert run(capsys, "join", tmp_path / "typo")[1]["error"] == "share-damaged"
    assert run(capsys, "restore", tmp_path / "none")[1]["error"] == "root-unreachable"
    assert run(capsys, "change-root", "passphrase")[1]["error"] == "root-unreachable"


def test_a_lost_root_comes_back_from_two_shares_and_a_lost_ring_from_its_escrow(tmp_path, house):
    code, said = house.python(MAKE)
    assert code == 0, said
    keys, shares = house.var / "keys", tmp_path / "shares"
    identity = pyrage.x25519.Identity.generate()
    (tmp_path / "identity").write_text(f"# made today\n{identity}\n")
    as_officer = ("--user", "shen")
    code, said = house.rongdang("keys", "split", "--to", shares, *as_officer)
    assert code == 0, said
    to = ("--to", tmp_path / "escrow.age", "--recipient", str(identity.to_public()))
    assert house.rongdang("keys", "escrow", *to, *as_officer)[0] == 0

    (keys / "root.key").unlink()
    code, said = house.rongdang("keys", "status", *as_officer)
    assert code != 0 and "root.key is missing" in said and not (keys / "root.key").exists()
    two = sorted(shares.iterdir())[1:]
    assert house.rongdang("keys", "join", two[0], *as_officer)[0] == 1
    code, said = house.rongdang("keys", "join", *two, *as_officer)
    assert code == 0, said

    for path in keys.iterdir():
        path.unlink()
    code, said = house.rongdang(
        *("keys", "restore", tmp_path / "escrow.age"),
        *("--identity-file", tmp_path / "identity", *as_officer),
    )
    assert code == 0, said
    code, said = house.rongdang("verify", "--json")
    assert code == 0 and json.loads(said.splitlines()[0])["ok"], said
