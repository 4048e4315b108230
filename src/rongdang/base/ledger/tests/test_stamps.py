"""Time stamps by RFC 3161 from a real authority: `openssl ts` behind a loopback address."""

import subprocess
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from rongdang.base.alarms.models import Alarm
from rongdang.base.ledger import auditing
from rongdang.base.ledger.anchoring import anchor
from rongdang.base.ledger.models import Attestation

pytestmark = pytest.mark.django_db
CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {folder}/serial
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha384, sha512
ess_cert_id_alg = sha256
"""


def openssl(folder, *arguments):
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    """A root, a time-stamping certificate under it, and the service itself."""
    folder = tmp_path_factory.mktemp("tsa")
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    openssl(
        folder, "req", "-x509", *curve, "-subj", "/CN=Root", "-days", "30",
        "-keyout", "root.key", "-out", "root.pem",
        "-addext", "keyUsage=critical,keyCertSign,cRLSign",
    )  # fmt: skip
    openssl(folder, "req", *curve, "-subj", "/CN=TSA", "-keyout", "tsa.key", "-out", "tsa.csr")
    (folder / "extensions").write_text(
        "extendedKeyUsage=critical,timeStamping\nkeyUsage=critical,digitalSignature\n"
        "basicConstraints=critical,CA:false\nauthorityKeyIdentifier=keyid\nsubjectKeyIdentifier=hash\n"
    )
    openssl(
        folder, "x509", "-req", "-in", "tsa.csr", "-CA", "root.pem", "-CAkey", "root.key",
        "-CAcreateserial", "-days", "20", "-extfile", "extensions", "-out", "tsa.pem",
    )  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIGURATION.format(folder=folder))

    class Stamping(BaseHTTPRequestHandler):
        def do_POST(self):
            query = self.rfile.read(int(self.headers["Content-Length"]))
            (folder / "query").write_bytes(query)
            openssl(
                folder, "ts", "-reply", "-config", "tsa.cnf",
                "-queryfile", "query", "-out", "reply",
            )  # fmt: skip
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.end_headers()
            self.wfile.write((folder / "reply").read_bytes())

        def log_message(self, *_arguments):
            pass

    server = HTTPServer(("127.0.0.1", 0), Stamping)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/", folder
    server.shutdown()


def test_a_head_is_stamped_once_and_the_stamp_is_checked_again_with_the_log(
    fill, settings, authority, tmp_path
):
    address, folder = authority
    settings.LEDGER_TSA, settings.LEDGER_TSA_ROOT = address, str(folder / "root.pem")
    fill(3)
    assert not anchor().failures
    anchor()
    stamp = Attestation.objects.get()
    assert stamp.kind == "time" and abs(stamp.at - datetime.now(UTC)) < timedelta(minutes=5)
    assert auditing.examine().report.ok
    outside = subprocess.run(
        ["openssl", "ts", "-reply", "-in", _file(tmp_path, stamp.evidence), "-text"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert "Status: Granted" in outside.stdout
    fill(2)
    anchor()
    first, second = Attestation.objects.order_by("head_id")
    Attestation.objects.filter(pk=second.pk).update(evidence=bytes(first.evidence))
    assert auditing.examine().report.first_bad.code == "attestation"


def test_a_stamp_of_an_unknown_authority_is_not_taken(fill, settings, authority, tmp_path):
    address, _folder = authority
    openssl(
        tmp_path, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
        "-subj", "/CN=Root", "-days", "3", "-keyout", "key", "-out", "root.pem",
    )  # fmt: skip
    settings.LEDGER_TSA, settings.LEDGER_TSA_ROOT = address, str(tmp_path / "root.pem")
    fill(3)
    assert [one.code for one in anchor().failures] == ["bad-stamp"]
    assert Alarm.objects.get(kind="timestamp-failed")
    assert not Attestation.objects.exists()


def _file(folder, data):
    path = folder / "reply.tsr"
    path.write_bytes(bytes(data))
    return str(path)
