"""SM2: published values, a second implementation, and OpenSSL as a voice from outside."""

import shutil
import subprocess

import gmalg
import pytest
from cryptography.hazmat.primitives.asymmetric.utils import (
    decode_dss_signature,
    encode_dss_signature,
)

from rongdang.base.cipher import sm2
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.suites import SM, signature_holds

# GB/T 32918.5-2017, A.2
PRIVATE = bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8")
PUBLIC = bytes.fromhex(
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
R = 0xF5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3
S = 0xB1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA
MESSAGE = b"message digest"
PUBLISHED = encode_dss_signature(R, S)


def test_the_published_key_pair_and_signature():
    assert sm2.public_key(PRIVATE) == PUBLIC
    assert sm2.holds(PUBLIC, PUBLISHED, MESSAGE)
    assert signature_holds(2, PUBLIC, PUBLISHED, MESSAGE)


@pytest.mark.parametrize(
    "public,signature,message",
    [
        (PUBLIC, PUBLISHED, MESSAGE + b"."),
        (PUBLIC, encode_dss_signature(R, S ^ 1), MESSAGE),
        (PUBLIC, encode_dss_signature(0, S), MESSAGE),
        (PUBLIC, encode_dss_signature(R, 0), MESSAGE),
        (PUBLIC, encode_dss_signature(R + sm2.N, S), MESSAGE),
        (PUBLIC, PUBLISHED + b"\0", MESSAGE),
        (PUBLIC, b"", MESSAGE),
        (PUBLIC, R.to_bytes(32, "big") + S.to_bytes(32, "big"), MESSAGE),
        (PUBLIC[:-1] + bytes((PUBLIC[-1] ^ 1,)), PUBLISHED, MESSAGE),  # not on the curve
        (bytes(64), PUBLISHED, MESSAGE),
        (b"", PUBLISHED, MESSAGE),
    ],
    ids=range(11),
)
def test_what_is_no_signature_of_this_message_by_this_key_holds_nothing(
    public, signature, message, capfd
):
    assert not sm2.holds(public, signature, message)
    told = capfd.readouterr().err.split()  # the library names the lines that refused, and no more
    assert all("sm2_" in word for word in told)


def test_a_second_implementation_says_the_same():
    other = gmalg.SM2(PRIVATE, sm2.IDENTITY, b"\x04" + PUBLIC)
    r, s = decode_dss_signature(sm2.sign(PRIVATE, PUBLIC, MESSAGE))
    assert other.verify(MESSAGE, r.to_bytes(32, "big"), s.to_bytes(32, "big"))
    theirs = [int.from_bytes(part, "big") for part in other.sign(MESSAGE)]
    assert sm2.holds(PUBLIC, encode_dss_signature(*theirs), MESSAGE)
    for seed in (bytes(48), b"\xff" * 48, b"seed" * 12):
        private = sm2.private_key(seed)
        theirs = gmalg.SM2(private)
        assert theirs.generate_pk(private)[1:] == sm2.public_key(private)


def test_signatures_differ_each_time_and_all_hold():
    made = {sm2.sign(PRIVATE, PUBLIC, MESSAGE) for _ in range(20)}
    assert len(made) == 20 and all(sm2.holds(PUBLIC, one, MESSAGE) for one in made)


def _pem(folder, name, der):
    import base64

    kind = {"key": "EC PRIVATE KEY", "pub": "PUBLIC KEY"}[name]
    body = base64.encodebytes(der).decode()
    path = folder / f"{name}.pem"
    path.write_text(f"-----BEGIN {kind}-----\n{body}-----END {kind}-----\n")
    return path


@pytest.mark.skipif(not shutil.which("openssl"), reason="no openssl on this machine")
def test_openssl_and_we_believe_each_other(tmp_path):
    curve = bytes.fromhex("06082a811ccf5501822d")  # 1.2.156.10197.1.301
    point = b"\x04" + PUBLIC
    algorithm = bytes.fromhex("301306072a8648ce3d0201") + curve
    bits = b"\x03\x42\x00" + point
    pub = _pem(tmp_path, "pub", bytes((0x30, len(algorithm) + len(bits))) + algorithm + bits)
    inner = b"\x02\x01\x01\x04\x20" + PRIVATE + b"\xa0\x0a" + curve + b"\xa1\x44" + bits
    key = _pem(tmp_path, "key", bytes((0x30, len(inner))) + inner)
    (tmp_path / "message").write_bytes(MESSAGE)
    (tmp_path / "ours").write_bytes(sm2.sign(PRIVATE, PUBLIC, MESSAGE))
    told = ["-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{sm2.IDENTITY.decode()}"]

    def openssl(*arguments):
        return subprocess.run(
            ["openssl", "pkeyutl", *arguments, "-in", "message", *told],
            cwd=tmp_path,
            capture_output=True,
            text=True,
        )

    ours = openssl("-verify", "-pubin", "-inkey", str(pub), "-sigfile", "ours")
    assert ours.returncode == 0, ours.stderr
    made = openssl("-sign", "-inkey", str(key), "-out", "theirs")
    assert made.returncode == 0, made.stderr
    assert sm2.holds(PUBLIC, (tmp_path / "theirs").read_bytes(), MESSAGE)


def test_the_ring_signs_with_the_suite_that_writes_and_both_are_checked(tmp_path):
    ours, national = Keyring(tmp_path), Keyring(tmp_path, suite=SM.number)
    for ring, number in ((ours, 1), (national, 2)):
        signer = ring.signer()
        assert signer.suite == number
        signature = signer.sign(b"head")
        assert signature_holds(number, signer.public_key, signature, b"head")
        assert not signature_holds(number, signer.public_key, signature, b"heaD")
        assert not signature_holds(3 - number, signer.public_key, signature, b"head")
        for reader in (ours, national):
            assert reader.public_key(signer.key_id, number) == signer.public_key
