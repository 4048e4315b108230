"""Split custody: a secret in shares, of which `threshold` give it back and fewer tell nothing.

Shamir (1979) over GF(2^8) with x^8+x^4+x^3+x+1, byte by byte. A share is one line of text that can
be typed from paper: its four last digits find a slip of the pen, its name keeps sets apart.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass

from rongdang.base.cipher.errors import KeyringError

WORD = "rongdang-share"


@dataclass(frozen=True, slots=True)
class Share:
    """One point (x, y) of each byte's polynomial."""

    name: str  # of the set, 8 hex digits: the same on all its shares
    threshold: int
    x: int
    y: bytes

    def to_text(self) -> str:
        body = f"{WORD} {self.name} {self.threshold} {self.x} {self.y.hex()}"
        return f"{body} {_check(body)}"

    @classmethod
    def from_text(cls, text: str) -> Share:
        """Raises KeyringError when the line is not as it was written."""
        words = text.split()
        if len(words) != 6 or words[0] != WORD or _check(" ".join(words[:5])) != words[5]:
            raise _refused(
                "这一份抄错了或不完整", "this share is not as it was written", "share-damaged"
            )
        return cls(words[1], int(words[2]), int(words[3]), bytes.fromhex(words[4]))


def split(secret: bytes, *, shares: int = 3, threshold: int = 2) -> list[Share]:
    """`shares` shares of which any `threshold` give the secret back."""
    if not 2 <= threshold <= shares <= 255:
        raise ValueError(f"{threshold} of {shares} is no split")
    name = os.urandom(4).hex()
    # Byte by byte a polynomial of its own: the secret at 0, the rest random.
    rest = [os.urandom(len(secret)) for _ in range(threshold - 1)]
    return [Share(name, threshold, x, _evaluate([secret, *rest], x)) for x in range(1, shares + 1)]


def join(shares: Sequence[Share]) -> bytes:
    """The secret; raises KeyringError for too few shares, or of different sets.

    Shares of one set with one forged give some other bytes: whoever joins tries them on the ring.
    """
    kinds = {(share.name, share.threshold, len(share.y)) for share in shares}
    if len(kinds) != 1:
        raise _refused("不是同一次拆分的", "they are not of one split", "share-foreign")
    threshold = shares[0].threshold
    points = list({share.x: share for share in shares}.values())[:threshold]
    if len(points) < threshold:
        raise _refused(
            f"要 {threshold} 份不同的", f"{threshold} different ones are needed", "share-few"
        )
    secret = bytearray(len(points[0].y))
    for share in points:
        factor = 1
        for other in points:
            if other is not share:
                factor = multiply(factor, divide(other.x, other.x ^ share.x))
        for at, y in enumerate(share.y):
            secret[at] ^= multiply(y, factor)
    return bytes(secret)


def multiply(a: int, b: int) -> int:
    """In the field; without tables, whose reading would tell of the secret by its timing."""
    product = 0
    for bit in range(8):
        product ^= a & -(b >> bit & 1)
        a = a << 1 ^ 0x11B & -(a >> 7)
    return product


def divide(a: int, b: int) -> int:
    inverse = 1
    for _ in range(254):  # b^254 = b^-1
        inverse = multiply(inverse, b)
    return multiply(a, inverse)


def _evaluate(coefficients: Sequence[bytes], x: int) -> bytes:
    value = bytes(len(coefficients[0]))
    for row in reversed(coefficients):
        value = bytes(multiply(v, x) ^ c for v, c in zip(value, row, strict=True))
    return value


def _check(body: str) -> str:
    return hashlib.sha256(body.encode()).hexdigest()[:4]


def _refused(zh: str, en: str, code: str) -> KeyringError:
    return KeyringError(
        f"密钥份额合不起来：{zh}。没有写任何文件。",
        f"The shares do not join: {en}. No file was written.",
        hint_zh="请核对每一份，再试一次。",
        hint_en="Check each share and try again.",
        code=code,
    )
