"""A witness over HTTP on loopback: it co-signs what continues, refuses a fork, and remembers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest
from django.test import Client

from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger import auditing, outside_services, queries, rollback, services, witnessing
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.models import Attestation, Entry, Head, WatchedHead

pytestmark = pytest.mark.django_db
ADDRESS = "/witness/"


def ours(settings):
    return settings.KEYRING.signer().public_key.hex()


def watched(settings):
    settings.LEDGER_WATCHED = {ours(settings): queries.log_id()}


def handed(since=0, **changes):
    head = services.sign_head()
    proof = queries.consistency(since, head.size) if since else []
    return {
        "head": {**head.signed(queries.log_id()).to_dict(), **changes},
        "since": since,
        "proof": [step.hex() for step in proof],
    }


def post(body):
    return Client(enforce_csrf_checks=True).post(ADDRESS, body, content_type="application/json")


def test_who_is_nobody_s_witness_has_no_such_door(fill):
    fill(3)
    assert post(handed()).status_code == 404


def test_a_head_is_co_signed_at_first_sight_and_then_only_if_it_continues(fill, settings):
    fill(3)
    watched(settings)
    assert post(handed()).status_code == 200
    assert post(handed()).status_code == 200  # the same again
    fill(4)
    stale = post(handed(since=0))
    assert (stale.status_code, stale.json()["code"]) == (409, "out-of-step")
    assert stale.json()["seen"]["size"] == 3
    assert post(handed(since=3)).status_code == 200
    assert [row.size for row in WatchedHead.objects.order_by("pk")] == [3, 7]
    seen = Client().get(f"{ADDRESS}{queries.log_id()}/").json()["seen"]
    assert seen == Head.objects.get(pk=7).signed(queries.log_id()).to_dict()
    assert Client().get(f"{ADDRESS}{'ab' * 32}/").status_code == 404


def test_a_fork_is_refused_noted_and_an_alarm(fill, cut, settings):
    fill(8)
    watched(settings)
    assert post(handed()).status_code == 200
    cut(5)
    fill(6)
    proof = handed(since=8)  # a true proof, of another history
    answer = post(proof)
    assert (answer.status_code, answer.json()["code"]) == (409, "fork")
    assert Entry.objects.filter(event=witnessing.REFUSE).exists()
    assert Alarm.objects.get(kind="log-forked").subject_id == queries.log_id()
    assert WatchedHead.objects.count() == 1


def test_an_earlier_head_is_not_signed_after_a_later_one(fill, settings):
    fill(4)
    watched(settings)
    early = handed()
    fill(4)
    assert post(handed()).status_code == 200
    assert post(early).json()["code"] == "fork"


@pytest.mark.parametrize(
    "changes",
    [
        {"root": "ab" * 32},
        {"size": 4},
        {"signature": "ab" * 64},
        {"at": "2026-01-01T00:00:00.000000+00:00"},
        {"log": "ab" * 32},
    ],
)
def test_a_head_that_its_log_did_not_sign_is_refused(fill, settings, changes):
    fill(3)
    watched(settings)
    assert post(handed(**changes)).status_code == 403
    assert not WatchedHead.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        "",
        "[]",
        "{}",
        '{"head": 1}',
        '{"head": {"log": "x"}}',
        '{"head": null, "since": []}',
        "{" * 9,
    ],
)
def test_what_is_no_head_is_told_so(fill, settings, body):
    fill(1)
    watched(settings)
    assert post(body).status_code == 422
    assert post("x" * (1 << 17)).status_code == 422


def test_two_officers_of_the_witness_let_a_restored_log_go_on(fill, cut, settings, officers):
    auditor, security = officers
    fill(8)
    watched(settings)
    log = queries.log_id()
    assert post(handed()).status_code == 200
    witnessing.release(log, reason="对方依规恢复备份", acting_user=auditor)
    fill(2)
    forked = handed()
    WatchedHead.objects.update(size=10_000)  # the witness saw more than there is now
    assert post(forked).json()["code"] == "fork"
    witnessing.release(log, reason="已核对批文", acting_user=security)
    assert post(forked).status_code == 200
    fill(1)
    assert post(handed(since=5)).json()["code"] == "out-of-step"  # from now on as before


def test_the_log_asks_its_witness_over_http_and_keeps_the_co_signature(
    fill, settings, live_server, transactional_db
):
    with services.transaction.atomic():
        fill(3)
    watched(settings)
    address = live_server.url + ADDRESS
    key = settings.KEYRING.signer("witness").public_key.hex()
    settings.LEDGER_WITNESSES = {address: key}
    assert not anchor().failures
    with services.transaction.atomic():
        fill(4)
    assert not anchor().failures
    assert Attestation.objects.filter(kind="witness", source=address).count() == 2
    assert auditing.examine().attested == 2 and auditing.examine().report.ok
    Attestation.objects.filter(head=3).delete()
    assert not anchor().failures
    row = Attestation.objects.get()
    Attestation.objects.update(evidence=b"x" * 64)
    assert auditing.examine().report.first_bad.code == "attestation"
    Attestation.objects.all().delete()
    assert not anchor().failures  # it does not remember where the witness is, and is told
    assert row.head_id == Attestation.objects.get().head_id
    settings.LEDGER_WITNESSES = {address: "ab" * 32}
    Attestation.objects.all().delete()
    assert [one.code for one in anchor().failures] == ["bad-cosignature"]
    settings.LEDGER_WITNESSES = {"http://127.0.0.1:9/": "ab" * 32}
    assert [one.code for one in anchor().failures] == ["no-answer"]
    assert len(rollback.require_no_rollback()) == 1  # silence does not keep the house shut
    assert Alarm.objects.get(kind="head-not-witnessed", subject_id="no-answer").times == 1


@pytest.fixture
def other_installation(tmp_path, fill, settings, transactional_db):
    """A second house with its own database and keys, served on loopback, that witnesses ours."""
    with services.transaction.atomic():
        fill(5)
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("RONGDANG_")},
        "RONGDANG_VAR": str(tmp_path / "witness"),
        "RONGDANG_OCR": "null",
        "RONGDANG_WORKERS": "1",
        "RONGDANG_LEDGER_WATCHED": f"{ours(settings)}={queries.log_id()}",
    }
    command = [sys.executable, "-m", "rongdang", "serve", "--port", str(port)]
    server = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}{ADDRESS}"
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until:
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/heads/", timeout=2)
                break
            except OSError:
                assert server.poll() is None
                time.sleep(0.2)
        told = subprocess.run(
            [sys.executable, "-c", KEY], env=environment, capture_output=True, text=True, check=True
        )
        yield address, told.stdout.strip()
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(60)


KEY = """
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "rongdang.config.settings"
from django.conf import settings
print(settings.KEYRING.signer("witness").public_key.hex())
"""


def test_two_installations_one_witnesses_the_other_and_finds_its_rollback(
    other_installation, fill, cut, settings
):
    address, key = other_installation
    settings.LEDGER_WITNESSES = {address: key}
    assert not anchor().failures
    with services.transaction.atomic():
        fill(7)
    assert not anchor().failures
    assert Attestation.objects.filter(public_key=bytes.fromhex(key)).count() == 2
    assert rollback.require_no_rollback() == []
    seen = outside_services.newest_seen(address)
    assert seen.size == 12
    cut(5)  # the database is put back to where it was yesterday
    with pytest.raises(rollback.RollbackError, match="12"):
        rollback.require_no_rollback()
    with services.transaction.atomic():
        fill(9)  # … and written on
    with pytest.raises(rollback.RollbackError):
        rollback.require_no_rollback()
    assert [one.code for one in anchor().failures] == ["fork"]
    assert not auditing.examine().report.ok
    with pytest.raises(urllib.error.HTTPError) as refused:
        head = json.dumps(handed(since=12)).encode()
        request = urllib.request.Request(
            address, head, headers={"Content-Type": "application/json"}
        )
        urllib.request.urlopen(request, timeout=10)
    assert json.loads(refused.value.read())["code"] == "fork"
