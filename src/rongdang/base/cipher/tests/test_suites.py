"""The algorithms against published vectors, and refusal of what does not verify."""

import hashlib
import hmac

import pytest

from rongdang.base.cipher.blind import blind_index
from rongdang.base.cipher.errors import DamagedError
from rongdang.base.cipher.suites import AES, SM, Ed25519Signer, signature_holds, suite

KEY = bytes.fromhex("0123456789abcdeffedcba9876543210")


def test_sm3_of_abc_as_published():
    # GB/T 32905-2016, A.1
    assert (
        SM.digest(b"abc").hex()
        == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    )


def test_sm4_gcm_as_in_rfc_8998():
    nonce = bytes.fromhex("00001234567800000000abcd")
    aad = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
    plain = bytes.fromhex("".join(pair * 8 for pair in "aa bb cc dd ee ff ee aa".split()))
    expected = (
        "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
        "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
        "83de3541e4c2b58177e065a9bf7b62ec"
    )
    cipher = SM.aead(KEY)
    assert cipher.encrypt(nonce, plain, aad).hex() == expected
    assert cipher.decrypt(nonce, bytes.fromhex(expected), aad) == plain


@pytest.mark.parametrize("number", [1, 2])
def test_changed_ciphertext_data_or_nonce_is_refused(number):
    chosen = suite(number)
    cipher = chosen.aead(chosen.derive(b"k" * 32, b"test"))
    sealed = cipher.encrypt(b"n" * 12, b"text", b"row 1")
    assert cipher.decrypt(b"n" * 12, sealed, b"row 1") == b"text"
    for nonce, blob, aad in (
        (b"n" * 12, sealed, b"row 2"),
        (b"m" * 12, sealed, b"row 1"),
        (b"n" * 12, sealed[:-1], b"row 1"),
        (b"n" * 12, b"", b"row 1"),
    ):
        with pytest.raises(DamagedError):
            cipher.decrypt(nonce, blob, aad)


def test_derivation_agrees_with_the_plain_reading_of_rfc_5869():
    secret = hmac.new(bytes(32), b"material", hashlib.sha256).digest()
    assert AES.derive(b"material", b"use") == hmac.new(secret, b"use\x01", hashlib.sha256).digest()


def test_signatures():
    signer = Ed25519Signer("ledger.1.aa", bytes(32))
    # RFC 8032 keys: the public key of the zero seed is widely published.
    assert signer.public_key.hex().startswith("3b6a27bcceb6a42d62a3a8d02a6f0d73")
    signature = signer.sign(b"head")
    assert signature_holds(1, signer.public_key, signature, b"head")
    assert not signature_holds(1, signer.public_key, signature, b"heaD")
    assert not signature_holds(1, signer.public_key, b"", b"head")
    assert not signature_holds(2, signer.public_key, signature, b"head")
    with pytest.raises(DamagedError):
        signature_holds(9, signer.public_key, signature, b"head")
    with pytest.raises(DamagedError):
        suite(9)


def test_blind_index_finds_one_spelling_and_separates_columns():
    key = b"i" * 32
    number = blind_index(key, "person.id", "99010119300101001x")
    assert number == blind_index(key, "person.id", " ９９０１０１１９３００１０１００１Ｘ ")
    assert number != blind_index(key, "kin.id", "99010119300101001x")
    assert number != blind_index(b"j" * 32, "person.id", "99010119300101001x")
    assert blind_index(key, "ab", "c") != blind_index(key, "a", "bc")
