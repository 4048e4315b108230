"""Encrypted files: chunks of 64 KiB, each authenticated, readable from any place (STREAM).

Layout, big endian:
  magic "RDE1" 4 | suite 1 | log2 of chunk size 1 | file id 16 | plaintext length 8 (2^64-1: not
  known when written) | nonce prefix 7 | length of key id 1, key id | key commitment 32 | chunks
Each chunk is its ciphertext and a 16-byte tag; nonce = prefix ‖ be32 counter ‖ (1 if last else 0);
associated data = the whole header. So cutting, swapping, repeating or adding chunks is detected.
The commitment is derived from the file's key: GCM alone does not bind a file to one key.
"""

from __future__ import annotations

import hmac
import io
import os
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from rongdang.base.blocks import BlockReader
from rongdang.base.cipher.errors import damaged
from rongdang.base.cipher.keyring import Keyring
from rongdang.base.cipher.suites import AES, TAG_SIZE, Aead, Buffer, suite

MAGIC = b"RDE1"
SEALED_MAGIC = b"RDS1"
CHUNK_BITS = 16
KEY_SIZE = 32  # of the file's key; each suite derives its own size from it
UNKNOWN = 2**64 - 1
_FIXED = 4 + 1 + 1 + 16 + 8 + 7 + 1


@dataclass(frozen=True, slots=True)
class Header:
    suite: int
    chunk_size: int
    file_id: uuid.UUID
    length: int  # UNKNOWN when the writer could not know
    prefix: bytes
    key_id: str
    commitment: bytes
    raw: bytes


def new_key() -> bytes:
    """A file's own key; never used for a second file."""
    return os.urandom(KEY_SIZE)


def encrypted(
    source: BinaryIO,
    key: bytes,
    *,
    key_id: str,
    file_id: uuid.UUID,
    number: int = AES.number,
    length: int = UNKNOWN,
    seen: Callable[[bytes], object] | None = None,
) -> Iterator[bytes]:
    """Header and chunks of `source`; `seen` gets each plaintext chunk (to digest it meanwhile).

    Raises DamagedError when `length` was promised and the source gave another.
    """
    header = _new_header(key, key_id=key_id, file_id=file_id, number=number, length=length)
    yield header.raw
    cipher = _content_cipher(header, key)
    total, counter = 0, 0
    chunk, following = _read_chunk(source), b"begin"
    while following:
        following = _read_chunk(source) if len(chunk) == header.chunk_size else b""
        if seen is not None:
            seen(chunk)
        total += len(chunk)
        yield cipher.encrypt(_nonce(header.prefix, counter, last=not following), chunk, header.raw)
        chunk, counter = following, counter + 1
    if length not in (UNKNOWN, total):
        raise damaged("写入时来源变了长度", "the source changed its length while it was read")


def encrypted_in(
    scratch: bytearray, data: Buffer, key: bytes, *, key_id: str, file_id: uuid.UUID, number: int
) -> Iterator[memoryview]:
    """The envelope of bytes in memory, in pieces that lie in `scratch`: at least two chunks long.

    Each piece holds until the next is asked for. Fresh memory would cost more than the cipher does.
    """
    plain, out = memoryview(data), memoryview(scratch)
    header = _new_header(key, key_id=key_id, file_id=file_id, number=number, length=len(plain))
    cipher, filled = _content_cipher(header, key), len(header.raw)
    out[:filled] = header.raw
    size = header.chunk_size
    for counter, start in enumerate(range(0, max(1, len(plain)), size)):
        if filled + size + TAG_SIZE > len(out):
            yield out[:filled]
            filled = 0
        nonce = _nonce(header.prefix, counter, last=start + size >= len(plain))
        chunk = plain[start : start + size]
        filled += cipher.encrypt_into(nonce, chunk, header.raw, out[filled:])
    yield out[:filled]


def _new_header(key: bytes, *, key_id: str, file_id: uuid.UUID, number: int, length: int) -> Header:
    name = key_id.encode()
    return parse_header(
        b"".join(
            (
                MAGIC,
                bytes((number, CHUNK_BITS)),
                file_id.bytes,
                length.to_bytes(8, "big"),
                os.urandom(7),
                bytes((len(name),)),
                name,
                _commitment(number, key, file_id),
            )
        )
    )


def encrypt(
    data: bytes, key: bytes, *, key_id: str, file_id: uuid.UUID, number: int = AES.number
) -> bytes:
    """The whole envelope of a small file."""
    source = io.BytesIO(data)
    return b"".join(
        encrypted(source, key, key_id=key_id, file_id=file_id, number=number, length=len(data))
    )


def decrypt(sealed: bytes, key: bytes) -> bytes:
    """The whole plaintext; raises DamagedError unless every byte is as written."""
    return EnvelopeReader(io.BytesIO(sealed), key).readall()


