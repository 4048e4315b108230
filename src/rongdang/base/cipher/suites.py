"""Sets of algorithms. Every envelope, wrapped key and signature names its suite by number.

Suite 1: AES-256-GCM, SHA-256, Ed25519. Suite 2: SM4-GCM (GB/T 32907, RFC 8998), SM3 (GB/T 32905).
A suite is never removed: what was written with it stays readable.
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

from rongdang.base.cipher.errors import KeyringError, damaged

Buffer = bytes | bytearray | memoryview
NONCE_SIZE = 12
TAG_SIZE = 16


class Aead(ABC):
    """Authenticated encryption under one key; ciphertext is followed by its 16-byte tag."""

    @abstractmethod
    def encrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes: ...

    @abstractmethod
    def decrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        """Raises DamagedError when data, tag, nonce, AAD or key differ from what was sealed."""


class AesGcm(Aead):
    def __init__(self, key: bytes) -> None:
        self._gcm = AESGCM(key)

    def encrypt(self, nonce: bytes, data: Buffer, aad: bytes) -> bytes:
        return self._gcm.encrypt(nonce, data, aad)

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
        signs: bool,
    ) -> None:
        self.number, self.name, self.key_size = number, name, key_size
        self.aead, self._algorithm, self.signs = aead, algorithm, signs
        self.known[number] = self

    def digest(self, data: bytes) -> bytes:
        """32 bytes in both suites."""
        state = hashes.Hash(self._algorithm())
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


AES = Suite(
    1, "AES-256-GCM/SHA-256/Ed25519", key_size=32, aead=AesGcm, algorithm=hashes.SHA256, signs=True
)
SM = Suite(2, "SM4-GCM/SM3", key_size=16, aead=Sm4Gcm, algorithm=hashes.SM3, signs=False)


def suite(number: int) -> Suite:
    """The suite of that number, as named in an envelope."""
    try:
        return Suite.known[number]
    except KeyError:
        raise damaged(f"不认识的算法套件 {number}", f"suite {number} is unknown") from None


class Signer:
    """Signs with Ed25519 (RFC 8032) under a key of the ring; the seed is 32 bytes."""

    suite = AES.number

    def __init__(self, key_id: str, seed: bytes) -> None:
        self.key_id = key_id
        self._private = Ed25519PrivateKey.from_private_bytes(seed)
        self.public_key = self._private.public_key().public_bytes_raw()

    def sign(self, message: bytes) -> bytes:
        return self._private.sign(message)


def signature_holds(number: int, public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Was the message signed by the holder of this key? Raises KeyringError: no such signatures."""
    if not suite(number).signs:
        raise KeyringError(
            f"算法套件 {number} 的签名在本机无法核验。",
            f"Signatures of suite {number} cannot be checked on this machine.",
            code="no-signatures",
        )
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
