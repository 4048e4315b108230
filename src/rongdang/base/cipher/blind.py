"""Blind index: finds an encrypted value again by equality, without storing what it is.

An unkeyed hash of an identity number is no protection (a county's numbers are guessed in minutes),
so this is a MAC under a key of its own, separated by column. Not for values of few kinds.
"""

from __future__ import annotations

import unicodedata

from rongdang.base.cipher.suites import AES


def normalise(value: str) -> str:
    """One spelling for what a person would call the same: half width, upper case, no blanks."""
    return "".join(unicodedata.normalize("NFKC", value).upper().split())


def blind_index(key: bytes, column: str, value: str) -> str:
    """64 hex digits that stand for `value` in `column` ("table.column")."""
    name = column.encode()
    return AES.mac(key, len(name).to_bytes(2, "big") + name + normalise(value).encode()).hex()