class EnvelopeReader(BlockReader):
    """Plaintext of an envelope, readable from any place.

    Opening authenticates the last chunk: a file cut at a chunk edge is refused before its first
    byte is read. Raises DamagedError.
    """

    def __init__(self, file: BinaryIO, key: bytes) -> None:
        self._file = file
        self.header = header = read_header(file)
        if not hmac.compare_digest(
            header.commitment, _commitment(header.suite, key, header.file_id)
        ):
            raise damaged("密钥与这份文件不符", "the key is not this file's")
        self._cipher = _content_cipher(header, key)
        body = file.seek(0, io.SEEK_END) - len(header.raw)
        sealed_size = header.chunk_size + TAG_SIZE
        self._chunks = max(1, -(-body // sealed_size))
        super().__init__(body - self._chunks * TAG_SIZE, header.chunk_size)
        if self.length < 0 or header.length not in (UNKNOWN, self.length):
            raise damaged("长度与文件头不符", "its length is not the one in its header")
        self._held, self._held_index = b"", -1
        self.block(self._chunks - 1)

    def readall(self) -> bytes:
        index, start = divmod(self._position, self.block_size)
        parts = [self.block(number) for number in range(index, self._chunks)]
        self._position = self.length
        return b"".join(parts)[start:]

    def chunks(self) -> Iterator[bytes]:
        """All of it from the first byte on, a chunk at a time: less memory than `readall`."""
        return (self.block(number) for number in range(self._chunks))

    def close(self) -> None:
        self._file.close()
        super().close()

    def block(self, index: int) -> bytes:
        if index != self._held_index:
            size = self.header.chunk_size + TAG_SIZE
            self._file.seek(len(self.header.raw) + index * size)
            nonce = _nonce(self.header.prefix, index, last=index == self._chunks - 1)
            self._held = self._cipher.decrypt(nonce, self._file.read(size), self.header.raw)
            self._held_index = index
        return self._held


def read_header(file: BinaryIO) -> Header:
    file.seek(0)
    fixed = file.read(_FIXED)
    if len(fixed) < _FIXED or fixed[:4] != MAGIC:
        raise damaged("不是本系统的加密文件", "it is not an envelope")
    return parse_header(fixed + file.read(fixed[-1] + 32))


def parse_header(raw: bytes) -> Header:
    name_end = _FIXED + raw[_FIXED - 1]
    if len(raw) != name_end + 32 or not 10 <= raw[5] <= 24:
        raise damaged("文件头不完整", "its header is not whole")
    suite(raw[4])
    return Header(
        suite=raw[4],
        chunk_size=1 << raw[5],
        file_id=uuid.UUID(bytes=raw[6:22]),
        length=int.from_bytes(raw[22:30], "big"),
        prefix=raw[30:37],
        key_id=raw[_FIXED:name_end].decode("ascii", "replace"),
        commitment=raw[name_end:],
        raw=raw,
    )


def seal(keyring: Keyring, purpose: str, data: bytes) -> bytes:
    """An envelope that carries its own wrapped key: for things no database row speaks of."""
    key, file_id = new_key(), uuid.uuid4()
    key_id, wrapped = keyring.wrap(purpose, key, file_id.bytes)
    body = encrypt(data, key, key_id=key_id, file_id=file_id, number=keyring.suite)
    return SEALED_MAGIC + len(wrapped).to_bytes(2, "big") + wrapped + body


def unseal(keyring: Keyring, purpose: str, sealed: bytes) -> bytes:
    """What `seal` was given; raises DamagedError, also for a blob sealed for another purpose."""
    if sealed[:4] != SEALED_MAGIC:
        raise damaged("不是本系统的加密文件", "it is not a sealed blob")
    start = 6 + int.from_bytes(sealed[4:6], "big")
    header = read_header(io.BytesIO(sealed[start:]))
    if keyring.key(header.key_id).purpose != purpose:
        raise damaged("用途不符", "it was sealed for another purpose")
    key = keyring.unwrap(header.key_id, sealed[6:start], header.file_id.bytes)
    return decrypt(sealed[start:], key)


def _read_chunk(source: BinaryIO) -> bytes:
    """Exactly one chunk, or what is left; a raw stream may give less at a time."""
    size = 1 << CHUNK_BITS
    chunk = source.read(size)
    while chunk and len(chunk) < size and (more := source.read(size - len(chunk))):
        chunk += more
    return chunk or b""


def _nonce(prefix: bytes, counter: int, *, last: bool) -> bytes:
    return prefix + counter.to_bytes(4, "big") + bytes((last,))


def _commitment(number: int, key: bytes, file_id: uuid.UUID) -> bytes:
    return suite(number).derive(key, b"rongdang commitment " + file_id.bytes, 32)


def _content_cipher(header: Header, key: bytes) -> Aead:
    chosen = suite(header.suite)
    return chosen.aead(chosen.derive(key, b"rongdang content " + header.file_id.bytes))
