"""SM2 signatures (GB/T 32918.2) with the parameters of GB/T 32918.5, by GmSSL.

Private key 32 bytes, public key x ‖ y 64 bytes, signature DER (r, s) as in GM/T 0009, signer's
identity the default of GM/T 0009. GmSSL makes key pairs but no public key for a given private one:
that one multiplication is done here, once a key, and never with a secret of anybody else.
"""

from __future__ import annotations

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

IDENTITY = b"1234567812345678"
P = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
A = P - 3
B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
N = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
G = (
    0x32C4AE2C1F1981195F9904466A39C9948FE30BBFF2660BE1715A4589334C74C7,
    0xBC3736A2F4F6779C59BDCEE36B692153D0A9877CC62A474002DF32E52139F0A0,
)
Point = tuple[int, int] | None  # None: the point at infinity


def private_key(seed: bytes) -> bytes:
    """A key in 1 … n-2 from at least 48 even bytes, so that no value is likelier than another."""
    return (int.from_bytes(seed, "big") % (N - 2) + 1).to_bytes(32, "big")


def public_key(private: bytes) -> bytes:
    """The coordinates x ‖ y of the point that belongs to a private key."""
    scalar, sum_ = int.from_bytes(private, "big"), None
    addend: Point = G
    while scalar:
        if scalar & 1:
            sum_ = _add(sum_, addend)
        addend, scalar = _add(addend, addend), scalar >> 1
    if sum_ is None:
        raise ValueError("0 is no private key")
    return sum_[0].to_bytes(32, "big") + sum_[1].to_bytes(32, "big")


def sign(private: bytes, public: bytes, message: bytes) -> bytes:
    from gmssl_pyx import sm2_sign  # type: ignore[import-untyped]  # ships no types

    signature: bytes = sm2_sign(private, public, message, signer_id=IDENTITY)
    return signature


def holds(public: bytes, signature: bytes, message: bytes) -> bool:
    """What is not DER of two numbers in 1 … n-1, or no point of the curve, holds nothing."""
    from gmssl_pyx import GmsslInnerError, sm2_verify

    try:
        numbers = decode_dss_signature(signature)
        return (
            all(0 < number < N for number in numbers)
            and _on_curve(public)
            and bool(sm2_verify(public, message, signature, signer_id=IDENTITY))
        )
    except (ValueError, GmsslInnerError):
        return False


def _on_curve(public: bytes) -> bool:
    x, y = int.from_bytes(public[:32], "big"), int.from_bytes(public[32:], "big")
    return len(public) == 64 and max(x, y) < P and (y * y - x * x * x - A * x - B) % P == 0


def _add(one: Point, other: Point) -> Point:
    if one is None or other is None:
        return one or other
    if one[0] == other[0]:
        if (one[1] + other[1]) % P == 0:
            return None
        slope = (3 * one[0] * one[0] + A) * pow(2 * one[1], -1, P)
    else:
        slope = (other[1] - one[1]) * pow(other[0] - one[0], -1, P)
    x = (slope * slope - one[0] - other[0]) % P
    return x, (slope * (one[0] - x) - one[1]) % P
