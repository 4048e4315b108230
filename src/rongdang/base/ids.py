"""Identifiers: unique across installations, sorted by the time they were made."""

from __future__ import annotations

import datetime as dt
import os
import time
import uuid


def uuid7_from(moment: dt.datetime) -> uuid.UUID:
    """The lowest identifier of that millisecond: what is not below it was made since."""
    return uuid.UUID(int=int(moment.timestamp() * 1000) << 80)


def uuid7() -> uuid.UUID:
    """A version 7 UUID (RFC 9562, 5.7): 48 bits of milliseconds, then 74 random bits."""
    milliseconds = time.time_ns() // 1_000_000
    tail = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | tail
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return uuid.UUID(int=value)


def uuid7_beside(other: uuid.UUID) -> uuid.UUID:
    """A new one whose last 16 bits are another's: both fall into the same folder of the store."""
    return uuid.UUID(int=uuid7().int & ~0xFFFF | other.int & 0xFFFF)
