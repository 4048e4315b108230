"""The age format (age-encryption.org/v1) under a passphrase, as a stream.

The library holds a file under a passphrase whole in memory; a person's file may have a gigabyte.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import os
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

INTRO = b"age-encryption.org/v1\n"
LABEL = b"age-encryption.org/v1/scrypt"
CHUNK, TAG = 1 << 16, 16
LONGEST_LINE = 1 << 12  # of a header
# log2 of the N of scrypt: 128 MiB and half a second for every guess; of a foreign file at most 1 GiB.
WORK, MOST_WORK = 17, 20
NONCE = bytes(12)  # the key of a stanza encrypts once


class AgeError(ValueError):
    """The passphrase is wrong, or this is no whole age file under a passphrase."""


def encrypted(chunks: Iterable[bytes], passphrase: str, *, work: int = WORK) -> Iterator[bytes]:
    """The bytes of an age file of what the chunks give, one chunk in memory at a time."""
    key, salt, nonce = os.urandom(16), os.urandom(16), os.urandom(16)
    wrapped = ChaCha20Poly1305(_guessed(passphrase, salt, work)).encrypt(NONCE, key, None)
    head = INTRO + b"-> scrypt %s %d\n%s\n---" % (_text(salt), work, _text(wrapped))
    yield head + b" " + _text(_mac(key, head)) + b"\n" + nonce
    cipher = ChaCha20Poly1305(_derived(key, nonce, b"payload"))
    for number, (part, last) in enumerate(_parts(chunks)):
        yield cipher.encrypt(_counter(number, last=last), part, None)


def decrypted(source: BinaryIO, passphrase: str) -> Iterator[bytes]:
    """What an age file holds; raises AgeError as soon as a part of it is not as it was written."""
    key = _opened(source, passphrase)
    cipher = ChaCha20Poly1305(_derived(key, source.read(16), b"payload"))
    held, number = source.read(CHUNK + TAG), 0
    while held:
        following = source.read(CHUNK + TAG)
        try:
            part = cipher.decrypt(_counter(number, last=not following), held, None)
        except InvalidTag as error:
            raise AgeError("damaged") from error
        if not part and number:
            raise AgeError("damaged")  # only a file without content ends in an empty part
        yield part
        held, number = following, number + 1
    if not number:
        raise AgeError("cut off")


def _opened(source: BinaryIO, passphrase: str) -> bytes:
    """The key of the file, from its header."""
    lines = [source.readline(LONGEST_LINE) for _ in range(4)]
    stanza, ending = lines[1].split(), lines[3].split()
    if lines[0] != INTRO or len(stanza) != 4 or stanza[:2] != [b"->", b"scrypt"]:
        raise AgeError("no age file under a passphrase")
    work = int(stanza[3]) if stanza[3].isdigit() and len(stanza[3]) < 3 else 0
    if not 1 <= work <= MOST_WORK:
        raise AgeError("asks for too much work")
    if len(ending) != 2 or ending[0] != b"---":
        raise AgeError("damaged")
    salt, wrapped = _bytes(stanza[2], 16), _bytes(lines[2].rstrip(b"\n"), 32)
    try:
        cipher = ChaCha20Poly1305(_guessed(passphrase, salt, work))
        key = cipher.decrypt(NONCE, wrapped, None)
    except InvalidTag as error:
        raise AgeError("wrong passphrase") from error
    if not hmac.compare_digest(_mac(key, b"".join(lines[:3]) + b"---"), _bytes(ending[1], 32)):
        raise AgeError("damaged")
    return key


def _parts(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Parts of CHUNK bytes and, with True, the last; one empty part when there is nothing."""
    held = bytearray()
    for chunk in chunks:
        held += chunk
        while len(held) > CHUNK:
            yield bytes(held[:CHUNK]), False
            del held[:CHUNK]
    yield bytes(held), True


def _counter(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])


def _guessed(passphrase: str, salt: bytes, work: int) -> bytes:
    kdf = Scrypt(salt=LABEL + salt, length=32, n=1 << work, r=8, p=1)
    return kdf.derive(passphrase.encode())


def _derived(key: bytes, salt: bytes, what: bytes) -> bytes:
    return HKDF(SHA256(), 32, salt, what).derive(key)


def _mac(key: bytes, head: bytes) -> bytes:
    return hmac.digest(_derived(key, b"", b"header"), head, "sha256")


def _text(data: bytes) -> bytes:
    return base64.b64encode(data).rstrip(b"=")


def _bytes(text: bytes, length: int) -> bytes:
    try:
        data = base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)
    except binascii.Error as error:
        raise AgeError("damaged") from error
    if len(data) != length or _text(data) != text:
        raise AgeError("damaged")
    return data
