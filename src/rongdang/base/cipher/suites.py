"""Sets of algorithms. Every envelope, wrapped key and signature names its suite by number.

Suite 1: AES-256-GCM, SHA-256, Ed25519. Suite 2: SM4-GCM (GB/T 32907, RFC 8998), SM3 (GB/T 32905),
SM2 (GB/T 32918). Which one writes is a setting; both read at any time. A suite is never removed: what was written with it stays readable.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes, hmac
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.ciphers.algorithms import SM4
from cryptography.hazmat.primitives.ciphers.modes import GCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from rongdang.base.cipher import sm2
from rongdang.base.cipher.errors import damaged

Buffer = bytes | bytearray | memoryview
NONCE_SIZE = 12
TAG_SIZE = 16


class Aead(ABC):
    """Authenticated encryption under one key; ciphertext is followed by its 16-byte tag."""

    @abstractmethod
    def encrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes: ...

    @abstractmethod
    def encrypt_into(self, nonce: bytes, data: Buffer, aad: bytes, out: memoryview) -> int:
        """As `encrypt`, to the beginning of `out`, which has room for it; how many bytes."""

    @abstractmethod
    def decrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        """Raises DamagedError when data, tag, nonce, AAD or key differ from what was sealed."""


class AesGcm(Aead):
    def __init__(self, key: bytes) -> None:
        self._gcm = AESGCM(key)

    def encrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        return self._gcm.encrypt(nonce, data, aad)

    def encrypt_into(self, nonce: bytes, data: Buffer, aad: bytes, out: memoryview) -> int:
        size = len(data) + TAG_SIZE
        return self._gcm.encrypt_into(nonce, data, aad, out[:size])

    def decrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        try:
            return self._gcm.decrypt(nonce, data, aad)
        except InvalidTag as error:
            raise damaged("校验标签不符", "the authentication tag differs") from error


class Sm4Gcm(Aead):
    def __init__(self, key: bytes) -> None:
        self._cipher = SM4(key)

    def encrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        encryptor = Cipher(self._cipher, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        return encryptor.update(data) + encryptor.finalize() + encryptor.tag

    def encrypt_into(self, nonce: bytes, data: Buffer, aad: bytes, out: memoryview) -> int:
        encryptor = Cipher(self._cipher, GCM(nonce)).encryptor()
        encryptor.authenticate_additional_data(aad)
        size = encryptor.update_into(data, out)
        encryptor.finalize()
        out[size : size + TAG_SIZE] = encryptor.tag
        return size + TAG_SIZE

    def decrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        view = memoryview(data)
        if len(view) < TAG_SIZE:
            raise damaged("比校验标签还短", "it is shorter than a tag")
        tag = bytes(view[-TAG_SIZE:])
        decryptor = Cipher(self._cipher, GCM(nonce, tag)).decryptor()
        decryptor.authenticate_additional_data(aad)
        try:
            return decryptor.update(view[:-TAG_SIZE]) + decryptor.finalize()
        except InvalidTag as error:
            raise damaged("校验标签不符", "the authentication tag differs") from error


class Signer(ABC):
    """Signs under one key of the ring; `suite` names what checks it."""

    suite: int
    public_key: bytes

    def __init__(self, key_id: str) -> None:
        self.key_id = key_id

    @abstractmethod
    def sign(self, message: bytes) -> bytes: ...


class Ed25519Signer(Signer):
    """Ed25519 (RFC 8032); the seed is 32 bytes."""

    suite = 1

    def __init__(self, key_id: str, seed: bytes) -> None:
        super().__init__(key_id)
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


class Sm2Signer(Signer):
    """SM2 with SM3 (GB/T 32918); the seed is 48 bytes, of which the private key is made."""

    suite = 2

    def __init__(self, key_id: str, seed: bytes) -> None:
        super().__init__(key_id)
        self._private = sm2.private_key(seed)
        self.public_key = sm2.public_key(self._private)

    def sign(self, message: bytes) -> bytes:
        return sm2.sign(self._private, self.public_key, message)


def _ed25519_holds(public_key: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


class Suite:
    """One set of algorithms under its number."""

    known: ClassVar[dict[int, Suite]] = {}

    def __init__(
        self,
        number: int,
        name: str,
        *,
        key_size: int,
        aead: Callable[[bytes], Aead],
        algorithm: type[hashes.HashAlgorithm],
        signing: tuple[Callable[[str, bytes], Signer], int],  # and the size of its seed
        holds: Callable[[bytes, bytes, bytes], bool],
    ) -> None:
        self.number, self.name, self.key_size = number, name, key_size
        self.aead, self._algorithm = aead, algorithm
        self._signing, self.signature_holds = signing, holds
        self.known[number] = self

    def digesting(self) -> hashes.Hash:
        """For bytes that come in pieces."""
        return hashes.Hash(self._algorithm())

    def digest(self, data: Buffer) -> bytes:
        """32 bytes in both suites."""
        state = self.digesting()
        state.update(data)
        return state.finalize()

    def mac(self, key: bytes, data: bytes) -> bytes:
        state = hmac.HMAC(key, self._algorithm())
        state.update(data)
        return state.finalize()

    def derive(self, material: bytes, info: bytes, size: int | None = None) -> bytes:
        """HKDF (RFC 5869) of key material for one use, named by `info`."""
        kdf = HKDF(self._algorithm(), length=size or self.key_size, salt=None, info=info)
        return kdf.derive(material)

    def signer(self, key_id: str, material: bytes) -> Signer:
        """Signs under the key pair that belongs to this key of the ring."""
        make, size = self._signing
        return make(key_id, self.derive(material, b"rongdang sign", size))


AES = Suite(
    1,
    "AES-256-GCM/SHA-256/Ed25519",
    key_size=32,
    aead=AesGcm,
    algorithm=hashes.SHA256,
    signing=(Ed25519Signer, 32),
    holds=_ed25519_holds,
)
SM = Suite(
    2,
    "SM4-GCM/SM3/SM2",
    key_size=16,
    aead=Sm4Gcm,
    algorithm=hashes.SM3,
    signing=(Sm2Signer, 48),
    holds=sm2.holds,
)


def suite(number: int) -> Suite:
    """The suite of that number, as named in an envelope."""
    try:
        return Suite.known[number]
    except KeyError:
        raise damaged(f"不认识的算法套件 {number}", f"suite {number} is unknown") from None


def signature_holds(number: int, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Was the message signed by the holder of this key? Raises DamagedError for no such suite."""
    return suite(number).signature_holds(public_key, signature, message)
